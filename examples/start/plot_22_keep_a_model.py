"""
Keep a model, and hand it on
============================

After a comparison the best model is what you want to keep: to classify new pictures
tomorrow, and to give to somebody else. It fits into one file that holds no code, with a
card that says what it was trained on and how good it is.
"""

import tempfile
from pathlib import Path

import onnxruntime
from PIL import Image

from skfer import make_hog_svm, make_lbp_svm
from skfer.datasets import audit_images, make_faces
from skfer.inspection import ConfusionFacesDisplay
from skfer.model_selection import compare_pipelines, make_calibrated
from skfer.persistence import (
    ModelCard,
    OnnxParity,
    export_onnx,
    load_model,
    read_card,
    save_model,
)
from skfer.prediction import classify_images, evaluate_model, list_pictures

folder = Path(tempfile.mkdtemp())

# %%
# Compare, and save the best
# --------------------------
# `make_calibrated` gives support vector machines probabilities. The model that is saved
# is fitted again on all pictures; the results on its card are those of the comparison.

faces = make_faces(
    210, classes=["happy", "sad", "surprise"], n_subjects=30, noise=0.2, random_state=0
)
comparison = compare_pipelines(
    {
        "hog-svm": make_calibrated(make_hog_svm(image_size=24)),
        "lbp-svm": make_lbp_svm(image_size=24),
    },
    faces,
    cv=5,
)
card: ModelCard = save_model(
    comparison, folder / "smile.skfer", audit=audit_images(faces), notes="For a game."
)
print(card.to_markdown())

# %%
# The same in a terminal: ``skfer compare faces --save smile.skfer``, then ``skfer show
# smile.skfer``.
#
# Load it, anywhere
# -----------------
# Whoever gets the file reads the card first, without loading the model. Loading runs
# nothing that is in the file, and a file that was changed is refused.

print(read_card(folder / "smile.skfer").fitted_on)
model = load_model(folder / "smile.skfer")

damaged = bytearray((folder / "smile.skfer").read_bytes())
damaged[1000] ^= 1
(folder / "damaged.skfer").write_bytes(damaged)
try:
    load_model(folder / "damaged.skfer")
except ValueError as error:
    refused = str(error)
print(refused.replace(str(folder), "..."))

# %%
# Without Python
# --------------
# The same model as ONNX runs wherever ONNX Runtime does, without skfer. (``skfer export
# smile.skfer -o smile.onnx``)

parity: OnnxParity = export_onnx(model, folder / "smile.onnx", X=faces.images[:50])
print(parity)

session = onnxruntime.InferenceSession(folder / "smile.onnx")
(labels,) = session.run(["label"], {"images": faces.images[:50, :, :, None]})
print(labels[:5])

# %%
# New pictures
# ------------
# `list_pictures` finds all files and frames of folders and videos, `classify_images`
# gives a row for each of them. (``skfer predict smile.skfer holiday -o table.csv``)

holiday = folder / "holiday"
holiday.mkdir()
for number, image in enumerate(make_faces(4, random_state=1).images):
    Image.fromarray(image).save(holiday / f"{number}.png")
(holiday / "notes.txt").write_text("This is no picture.")
results = classify_images(model, list_pictures(holiday))
for path, label, status in zip(
    results.paths, results.predicted, results.status, strict=True
):
    print(Path(path).name, label, status)

# %%
# Pictures with labels that the model has not seen tell how good it is there.
# (``skfer evaluate smile.skfer others``)

others = make_faces(
    90, classes=["happy", "sad", "surprise"], n_subjects=30, noise=0.3, random_state=2
)
tested = evaluate_model(model, others, name="on noisier drawings")
print(tested.verdict)
ConfusionFacesDisplay.from_estimator(model, others.images, others.target)

# %%
# **Conclusion.** Compare, save, show the card, and hand the file on. The card says what
# the model was trained on, on how many people and pictures it was tested, and what that
# does not show: on noisier drawings the same model is worse. A file that was changed on
# the way is refused.

# sphinx_gallery_start_ignore
assert (
    model.predict(others.images).tolist()
    == tested.predictions["on noisier drawings"].tolist()
)
assert "SHA-256" in refused
assert parity.n_equal_labels == 50 and parity.largest_difference < 1e-4
assert results.status.tolist()[:4] == [""] * 4 and "holds text" in results.status[4]
assert 0.4 < tested.scores["on noisier drawings"].accuracy < card.scores["accuracy"]
# sphinx_gallery_end_ignore
