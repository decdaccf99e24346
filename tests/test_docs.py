"""The site says what the code does: pages run, names and links agree."""

import ast
import doctest
import importlib
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import skfer
from skfer import _archives, _validation
from skfer.demo import _answer, _make_app
from skfer.faces import _find_faces
from skfer.inspection import _tested_pictures
from skfer.neural import _persistence
from skfer.persistence import _check_parts

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
GUIDE = sorted((DOCS / "guide").glob("*.md"))
GALLERY = sorted((ROOT / "examples").rglob("plot_*.py"), key=lambda page: page.name)
PAGES = [*ROOT.glob("*.md"), *DOCS.glob("*.md"), *GUIDE]
PACKAGES = tomllib.loads((DOCS / "reference.toml").read_text())["packages"]
REPORTS = 6
SLOW = {
    "faq", "honesty", "i_want_to", "models", "network", "ten_minutes", "transfer",
    "tuning",
}  # fmt: skip
MAX_LINES = 150


def name_of(path):
    return path.stem


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=pytest.mark.slow if page.stem in SLOW else ())
        for page in GUIDE
    ],
    ids=name_of,
)
def test_the_code_of_the_guide_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # Some pages write files.
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    # A fence ends a block as an empty line does.
    text = page.read_text().replace("\n```", "\n\n```")
    examples = doctest.DocTestParser().get_doctest(text, {}, page.stem, str(page), 0)
    assert doctest.DocTestRunner(optionflags=flags).run(examples).failed == 0


def test_the_guide_has_code_on_every_page():
    without = {page.stem for page in GUIDE if ">>>" not in page.read_text()}
    assert without == {"index", "licences", "model_card"}


def test_the_guide_has_a_figure_on_every_page():
    for page in GUIDE:
        shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text())
        assert shown, page
        assert all((page.parent / file).is_file() for file in shown)


def test_the_reference_lists_every_public_name_once():
    for package in PACKAGES:
        module = importlib.import_module(package["module"])
        # A registry for other parts of skfer.
        public = set(module.__all__) - {"FAMILIES"}
        assert sorted(package["names"]) == sorted(public), package["module"]
    listed = {name for package in PACKAGES for name in package["names"]}
    packages = {package["module"].partition(".")[2] for package in PACKAGES} | {"cli"}
    assert set(skfer.__all__) - packages <= listed


def test_every_public_object_is_used_in_the_gallery():
    used = {
        node.id if isinstance(node, ast.Name) else node.name
        for page in GALLERY
        for node in ast.walk(ast.parse(page.read_text()))
        if isinstance(node, ast.Name | ast.alias)
    }
    names = {name for package in PACKAGES for name in package["names"]}
    assert names <= used


@pytest.mark.parametrize("page", GALLERY, ids=name_of)
def test_gallery_pages_are_short_and_end_with_a_conclusion_that_is_checked(page):
    text = page.read_text()
    assert len(text.splitlines()) < MAX_LINES
    last = text[text.rindex("\n# %%") :]
    if page.parent.name == "reports":
        title = "# What skfer does for it today\n"
        assert last.startswith(f"\n# %%\n{title}")
        before = text[: text.rindex("\n# %%")]
        last = before[before.rindex("\n# %%\n# **Conclusion") :] + last
    assert "# **Conclusion.**" in last
    assert re.search(r"^ *(assert|np\.testing\.assert)", last, re.M)
    title, underline = text.splitlines()[1:3]
    assert set(underline) == {"="}
    assert len(underline) == len(title)


@pytest.mark.parametrize("page", GALLERY, ids=name_of)
def test_no_page_of_the_gallery_shows_an_empty_box_or_a_comment_for_tools(page):
    text = page.read_text()
    assert not re.search("# (fmt|type):", text)
    hidden = "# sphinx_gallery_start_ignore.*?# sphinx_gallery_end_ignore"
    # Code that is hidden as a whole leaves a box, unless it ends the page.
    for cell in text.split("\n# %%")[:-1]:
        shown = re.sub(hidden, "", cell, flags=re.DOTALL)
        has_code = re.search("^[^#\\s]", shown, re.M) is not None
        assert has_code or shown == cell


