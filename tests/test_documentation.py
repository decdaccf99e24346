"""Diagrams of estimators lead to skfer's own pages."""

import importlib
import pkgutil
import re

import pytest
from sklearn.base import BaseEstimator
from sklearn.utils import estimator_html_repr

import skfer
from skfer import make_cnn, make_hog_svm, make_lbp_svm
from skfer._documentation import PAGES

PACKAGES = [
    importlib.import_module(f"skfer.{module.name}")
    for module in pkgutil.iter_modules(skfer.__path__)
    if module.ispkg and module.name != "cli"
]


@pytest.mark.parametrize("make", [make_cnn, make_hog_svm, make_lbp_svm])
def test_every_step_of_a_pipeline_links_to_its_page(make):
    links = re.findall(r'href="([^"]+)"', estimator_html_repr(make()))
    ours = {link.removeprefix(PAGES) for link in links if link.startswith(PAGES)}
    expected = {"preprocessing.ImageLoader", "preprocessing.GrayscaleResizer"}
    expected |= {
        make_cnn: {"neural.CNNClassifier"},
        make_hog_svm: {"features.HOGTransformer"},
        make_lbp_svm: {"features.LBPTransformer"},
    }[make]
    assert {link.partition("#")[0] for link in ours} == {
        f"skfer.{name}.html" for name in expected
    }
    assert any("scikit-learn.org" in link for link in links)


def test_every_public_estimator_links_to_the_package_it_is_in():
    classes = {
        name: thing
        for package in PACKAGES
        for name, thing in vars(package).items()
        if isinstance(thing, type) and issubclass(thing, BaseEstimator)
    }
    assert {"CNNClassifier", "SelectiveClassifier", "FaceCropper"} <= set(classes)
    for name, thing in classes.items():
        page = thing.__new__(thing)._get_doc_link().removeprefix(PAGES)
        assert page == f"skfer.{thing.__module__.split('.')[1]}.{name}.html"


def test_classes_of_users_do_not_link_to_pages_that_are_not_there():
    class Mine(skfer.CNNClassifier):
        pass

    assert Mine()._get_doc_link() == ""
