"""Diagrams of estimators lead to skfer's own pages."""

import re

import pytest
from sklearn.base import BaseEstimator
from sklearn.utils import estimator_html_repr

import skfer
from skfer import make_cnn, make_hog_svm, make_lbp_svm
from skfer._documentation import PAGES


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
    for name in skfer.__all__:
        thing = getattr(skfer, name)
        if isinstance(thing, type) and issubclass(thing, BaseEstimator):
            page = thing.__new__(thing)._get_doc_link().removeprefix(PAGES)
            package = thing.__module__.split(".")[1]
            assert page == f"skfer.{package}.{name}.html"


def test_classes_of_users_do_not_link_to_pages_that_are_not_there():
    class Mine(skfer.CNNClassifier):
        pass

    assert Mine()._get_doc_link() == ""
