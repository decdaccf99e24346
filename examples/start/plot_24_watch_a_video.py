"""
Watch a webcam or a video
=========================

``skfer watch`` shows in the terminal what a model sees in the webcam, or in a video
while it plays. One frame alone is easily misread; a mean over 0.4 seconds changes
less often. Here a video of drawn faces stands for the webcam.
"""

import itertools
import tempfile
from pathlib import Path

import av
import matplotlib.pyplot as plt
import numpy as np

from skfer import make_hog_svm
from skfer.datasets import make_faces
from skfer.inspection import TimelineDisplay
from skfer.model_selection import make_calibrated
from skfer.prediction import WatchedFrame, watch

# %%
# A model
# -------

faces = make_faces(140, classes=["happy", "sad"], noise=0.3, random_state=0)
model = make_calibrated(make_hog_svm(image_size=24)).fit(faces.images, faces.target)

# %%
# A video
# -------
# Three seconds in which somebody is happy, then sad, then happy again. The camera is a
# bad one: its noise differs from frame to frame.

moods = ["happy"] * 12 + ["sad"] * 12 + ["happy"] * 12
drawn = make_faces(400, classes=["happy", "sad"], noise=0.3, random_state=1)
left = {mood: list(np.flatnonzero(drawn.target == mood)) for mood in ("happy", "sad")}

folder = tempfile.TemporaryDirectory()
video = Path(folder.name) / "video.mp4"
with av.open(str(video), "w") as container:
    stream = container.add_stream("mpeg4", rate=12)
    stream.height = stream.width = 48
    stream.bit_rate = 4_000_000
    for mood in moods:
        image = drawn.images[left[mood].pop()]
        frame = av.VideoFrame.from_ndarray(image, format="gray8")
        container.mux(stream.encode(frame.reformat(format="yuv420p")))
    container.mux(stream.encode())

# %%
# Watch it
# --------
# `watch` plays the video at its own speed and yields an answer to the newest frame;
# what comes while the model is busy is skipped. ``watch(model, 0)`` takes the first
# webcam.

alone: list[WatchedFrame] = list(watch(model, video))
smooth = list(watch(model, video, smoothing=0.4))
latency = 1000 * np.median([frame.latency for frame in alone])
print(f"{len(alone)} frames, {latency:.0f} ms from a frame to its answer")


def count_changes(frames):
    """Count how often the label is another than in the frame before."""
    labels = [frame.label for frame in frames]
    return sum(a != b for a, b in itertools.pairwise(labels))


print("the label changes:", count_changes(alone), "times;", end=" ")
print("smoothed:", count_changes(smooth), "times")

# %%
# The same in a figure: above each frame alone, below the mean over 0.4 seconds.

figure, axes = plt.subplots(2, 1, figsize=(7, 5), sharex=True, layout="constrained")
for ax, title, frames in zip(
    axes, ("each frame alone", "smoothed"), (alone, smooth), strict=True
):
    shares = np.array([frame.probability for frame in frames])
    seconds = [frame.seconds for frame in frames]
    TimelineDisplay(seconds, shares, model.classes_.tolist()).plot(ax=ax)
    ax.set_title(title)
axes[0].set_xlabel("")

# %%
# **Conclusion.** ``skfer watch smile.skfer --smoothing 0.4`` is all it takes. The mean
# follows a change of the mood a few frames late, and does not follow single frames.

# sphinx_gallery_start_ignore
folder.cleanup()
assert count_changes(alone) > count_changes(smooth) >= 2
assert all(frame.status == "" for frame in smooth)
assert sum(frame.n_skipped for frame in alone) + len(alone) == len(moods)
# sphinx_gallery_end_ignore
