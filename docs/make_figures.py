"""Draw the figures of the guide: ``python docs/make_figures.py``, a few minutes.

Names after it draw only these, for instance ``faq licences``.
"""

import os
import re
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import matplotlib

matplotlib.use("agg")

import numpy as np
from matplotlib import pyplot
from matplotlib.ticker import PercentFormatter
from PIL import Image
from rich.console import Console
from rich.text import Text
from skimage.data import astronaut
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score

from skfer import (
    CNNClassifier,
    FaceAugmentation,
    load_pretrained,
    make_hog_svm,
    make_lbp_svm,
    make_transfer,
)
from skfer import _figure_style as style
from skfer.datasets import make_faces
from skfer.faces import FaceDetector
from skfer.features import HOGTransformer
from skfer.inspection import (
    ComparisonDisplay,
    ConfusionFacesDisplay,
    ExplanationDisplay,
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


def draw_readme():
    """Draw models with their intervals, and beside it what the best takes for what."""
    models = {"transfer": make_transfer(), "hog-svm": make_hog_svm(),
              "lbp-svm": make_lbp_svm()}  # fmt: skip
    comparison = compare_pipelines(models, FACES, cv=4)
    print(comparison.verdict)
    figure, (left, right) = pyplot.subplots(
        1, 2, figsize=(11, 5), layout="constrained", width_ratios=(1, 1.1)
    )
    ComparisonDisplay.from_comparison(comparison, ax=left)
    best = models[comparison.best_name].fit(TRAIN.images, TRAIN.target)
    ConfusionFacesDisplay.from_estimator(best, TEST.images, TEST.target, ax=right)
    return SimpleNamespace(figure_=figure)


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


def draw_model_card():
    """Draw what the network that skfer ships says of a photograph, and looks at."""
    model = load_pretrained(faces=True)
    return ExplanationDisplay.from_estimator(model, astronaut())


def draw_faq():
    """Draw the accuracy of one model on what it knows, on copies, and on new people."""
    faces = make_faces(350, n_subjects=25, noise=0.2, n_copies=80, random_state=0)
    X, y, model = faces.images, faces.target, make_hog_svm(image_size=32)
    honest = cross_val_score(model, X, y, groups=faces.groups, cv=LeakFreeKFold(5))
    shuffled = StratifiedKFold(5, shuffle=True, random_state=0)
    bars = {
        "on the training pictures": model.fit(X, y).score(X, y),
        "on a random part: copies and people on both sides": cross_val_score(
            model, X, y, cv=shuffled
        ).mean(),
        "on new people, without copies": honest.mean(),
    }
    figure, axes = pyplot.subplots(figsize=(7.2, 2.4), layout="constrained")
    colors = (style.TRAINING, style.TRAINING, style.TEST)
    shown = axes.barh(list(bars), list(bars.values()), color=colors)
    axes.bar_label(shown, [f"{value:.0%}" for value in bars.values()], padding=4)
    axes.invert_yaxis()
    axes.set(
        xlim=(0, 1.2),
        xticks=np.arange(0, 1.1, 0.2),
        xlabel="accuracy of the same model",
    )
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    return SimpleNamespace(figure_=figure)


def draw_licences():
    """Draw what is made from what."""
    figure, axes = pyplot.subplots(figsize=(7.2, 2.9), layout="constrained")
    boxes = {
        (0, 2): "FER-2013\npictures found on the web",
        (0, 1): "FER+ votes\nMIT licence",
        (0, 0): "your own pictures",
        (1, 1.5): "the network that skfer ships\nits card says what it must not do",
        (1, 0): "detectors of MediaPipe\nApache 2.0, in skfer[faces]",
        (2, 0.75): "your model, in a file\nno picture is inside",
    }
    for (x, y), text in boxes.items():
        axes.text(
            x, y, text, ha="center", va="center", fontsize=9,
            bbox={"boxstyle": "round,pad=0.6", "facecolor": "white"},
        )  # fmt: skip
    links = [((0, 2), (1, 1.5)), ((0, 1), (1, 1.5)), ((1, 1.5), (2, 0.75)),
              ((0, 0), (2, 0.75)), ((1, 0), (2, 0.75))]  # fmt: skip
    for start, end in links:
        axes.plot(*zip(start, end, strict=True), color="0.6", zorder=0)
    axes.set(xlim=(-0.5, 2.5), ylim=(-0.5, 2.5))
    axes.set_axis_off()
    return SimpleNamespace(figure_=figure)


def draw_terminal(*commands):
    """Return an SVG of what commands print in an empty folder."""
    console = Console(record=True, width=92, file=StringIO())
    with tempfile.TemporaryDirectory() as folder:
        for command in commands:
            done = subprocess.run(
                [Path(sys.executable).with_name("skfer"), *command],
                cwd=folder,
                env=os.environ | {"COLUMNS": "92"},
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            console.print(Text(f"$ skfer {' '.join(command)}\n{done.stdout}"))
    svg = console.export_svg(title="skfer")
    # The site loads nothing from elsewhere.
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code, monospace", "monospace")


TERMINALS = {
    "commands": [["compare", "--models", "hog-svm", "lbp-svm"]],
    "install": [["--version"], ["--help"]],
}
FIGURES = {
    "images": draw_images,
    "faces": draw_faces,
    "features": draw_features,
    "network": draw_network,
    "tuning": draw_tuning,
    "honesty": draw_honesty,
    "transfer": draw_transfer,
    "readme": draw_readme,
    "models": draw_models,
    "scaling": draw_scaling,
    "model_card": draw_model_card,
    "faq": draw_faq,
    "licences": draw_licences,
}

if __name__ == "__main__":
    wanted = sys.argv[1:] or [*FIGURES, *TERMINALS]
    for name in (name for name in wanted if name in FIGURES):
        file = STATIC / f"guide_{name}.png"
        FIGURES[name]().figure_.savefig(file, dpi=110)
        colours = np.asarray(Image.open(file).convert("RGB"))
        Image.fromarray(colours).quantize(128).save(file, optimize=True)
        print(file.name)
    for name in (name for name in wanted if name in TERMINALS):
        file = STATIC / f"guide_{name}.svg"
        file.write_text(draw_terminal(*TERMINALS[name]))
        print(file.name)