def test_the_limits_of_the_guide_are_those_of_the_code():
    text = (ROOT / "docs" / "guide" / "images.md").read_text()
    limits = text[text.index("## Limits") :]
    assert f"| {2 * Image.MAX_IMAGE_PIXELS / 1e6:.0f} million, twice" in limits
    unpacked, above = _archives._MAX_BYTES >> 20, _archives._MAX_BOMB_FREE >> 20
    assert f"| {unpacked} MB; above {above} MB" in limits
    assert f"also {_archives._MAX_RATIO} times" in limits
    assert f"| channels of an image | {_validation.MAX_CHANNELS} |" in limits
    upload, n_pixels = _make_app.LARGEST_UPLOAD >> 20, _answer.MOST_PIXELS // 10**6
    assert f"| {upload} MB, {n_pixels} million pixels" in limits
    assert (
        f"{_make_app._MOST_SECONDS} seconds; {_make_app._MOST_PICTURES} pict" in limits
    )
    assert f"model file | {_check_parts._LARGEST['size']:,} |" in limits
    assert f"model file | {_persistence._LARGEST_SIDE:,} pixels" in limits
    assert f"{_find_faces.LARGEST_SIDE:,} pixels" in limits
    assert f"holds {_tested_pictures._MAX_BYTES // 10**6} MB" in limits


def test_each_report_has_its_page():
    titles = [page.read_text().splitlines()[1] for page in GALLERY]
    reports = [title for title in titles if title.startswith("Report ")]
    assert [int(title[7]) for title in reports] == list(range(1, REPORTS + 1))


@pytest.mark.slow
def test_the_example_on_a_dask_cluster_runs():
    """As a script, because Dask leaves its thread limits in the environment."""
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "methods" / "plot_09_dask.py"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "processes, best score" in done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if "://" in target or target.startswith("<"):
            continue
        path = (page.parent / target).resolve()
        gallery = re.search(r"gallery/(\w+/plot_\w+)\.rst$", target)
        if gallery:
            path = ROOT / "examples" / f"{gallery[1]}.py"
        if path.is_relative_to(ROOT / "skfer"):  # Which may be installed elsewhere.
            path = Path(skfer.__file__).parent / path.relative_to(ROOT / "skfer")
        assert path.exists(), target


def test_make_targets_that_pages_name_exist():
    makefile = (ROOT / "Makefile").read_text()
    for page in PAGES:
        for target in re.findall(r"(?:^|`)make ([a-z]+(?:-[a-z]+)*)", page.read_text()):
            assert re.search(rf"^{target}:", makefile, re.M), (page, target)


@pytest.mark.parametrize("name", ["faces.png", "logo.png"])
def test_the_pictures_are_what_make_faces_draws(name):
    draw = runpy.run_path(str(DOCS / "make_picture.py"))["PICTURES"][name]
    shown = np.asarray(Image.open(DOCS / "_static" / name))
    difference = np.abs(shown.astype(int) - draw())
    assert difference.max() <= 2


def test_the_workflows_call_targets_of_the_makefile():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    for file in (ROOT / ".github" / "workflows").glob("*.yml"):
        text = file.read_text()
        (listed,) = re.findall(r"target: \[(.*)\]", text)
        called = {*re.findall(r"run: make ([a-z-]+)", text), *listed.split(", ")}
        assert len(called) > 5 and called <= targets
        assert "pip install" not in text


def test_the_guide_lists_every_extra():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    rows = re.findall(r"^\| (`.*`) \|", (DOCS / "guide/install.md").read_text(), re.M)
    listed = {name for row in rows for name in re.findall(r"`([a-z]+)`", row)}
    assert listed == set(project["optional-dependencies"])
