"""Docstrings are run, and say the same about the same things."""

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
import textwrap
from functools import cached_property

import pytest

import skfer
from skfer import (
    CNNClassifier,
    FaceAugmentation,
    GrayscaleResizer,
    HOGTransformer,
    ImageLoader,
    LBPTransformer,
)

MODULES = [module.name for module in pkgutil.walk_packages(skfer.__path__, "skfer.")]
CLASSES = [
    CNNClassifier, FaceAugmentation, GrayscaleResizer, HOGTransformer, ImageLoader,
    LBPTransformer,
]  # fmt: skip
PACKAGES = ["datasets", "features", "inspection", "model_selection", "neural",
         "preprocessing"]  # fmt: skip


def list_public_objects():
    for package in PACKAGES:
        module = importlib.import_module(f"skfer.{package}")
        for name in module.__all__:
            yield pytest.param(getattr(module, name), id=f"{package}.{name}")
    for name in ("make_cnn", "make_hog_svm", "make_lbp_svm"):
        yield pytest.param(getattr(skfer, name), id=name)


# Their examples take longer than three seconds each.
SLOW = {
    "demo._make_app", "inspection._first_answers", "inspection._predictions",
    "inspection._save_comparison", "inspection._tested_pictures",
    "model_selection._comparison", "model_selection._compare_pipelines",
    "model_selection._label_issues", "model_selection._learning_curve",
    "model_selection._make_ensemble", "neural._augmentation_layer",
    "neural._cnn_classifier", "neural._grad_cam", "neural._network_features",
    "persistence._load_model", "persistence._save_model",
}  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name, marks=pytest.mark.slow if name.partition(".")[2] in SLOW else ()
        )
        for name in MODULES
    ],
)
def test_examples_run(name):
    module = importlib.import_module(name)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    assert doctest.testmod(module, optionflags=flags).failed == 0


@pytest.mark.parametrize("thing", list(list_public_objects()))
def test_every_public_object_has_a_runnable_example(thing):
    doc = inspect.getdoc(thing)
    assert ">>>" in doc
    assert "SKIP" not in doc


def described(doc, section):
    """Names and types of one section of a numpydoc docstring."""
    body = re.split(r"\n(?:[A-Z][\w ]+)\n-{3,}\n", doc)
    titles = re.findall(r"\n([A-Z][\w ]+)\n-{3,}\n", doc)
    text = dict(zip(titles, body[1:], strict=True)).get(section, "")
    found = {}
    for names, rest in re.findall(r"^(\*{0,2}\w[\w, ]*?) : (.*)$", text, re.M):
        for name in names.split(", "):
            found[name] = rest
    return found


@pytest.mark.parametrize("cls", CLASSES)
def test_parameters_and_defaults_are_those_of_the_code(cls):
    documented = described(inspect.getdoc(cls), "Parameters")
    signature = inspect.signature(cls).parameters
    assert list(documented) == list(signature)
    for name, parameter in signature.items():
        shown = re.search(r"default=(.*)$", documented[name])
        assert shown, f"{name} has no default in its docstring"
        assert eval(shown[1]) == parameter.default, name


@pytest.mark.parametrize("thing", list(list_public_objects()))
def test_function_parameters_are_documented(thing):
    if inspect.isclass(thing):
        return
    check_parameters(thing, inspect.getdoc(thing))


@pytest.mark.parametrize("thing", list(list_public_objects()))
def test_methods_are_documented_with_the_defaults_of_the_code(thing):
    if not inspect.isclass(thing):
        return
    for name, method in vars(thing).items():
        method = getattr(method, "__func__", method)  # Of class methods.
        if name.startswith("_") or not inspect.isfunction(method):
            continue
        doc = inspect.getdoc(method)
        assert doc, f"{thing.__name__}.{name}"
        if len(inspect.signature(method).parameters) > 1:
            check_parameters(method, doc)


def check_parameters(function, doc):
    """Compare names and defaults of a docstring with those of the code."""
    documented = described(doc, "Parameters")
    parameters = dict(inspect.signature(function).parameters)
    for bound in ("self", "cls", "classifier_params", "fit_params", "overrides"):
        parameters.pop(bound, None)
        documented.pop(f"**{bound}", None)
    for bare in re.findall(r"^((?:\w+, )*\w+)\n    As in ", doc, re.M):
        documented |= dict.fromkeys(bare.split(", "))
    assert set(documented) == set(parameters), function.__qualname__
    for name, parameter in parameters.items():
        text = documented[name]
        if (
            text not in (None, "ignored")
            and parameter.default is not inspect.Parameter.empty
        ):
            shown = re.search(r"default=(.*)$", text)
            assert shown, f"{function.__qualname__}: {name} has no default"
            assert eval(shown[1]) == parameter.default, (function.__qualname__, name)


def list_docstrings():
    """Docstrings of public objects and of their methods, with the code."""
    for parameter in list_public_objects():
        (thing,) = parameter.values
        yield pytest.param(thing, id=parameter.id)
        for name, method in inspect.getmembers(thing, inspect.isroutine):
            if isinstance(method, cached_property):
                continue  # A routine since Python 3.13; the class documents it.
            method = getattr(method, "__func__", method)
            own = getattr(method, "__module__", None) or ""
            if inspect.isclass(thing) and name[0] != "_" and own.startswith("skfer."):
                yield pytest.param(method, id=f"{parameter.id}.{name}")


@pytest.mark.parametrize("thing", list(list_docstrings()))
def test_arrays_have_a_shape(thing):
    # Parameters and attributes have a name before the type, what is returned may not.
    entries = re.findall(
        r"^(?:[\w*, ]+ : )?(?:array-like|ndarray).*$", inspect.getdoc(thing), re.M
    )
    assert [entry for entry in entries if " of shape (" not in entry] == []


@pytest.mark.parametrize("thing", list(list_docstrings()))
def test_errors_are_documented(thing):
    if inspect.isclass(thing):
        return
    code = textwrap.dedent(inspect.getsource(thing))
    raised = {
        getattr(node.exc.func, "id", None)
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
    }
    assert raised <= set(re.findall(r"^\w+Error$", inspect.getdoc(thing), re.M))


@pytest.mark.parametrize(
    "cls",
    [GrayscaleResizer, HOGTransformer, ImageLoader, LBPTransformer, CNNClassifier],
)
def test_documented_attributes_are_the_fitted_ones(cls, two_classes, tmp_path):
    import pandas as pd
    from PIL import Image

    documented = set(described(inspect.getdoc(cls), "Attributes"))
    if cls is ImageLoader:
        Image.new("L", (8, 8)).save(tmp_path / "a.png")
        estimator = cls().fit([tmp_path / "a.png"])
        estimator.transform([tmp_path / "a.png"])
    else:
        options = {"filters": (2,), "epochs": 1} if cls is CNNClassifier else {}
        frame = pd.DataFrame(two_classes.data)
        frame.columns = [f"pixel{i}" for i in range(256)]
        estimator = cls(**options).fit(frame, two_classes.target)
    fitted = {name for name in vars(estimator) if name.endswith("_") and name[0] != "_"}
    assert fitted - {"feature_names_in_"} == documented - {"feature_names_in_"}


def test_the_same_parameter_has_the_same_words_everywhere():
    words = {}
    for cls in CLASSES:
        doc = inspect.getdoc(cls)
        for name in ("image_shape",):
            match = re.search(rf"^{name} : .*(?:\n    .*)*", doc, re.M)
            if match:
                words.setdefault(name, set()).add(match[0])
    assert all(len(texts) == 1 for texts in words.values())
