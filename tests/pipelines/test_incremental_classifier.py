import pickle

import numpy as np
import pytest
from sklearn.decomposition import IncrementalPCA
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skfer import GrayscaleResizer, HOGTransformer
from skfer.datasets import make_faces
from skfer.pipelines import IncrementalClassifier
from skfer.preprocessing import CachedArray

RNG = np.random.default_rng(0)
LABELS = np.repeat(["a", "b", "c"], 100)
DATA = RNG.normal(size=(300, 6)) + 2 * RNG.normal(size=(3, 6))[np.arange(300) // 100]


def scale_and_sgd(**params):
    model = make_pipeline(StandardScaler(), SGDClassifier(random_state=0))
    return IncrementalClassifier(model, random_state=0, **params)


def test_a_scaler_sees_all_samples_once_and_a_classifier_every_epoch():
    # Counts and sums do not depend on the order, so that both must agree.
    model = make_pipeline(StandardScaler(), GaussianNB())
    mine = IncrementalClassifier(model, batch_size=64, epochs=1).fit(DATA, LABELS)
    scaler, bayes = mine.estimator_
    assert scaler.n_samples_seen_ == 300
    np.testing.assert_allclose(scaler.mean_, DATA.mean(axis=0), atol=1e-12)
    expected = make_pipeline(StandardScaler(), GaussianNB()).fit(DATA, LABELS)
    np.testing.assert_allclose(bayes.theta_, expected[-1].theta_, atol=1e-12)
    assert np.array_equal(mine.predict(DATA), expected.predict(DATA))
    twice = IncrementalClassifier(model, batch_size=64, epochs=2).fit(DATA, LABELS)
    assert twice.estimator_[-1].class_count_.tolist() == [200, 200, 200]


def test_steps_see_what_the_steps_before_made():
    seen = []

    def note(X):
        seen.append(X.copy())
        return X

    model = make_pipeline(
        StandardScaler(),
        FunctionTransformer(note),
        IncrementalPCA(2),
        Nystroem(n_components=20, random_state=0),
        SGDClassifier(random_state=0),
    )
    fit = IncrementalClassifier(
        model, batch_size=50, epochs=1, sample_size=90, random_state=0
    ).fit(DATA, LABELS)
    assert fit.estimator_[3].components_.shape == (20, 2)
    # Its sample is scaled with what all samples have told.
    first = next(batch for batch in seen if len(batch) == 90)
    scaled = StandardScaler().fit_transform(DATA)
    assert all(np.isclose(scaled, row).all(axis=1).any() for row in first)
    assert fit.estimator_[2].n_samples_seen_ == 300
    assert fit.score(DATA, LABELS) > 0.8


def test_batches_of_a_cached_array_give_what_the_array_gives(tmp_path):
    data = DATA.astype(np.float32)
    data.tofile(tmp_path / "rows.bin")
    cached = CachedArray(tmp_path / "rows.bin", np.arange(300), (6,), np.float32)
    mine = scale_and_sgd(batch_size=40).fit(cached, LABELS)
    expected = scale_and_sgd(batch_size=40).fit(data, LABELS)
    assert np.array_equal(mine.estimator_[-1].coef_, expected.estimator_[-1].coef_)
    shown = mine.decision_function(cached)
    assert shown.shape == (300, 3)
    np.testing.assert_allclose(shown, expected.decision_function(data), rtol=1e-12)


def test_the_same_seed_gives_the_same_model_and_batches_do_not_repeat():
    one, other = (scale_and_sgd(epochs=2).fit(DATA, LABELS) for _ in range(2))
    assert np.array_equal(one.estimator_[-1].coef_, other.estimator_[-1].coef_)
    rows = []

    class Notes(SGDClassifier):
        def partial_fit(self, X, y, classes=None):
            rows.append(X[:, 0].tolist())
            return super().partial_fit(X, y, classes=classes)

    IncrementalClassifier(Notes(), batch_size=100, epochs=2).fit(DATA, LABELS)
    assert list(map(len, rows)) == [100] * 6
    assert sorted(np.concatenate(rows[:3])) == sorted(DATA[:, 0])
    assert rows[0] != rows[3]


def test_it_takes_images_and_lists_of_images():
    faces = make_faces(80, classes=["happy", "sad"], image_size=24, random_state=0)
    model = make_pipeline(
        GrayscaleResizer(24), HOGTransformer(), StandardScaler(),
        SGDClassifier(random_state=0),
    )  # fmt: skip
    mine = IncrementalClassifier(model, batch_size=32, random_state=0)
    from_list = mine.fit([*faces.images], faces.target).predict([*faces.images])
    from_array = mine.fit(faces.images, faces.target).predict(faces.images)
    assert np.array_equal(from_list, from_array)
    assert np.mean(from_array == faces.target) > 0.9
    again = pickle.loads(pickle.dumps(mine))
    assert np.array_equal(again.predict(faces.images), from_array)


def test_probabilities_are_there_if_the_classifier_has_them():
    assert not hasattr(scale_and_sgd(), "predict_proba")
    sure = IncrementalClassifier(SGDClassifier(loss="log_loss", random_state=0))
    assert sure.fit(DATA, LABELS).predict_proba(DATA[:5]).shape == (5, 3)
    assert not hasattr(IncrementalClassifier(GaussianNB()), "decision_function")


@pytest.mark.parametrize(
    ("estimator", "y", "message"),
    [
        (LogisticRegression(), LABELS, "LogisticRegression has none. Take SGD"),
        (GaussianNB(), ["a"] * 300, "at least 2 classes, got 1 class: \\['a'\\]"),
        (GaussianNB(), None, "the target y is None"),
        (GaussianNB(), LABELS[:10], "inconsistent numbers of samples"),
    ],
)
def test_what_can_not_be_fitted_is_refused(estimator, y, message):
    with pytest.raises(ValueError, match=message):
        IncrementalClassifier(estimator).fit(DATA, y)
