"""The rules of the house: floors, sizes, names, one place for versions."""

import ast
import importlib
import re
from pathlib import Path

import pytest

import skfer

ROOT = Path(__file__).parents[1]
# Where skfer is imported from: this checkout, or in `make test-wheel` elsewhere.
HOUSE = Path(skfer.__file__).parents[1]
MODULES = sorted((HOUSE / "skfer").rglob("*.py"))
OTHERS = [p for room in ("tests", "benchmarks") for p in (ROOT / room).rglob("*.py")]


def relative(path):
    return str(path.relative_to(HOUSE if path in MODULES else ROOT))


def test_floors_import_only_from_below(monkeypatch):
    from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

    monkeypatch.chdir(ROOT)
    assert lint_imports(cache_dir=None) == EXIT_STATUS_SUCCESS


@pytest.mark.parametrize("path", [*MODULES, *sorted(OTHERS)], ids=relative)
def test_no_module_is_longer_than_400_lines(path):
    assert len(path.read_text().splitlines()) <= 400


def test_the_median_module_is_short():
    lengths = sorted(len(path.read_text().splitlines()) for path in MODULES)
    assert lengths[len(lengths) // 2] <= 200


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_one_public_class_per_module(path):
    tree = ast.parse(path.read_text())
    public = [
        node.name
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    # Records and protocols that only serve the module's class may stand beside it.
    helpers = {
        "Finding",
        "Pair",
        "Score",
        "Progress",
        "Samples",
        "UnreadableImageError",
    }
    assert len(set(public) - helpers) <= 1


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_each_public_name_has_its_test_beside(path):
    room = ".".join(path.relative_to(HOUSE).with_suffix("").parts[:-1])
    public = set(importlib.import_module(room).__all__)
    defined = {
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
    }
    folder = ROOT / "tests" / path.parent.relative_to(HOUSE / "skfer")
    test = folder / f"test_{path.stem.lstrip('_')}.py"
    assert test.exists() or not defined & public


def test_the_stub_lists_what_is_there():
    for name in skfer.__all__:
        assert getattr(skfer, name).__doc__, name
    assert skfer.__all__ == sorted(skfer.__all__)


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_private_names_of_scikit_learn_come_through_one_door(path):
    if path.name == "_sklearn.py":
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("sklearn"):
            private = [a.name for a in node.names if a.name.startswith("_")]
            assert not private
            assert "._" not in node.module


def test_tools_are_pinned_in_one_place_only():
    pin = re.compile(r"(ruff|mypy|import-linter)[^\n]{0,20}[=v]\d")
    for name in (".pre-commit-config.yaml", "Makefile", "CONTRIBUTING.md", ".ci/run"):
        assert not pin.search((ROOT / name).read_text()), name
    assert len(pin.findall((ROOT / "pyproject.toml").read_text())) == 3


def test_no_package_index_is_named():
    pairs = [("index", "url"), ("extra", "index"), ("find", "links")]
    words = re.compile("|".join("-".join(pair) for pair in pairs))
    for name in ("pyproject.toml", "Makefile", ".ci/run", "README.md"):
        assert not words.search((ROOT / name).read_text()), name
