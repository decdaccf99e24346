"""The network that skfer ships, ready to predict."""

import pickle

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from skimage import data
from sklearn.base import clone

from skfer import load_pretrained
from skfer.datasets import load_image_folder
from skfer.faces import FaceCropper
from skfer.inspection import TrainingHistoryDisplay, explain
from skfer.model_selection import compare_pipelines
from skfer.neural._weights import read_weights

CLASSES = ["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"]


@pytest.fixture(scope="module")
def trained():
    return load_pretrained()


def test_files_and_images_of_any_size(trained, face_folder):
    paths = load_image_folder(face_folder).paths[:5]
    images = [np.asarray(Image.open(path)) for path in paths]
    shares = trained.predict_proba(paths)
    assert trained.classes_.tolist() == CLASSES
    assert shares.shape == (5, 7)
    np.testing.assert_allclose(trained.predict_proba(images), shares, atol=1e-6)
    large = [np.kron(image, np.ones((3, 3), np.uint8)) for image in images]
    assert trained.predict(large).shape == (5,)


@pytest.fixture(scope="module")
def few(faces):
    return faces.images[:20]


@pytest.mark.slow
def test_a_prior_is_the_rule_of_bayes(trained, few):
    learnt = np.array([read_weights().card["prior"][name] for name in CLASSES])
    assert abs(learnt.sum() - 1) < 1e-3
    wanted = dict(zip(CLASSES, [1, 2, 3, 1, 2, 3, 4], strict=True))
    corrected = load_pretrained(prior=wanted)
    # Of one view, because the mean of two is not a softmax.
    for model in (trained, corrected):
        model[-1].estimator.set_params(test_time_augmentation=None)
    expected = trained.predict_proba(few) * list(wanted.values()) / learnt
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(corrected.predict_proba(few), expected, atol=1e-5)
    even, alike = (
        load_pretrained(prior=prior).predict_proba(few)
        for prior in ("even", dict.fromkeys(CLASSES, 3))
    )
    np.testing.assert_allclose(even, alike, atol=1e-6)


@pytest.mark.slow
def test_an_expression_that_does_not_occur_is_never_said(few):
    model = load_pretrained(prior={"happy": 0.5, "sad": 0.5, "fear": 0})
    shares = model.predict_proba(few)
    np.testing.assert_allclose(shares[:, [3, 5]].sum(axis=1), 1, rtol=1e-5)
    assert set(model.predict(few)) <= {"happy", "sad"}
    np.testing.assert_array_equal(shares[:, [0, 1, 2, 4, 6]], 0)
    counted = load_pretrained(prior=pd.Series({"happy": 30, "sad": 30}))
    np.testing.assert_allclose(counted.predict_proba(few), shares, atol=1e-6)
    again = pickle.loads(pickle.dumps(model)).predict_proba(few)
    np.testing.assert_allclose(again, shares, atol=1e-6)
    assert np.isfinite(explain(model, few[0], method="gradcam")).all()


@pytest.mark.slow
def test_neither_a_clone_nor_a_fit_loses_the_network(faces):
    model = load_pretrained()
    expected = model.predict_proba(faces.images)
    again = clone(model).fit(faces.images, faces.target)
    np.testing.assert_array_equal(again.predict_proba(faces.images), expected)
    comparison = compare_pipelines({"as it is": model}, faces, cv=2)
    # Copies are tested on once.
    right = np.mean(model.predict(faces.images) == faces.target)
    assert comparison.scores["as it is"].score == pytest.approx(right, abs=0.02)
    with pytest.raises(ValueError, match="keeps no history"):
        TrainingHistoryDisplay.from_estimator(model)


@pytest.mark.parametrize(
    "prior",
    [
        "odd", None, {}, {"happy": 0}, {"happy": -1, "sad": 2}, {"happy": np.nan},
        {"happiness": 1}, {"happy": np.inf}, {"happy": "many"}, {"happy": [1, 2]},
        np.ones(7), 0.5,
    ],
)  # fmt: skip
def test_other_priors_are_refused(prior):
    with pytest.raises(ValueError, match=r"load_pretrained got prior=.*'angry', 'di"):
        load_pretrained(prior=prior)


def test_faces_are_cut_out_first():
    assert isinstance(load_pretrained(faces=True)[0], FaceCropper)


def test_a_smile_in_a_photograph_is_seen():
    photo = data.astronaut()
    shares = load_pretrained(faces=True).predict_proba([photo, photo[:, ::-1]])
    # Her face is a small part of it.
    assert (shares[:, CLASSES.index("happy")] > 0.9).all()
    assert (load_pretrained(prior="even", faces=True).predict([photo]) == "happy").all()
