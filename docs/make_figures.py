"""Draw the figures of the guide: ``python docs/make_figures.py``, a few minutes."""

import os
import re
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

import matplotlib

matplotlib.use("agg")

import numpy as np
from PIL import Image
from rich.console import Console
from rich.text import Text
from skimage.data import astronaut
from sklearn.model_selection import GridSearchCV

from skfer import (
    CNNClassifier,
    FaceAugmentation,
    make_hog_svm,
    make_lbp_svm,
    make_transfer,
)
from skfer.datasets import make_faces
from skfer.faces import FaceDetector
from skfer.features import HOGTransformer
from skfer.inspection import (
    ComparisonDisplay,
    ConfusionFacesDisplay,
    FacesDisplay,
    FeatureDisplay,
    RiskCoverageDisplay,
    SampleFacesDisplay,
    SearchDisplay,
    TrainingHistoryDisplay,
)
from skfer.model_selection import (
    LeakFreeKFold,
    compare_pipelines,
    learning_curve_images,
    make_calibrated,
    train_test_split_images,
)

STATIC = Path(__file__).parent / "_static"
FACES = make_faces(350, n_subjects=25, noise=0.1, random_state=0)
TRAIN, TEST = train_test_split_images(FACES, test_size=0.4, random_state=0)


def draw_images():
    """Draw some faces of each class."""
    clean = make_faces(140, noise=0.01, random_state=0)
    return SampleFacesDisplay.from_images(clean.images, clean.target)


def draw_faces():
    """Find the face in a photograph in the public domain."""
    return FacesDisplay.from_image(astronaut(), FaceDetector())


def draw_features():
    """Draw what HOG sees of a face."""
    return FeatureDisplay.from_image(FACES.images[3], HOGTransformer())


def draw_network():
    """Draw a network while it learns."""
    faces = make_faces(700, noise=0.02, image_size=32, random_state=0)
    network = CNNClassifier(
        (16, 32, 64), dropout=0.2, epochs=30, early_stopping=True, n_iter_no_change=30,
        augment=FaceAugmentation(rotation=0.05, shift=0.05, zoom=0.05, erase=0),
        random_state=0,
    )  # fmt: skip
    return TrainingHistoryDisplay.from_estimator(
        network.fit(faces.images, faces.target)
    )


def draw_tuning():
    """Draw the scores of a search."""
    grid = {"classifier__C": [0.5, 5, 50], "classifier__gamma": [0.02, 0.06, 0.2]}
    search = GridSearchCV(make_hog_svm(image_size=32), grid, cv=LeakFreeKFold(4))
    search.fit(FACES.images, FACES.target, groups=FACES.groups)
    return SearchDisplay.from_cv_results(search.cv_results_)


def draw_honesty():
    """Draw two models with their intervals, and what guessing reaches."""
    models = {"hog-svm": make_hog_svm(image_size=32), "lbp-svm": make_lbp_svm()}
    return ComparisonDisplay.from_comparison(compare_pipelines(models, FACES, cv=4))


def draw_transfer():
    """Draw which expressions are taken for which."""
    model = make_transfer().fit(TRAIN.images, TRAIN.target)
    return ConfusionFacesDisplay.from_estimator(model, TEST.images, TEST.target)


def draw_models():
    """Draw how many answers are right if the unsure ones are left out."""
    folds = list(LeakFreeKFold(5).split(TRAIN))
    model = make_calibrated(make_hog_svm(image_size=32), cv=folds)
    model.fit(TRAIN.images, TRAIN.target)
    return RiskCoverageDisplay.from_estimator(model, TEST.images, TEST.target)


def draw_scaling():
    """Draw whether more images would help."""
    model = make_hog_svm(image_size=32)
    return learning_curve_images(model, FACES).plot()


def draw_terminal():
    """Return an SVG of what `skfer compare` prints of drawn faces."""
    command = ["compare", "--models", "hog-svm", "lbp-svm"]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [Path(sys.executable).with_name("skfer"), *command],
            cwd=folder,
            env=os.environ | {"COLUMNS": "92"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    console = Console(record=True, width=92, file=StringIO())
    console.print(Text(f"$ skfer {' '.join(command)}\n{done.stdout}"))
    svg = console.export_svg(title="skfer")
    # The site loads nothing from elsewhere.
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code, monospace", "monospace")


FIGURES = {
    "images": draw_images,
    "faces": draw_faces,
    "features": draw_features,
    "network": draw_network,
    "tuning": draw_tuning,
    "honesty": draw_honesty,
    "transfer": draw_transfer,
    "models": draw_models,
    "scaling": draw_scaling,
}

if __name__ == "__main__":
    for name, draw in FIGURES.items():
        file = STATIC / f"guide_{name}.png"
        draw().figure_.savefig(file, dpi=110)
        colours = np.asarray(Image.open(file).convert("RGB"))
        Image.fromarray(colours).quantize(128).save(file, optimize=True)
        print(file.name)
    (STATIC / "guide_commands.svg").write_text(draw_terminal())
