"""
Faces in photographs
====================

Photographs are not crops: shrunk to 48 pixels, a face that fills a fifth of a
photograph is ten pixels wide. Here the faces are found, cut out, and turned upright,
before anything is learnt. The photograph comes with scikit-image.
"""

import tempfile
from pathlib import Path

import av
import numpy as np
from matplotlib import pyplot as plt
from PIL import Image
from skimage import data

from skfer import FaceCropper, FaceDetector, make_hog_svm
from skfer.datasets import audit_images, make_faces, read_video
from skfer.faces import CroppedFaces, DetectedFaces
from skfer.inspection import FacesDisplay, TimelineDisplay

photo = data.astronaut()
turned = np.asarray(Image.fromarray(photo).rotate(-25, fillcolor=(128, 128, 128)))

# %%
# Where is the face?
# ------------------
# `FaceDetector` returns box, score and six points of each face, with the row of its
# photograph, so that several faces, one, or none are no special case.

found: DetectedFaces = FaceDetector().detect([photo, data.coffee()])
print(found.count, found.to_frame().round(1).iloc[0, :8].to_dict())
FacesDisplay.from_image(turned)

# %%
# One row in, one row out
# -----------------------
# `FaceCropper` is a transformer. The turned face comes out as level as the other, and
# the photograph without a face is still there.

photographs = [photo, turned, data.coffee()]
cropped: CroppedFaces = FaceCropper(96, padding=0.3).crop(photographs)
figure, axes = plt.subplots(1, 3, figsize=(7, 2.6), layout="constrained")
for ax, image, status in zip(axes, cropped.images, cropped.status, strict=True):
    ax.imshow(image)
    ax.set_title(status)
    ax.set_axis_off()

# %%
# What does it change?
# --------------------
# Drawn faces are put somewhere into a larger picture. Shrunk as a whole, little of
# their expression is left. BlazeFace is trained on photographs, not on drawings, so a
# detector of our own finds them here: any function from an image to boxes will do.

faces = make_faces(300, classes=["happy", "sad", "angry"], noise=0.0, random_state=0)
rng = np.random.default_rng(0)
places = rng.integers(0, 192, (300, 2))
scenes = np.full((300, 240, 240), 255, np.uint8)
for scene, face, (y, x) in zip(scenes, faces.images, places, strict=True):
    scene[y : y + 48, x : x + 48] = face


def find_drawing(image):
    """Return the box of all that is not nearly white."""
    y, x = np.nonzero(image[..., 0] < 230)
    return [(x.min(), y.min(), x.max() + 1, y.max() + 1)]


train, test = np.arange(0, 200), np.arange(200, 300)
scores = {}
for name, model in (("whole", make_hog_svm()), ("faces", make_hog_svm(faces=True))):
    if name == "faces":
        model.set_params(faces__detector=find_drawing, faces__padding=0.0)
    model.fit(scenes[train], faces.target[train])
    scores[name] = model.score(scenes[test], faces.target[test])
    print(f"{name}: {scores[name]:.0%} right")

# %%
# A video is a table of frames
# ----------------------------
# `read_video` names frames like files, so that any Pipeline takes them. Here a video is
# made of drawings that turn from sad to happy and back.

folder = tempfile.TemporaryDirectory()
video = Path(folder.name, "video.mp4")
moods = np.repeat(["sad", "happy", "sad"], 10)
with av.open(str(video), "w") as container:
    stream = container.add_stream("mpeg4", rate=10)
    stream.height, stream.width, stream.pix_fmt = 240, 240, "yuv420p"
    for mood in moods:
        scene = scenes[rng.choice(np.flatnonzero(faces.target == mood))]
        rgb = np.repeat(scene[..., np.newaxis], 3, axis=2)
        frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
        container.mux(stream.encode(frame))
    container.mux(stream.encode())
frames = read_video(video, every=0.1)
said = model.predict(frames.paths)
TimelineDisplay.from_estimator(model, frames)

# %%
# An audit says which photographs to look at.

audit = audit_images(photographs, detector=FaceDetector())
print(audit.summary)

# %%
# **Conclusion.** Every photograph has a row, turned faces come out upright, and a
# classifier that sees faces instead of scenes is right more often.

eyes = FaceDetector().detect(list(cropped.images[:2])).points[:, :2]
tilt = np.degrees(np.arctan2(*(eyes[:, 1] - eyes[:, 0]).T[::-1]))
print("tilt of the eyes in degrees:", tilt.round(1))
# sphinx_gallery_start_ignore
assert cropped.status.tolist() == ["found", "found", "missing"]
assert (np.abs(tilt) < 4).all()
assert scores["faces"] > scores["whole"] + 0.1
assert np.mean(said == moods) > 0.8
folder.cleanup()
assert "no face" in {finding.kind for finding in audit.findings}
# sphinx_gallery_end_ignore
