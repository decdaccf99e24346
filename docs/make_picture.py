"""Draw the pictures of the site: ``python docs/make_picture.py``.

The one of the report needs Chromium, and the report that ``make docs`` writes.
"""

import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from skfer.datasets import make_faces

STATIC = Path(__file__).parent / "_static"


def draw_faces() -> np.ndarray:
    """Return three drawn faces of each of the seven expressions, a column for each."""
    faces = make_faces(140, n_subjects=20, image_size=64, noise=0.01, random_state=4)
    columns = []
    for name in faces.target_names:
        rows = np.flatnonzero(faces.target == name)[:3]
        columns.append(np.vstack(list(faces.images[rows])))
    return np.hstack(columns)


def draw_logo() -> np.ndarray:
    """Return one happy face."""
    faces = make_faces(4, classes=["happy"], image_size=128, noise=0, random_state=7)
    return faces.images[0]


PICTURES = {"faces.png": draw_faces, "logo.png": draw_logo}


def photograph_report() -> None:
    """Save what a browser shows of the report, as wide as the front page."""
    from playwright.sync_api import sync_playwright

    report = Path(__file__).parent / "_extra" / "example-report.html"
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1000, "height": 760})
        page.goto(report.as_uri())
        page.screenshot(path=STATIC / "report.png")
        browser.close()
    Image.open(STATIC / "report.png").quantize(64).save(
        STATIC / "report.png", optimize=True
    )


if __name__ == "__main__":
    for name, draw in PICTURES.items():
        Image.fromarray(draw()).save(STATIC / name, optimize=True)
    photograph_report()
