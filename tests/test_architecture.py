"""The rules of the code: layers, sizes, names, one place for versions."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

import skfer
from skfer import inspection, model_selection

ROOT = Path(__file__).parents[1]
# Where skfer is imported from: this checkout, or in `make release-check` elsewhere.
INSTALLED = Path(skfer.__file__).parents[1]
MODULES = sorted((INSTALLED / "skfer").rglob("*.py"))
OTHERS = [p for name in ("tests", "benchmarks") for p in (ROOT / name).rglob("*.py")]
PAGE = (ROOT / "docs" / "architecture.md").read_text()
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
LAYERS = CONTRACTS["contracts"][0]["layers"]


def relative(path):
    return str(path.relative_to(INSTALLED if path in MODULES else ROOT))


def test_layers_import_only_from_below(monkeypatch):
    from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

    monkeypatch.chdir(ROOT)
    assert lint_imports(cache_dir=None) == EXIT_STATUS_SUCCESS


def test_the_contracts_see_who_imports_keras():
    """Were Keras imported by its name in a string, no contract could see it."""
    graph = grimp.build_graph("skfer", include_external_packages=True, cache_dir=None)
    backends = {
        name: graph.find_modules_that_directly_import(name)
        for name in ("keras", "scikeras", "tensorflow", "torch")
    }
    assert backends["scikeras"] == {"skfer.neural._scikeras"}
    assert {name.rpartition(".")[0] for name in backends["keras"]} == {"skfer.neural"}
    assert len(backends["keras"]) > 5
    assert backends["tensorflow"] == backends["torch"] == {"skfer.neural._backend"}
    call = re.compile(r"import_module\(.(keras|scikeras|tensorflow|jax|torch)")
    by_name = [path.name for path in MODULES if call.search(path.read_text())]
    assert by_name == []


def drawn_layers():
    """Names of the packages and modules in the drawing, from top to bottom."""
    (block,) = re.findall(r"## Layers.*?```text\n(.*?)```", PAGE, re.S)
    return re.findall(r"^  (\w+)(?:/|\.py)", block, re.M)


def test_the_drawing_of_the_layers_is_that_of_the_contract():
    contract = [name.strip() for layer in LAYERS for name in layer.split("|")]
    assert drawn_layers() == [name.removeprefix("skfer.") for name in contract]
    there = {
        path.name.removesuffix(".py")
        for path in (INSTALLED / "skfer").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert set(drawn_layers()) == there - {"__init__"}


def test_the_data_flow_is_that_of_the_code():
    """Every name in the drawing exists where it says, and the way goes one way."""
    (block,) = re.findall(r"## Data flow.*?```text\n(.*?)```", PAGE, re.S)
    step = re.compile(r"(\w+): (\w+(?:, \w+)*)")
    lines = block.splitlines()
    found = [one for line in lines for one in step.findall(line)]
    way = [one for line in lines if "├" not in line for one in step.findall(line)]
    packages = [name for name in dict.fromkeys(dict(way)) if name in drawn_layers()]
    # All packages, each after those that it imports from.
    assert packages == [name for name in drawn_layers()[::-1] if name[0] != "_"]
    for package, names in found:
        if package in packages:
            module = importlib.import_module(f"skfer.{package}")
            for name in names.split(", "):
                assert hasattr(module, name), (package, name)


@pytest.mark.parametrize(
    "package",
    [
        pytest.param(name, marks=pytest.mark.slow if name != "cli" else ())
        for name in drawn_layers()
        if not name.startswith("_")
    ],
)
def test_a_package_loads_alone_and_nothing_heavy(package):
    heavy = {"keras", "scikeras", "tensorflow", "jax", "torch", "matplotlib", "pandas"}
    code = (
        f"import sys, skfer.{package}\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    # scikit-learn imports pandas by itself where it is installed.
    hidden = "import sys; sys.modules['pandas'] = None\n"
    done = subprocess.run(
        [sys.executable, "-c", hidden + code],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert set(done.stdout.split()) & heavy <= {"pandas"}


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
        "Explained",
        "Family",
        "CroppedFaces",
        "Prepared",
        "Progress",
        "Samples",
        "UnreadableImageError",
    }
    assert len(set(public) - helpers) <= 1


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_each_public_name_has_its_test_beside(path):
    package = ".".join(path.relative_to(INSTALLED).with_suffix("").parts[:-1])
    public = set(importlib.import_module(package).__all__)
    defined = {
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
    }
    folder = ROOT / "tests" / path.parent.relative_to(INSTALLED / "skfer")
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


SPLITTERS_AND_DISPLAYS = ["LeakFreeKFold", "LeakFreeShuffleSplit"] + [
    name for name in inspection.__all__ if name.endswith("Display")
]


def list_parameters(tree):
    """Return the name and the parameters of each function."""
    return [
        (node.name, {one.arg for one in [*node.args.args, *node.args.kwonlyargs]})
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    ]


@pytest.mark.parametrize("name", SPLITTERS_AND_DISPLAYS)
def test_a_parameter_is_taken_in_three_places_at_most(name):
    """Whoever adds one changes one module: where it comes in, and where it is kept."""
    cls = getattr(inspection, name, None) or getattr(model_selection, name)
    tree = ast.parse(Path(inspect.getfile(cls)).read_text())
    takers = dict(list_parameters(tree))
    public = [name for name in takers if name.startswith(("__init__", "from_"))]
    assert "__init__" in public
    parameters = set().union(*(takers[name] for name in public))
    # Axes are handed to whatever draws on them.
    for parameter in parameters - {"self", "cls", "ax"}:
        assert sum(parameter in taken for taken in takers.values()) <= 3, parameter


def test_a_parameter_of_the_comparison_is_taken_in_three_places_at_most():
    """From the call over the fold to the record, and no helper in between."""
    folder = Path(model_selection.__file__).parent
    parts = ("_compare_pipelines", "_fold_run", "_loaded_images", "_comparison")
    trees = {part: ast.parse((folder / f"{part}.py").read_text()) for part in parts}
    takers = [
        (f"{part}.{name}", taken)
        for part, tree in trees.items()
        for name, taken in list_parameters(tree)
    ]
    parameters = inspect.signature(model_selection.compare_pipelines).parameters
    assert len(parameters) >= 11
    for parameter in parameters:
        places = [name for name, taken in takers if parameter in taken]
        assert 1 <= len(places) <= 3, (parameter, places)
