"""What is saved predicts to the bit as before, and the card tells what it is."""

import errno
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVR

from skfer import (
    CNNClassifier,
    GrayscaleResizer,
    NetworkClassifier,
    NetworkFeatures,
    load_pretrained,
    make_hog_svm,
    make_lbp_svm,
    make_transfer,
)
from skfer.datasets import ImageTable, audit_images, make_faces
from skfer.model_selection import (
    LeakFreeShuffleSplit,
    SelectiveClassifier,
    compare_pipelines,
    make_calibrated,
    make_ensemble,
)
from skfer.persistence import load_model, read_card, save_model
from tests.conftest import TINY_NETWORK


def build_small(image_shape, n_classes, *, pixel_range, random_state):
    """Build a network of the user's own."""
    return keras.Sequential(
        [
            keras.Input(image_shape),
            keras.layers.Rescaling(1 / pixel_range[1]),
            keras.layers.Flatten(),
            keras.layers.Dense(n_classes, "softmax"),
        ]
    )


OWN = f"{__name__}.build_small"


def hog():
    return make_hog_svm(image_size=24).set_params(svd__n_components=16)


def make_models():
    lbp = make_lbp_svm(image_size=24).set_params(svd__n_components=16)
    own = NetworkClassifier(
        build_small, augment=None, image_sizes=None, epochs=1, precision="float32"
    )
    return {
        "hog": hog(),
        "lbp": lbp,
        "transfer": make_transfer(),
        "cnn": make_pipeline(GrayscaleResizer(16), CNNClassifier(**TINY_NETWORK)),
        "own": make_pipeline(GrayscaleResizer(16), own),
        "calibrated": make_calibrated(hog()),
        "search": GridSearchCV(hog(), {"classifier__C": [1, 5]}, cv=2),
        "vote": make_ensemble({"hog": hog(), "lbp": lbp}),
        "stack": make_ensemble({"hog": hog(), "lbp": lbp}, method="stack"),
        "selective": SelectiveClassifier(make_calibrated(hog()), threshold=0.6),
    }


def probabilities(model, images):
    name = "predict_proba" if hasattr(model, "predict_proba") else "decision_function"
    return getattr(model, name)(images)


_PREDICT = """
import sys
from pathlib import Path
import numpy as np
from skfer.persistence import load_model
from tests.persistence.test_save_model import OWN, probabilities
images = np.load("images.npy")
results = {}
for path in sorted(Path().glob("*.skfer")):
    model = load_model(path, trusted=[OWN])
    results[path.stem + "_classes"] = model.predict(images).astype(str)
    results[path.stem] = probabilities(model, images)
np.savez("results.npz", **results)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "names",
    [
        ["hog", "own"],
        pytest.param(
            ["cnn", "lbp", "calibrated", "search", "vote", "selective"],
            marks=pytest.mark.slow,
        ),
        pytest.param(["transfer", "stack", "pretrained"], marks=pytest.mark.slow),
    ],
    ids=["small", "wrapped", "large"],
)
def test_in_another_process_it_predicts_to_the_bit_the_same(names, faces, tmp_path):
    models = {
        name: model.fit(faces.images, faces.target)
        for name, model in make_models().items()
        if name in names
    }
    if "pretrained" in names:
        models["pretrained"] = load_pretrained(prior="even")
    images = make_faces(21, random_state=1).images
    np.save(tmp_path / "images.npy", images)
    for name, model in models.items():
        trusted = [OWN] if name == "own" else []
        save_model(model, tmp_path / f"{name}.skfer", trusted=trusted)
    root = str(__import__("pathlib").Path(__file__).parents[2])
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"import sys; sys.path.append({root!r})"
         + _PREDICT],
        cwd=tmp_path, check=True,
    )  # fmt: skip
    with np.load(tmp_path / "results.npz") as results:
        for name, model in models.items():
            assert np.array_equal(results[name], probabilities(model, images)), name
            assert results[f"{name}_classes"].tolist() == list(
                map(str, model.predict(images))
            )


@pytest.mark.parametrize("make", [make_hog_svm, make_lbp_svm, make_transfer])
def test_the_file_is_hardly_larger_than_its_arrays(make, faces, tmp_path):
    path = tmp_path / "model.skfer"
    save_model(make().fit(faces.images, faces.target), path, table=faces)
    with zipfile.ZipFile(path) as archive:
        arrays = sum(
            one.file_size for one in archive.infolist() if one.filename[-4:] == ".npy"
        )
    assert path.stat().st_size < 1.1 * arrays


@pytest.fixture(scope="module")
def comparison(faces):
    splitter = LeakFreeShuffleSplit(test_size=0.4, random_state=0)
    lbp = make_lbp_svm(image_size=24).set_params(svd__n_components=16)
    return compare_pipelines({"hog": hog(), "lbp": lbp}, faces, cv=splitter)


def test_the_winner_of_a_comparison_is_fitted_on_all_images(comparison, tmp_path):
    path = tmp_path / "best.skfer"
    card = save_model(comparison, path, audit=audit_images(comparison.table))
    best = comparison.best_name
    assert card == read_card(path)
    assert (card.name, card.training["images"]) == (best, len(comparison.table))
    assert card.scores["accuracy"] == comparison.scores[best].accuracy
    assert card.scores["n_people"] == len(set(comparison.people))
    assert card.comparison["verdict"] == comparison.verdict
    assert "all of them, after it was tested" in card.fitted_on
    again = hog() if best == "hog" else comparison.pipelines[best]
    images = comparison.table.images
    again.fit(images, comparison.table.target)
    loaded = load_model(path)
    assert np.array_equal(
        loaded.decision_function(images), again.decision_function(images)
    )


def test_a_model_is_saved_as_it_was_tested(comparison, tmp_path):
    path = tmp_path / "tested.skfer"
    card = save_model(comparison, path, name="lbp", refit=False)
    ((train, test),) = comparison.folds
    assert (card.name, card.training["images"]) == ("lbp", len(train))
    predicted = load_model(path).predict(comparison.table.images[test])
    assert np.array_equal(predicted, comparison.predictions["lbp"])


def test_the_page_of_the_card_says_how_good_it_is(comparison, tmp_path):
    card = save_model(comparison, tmp_path / "best.skfer", notes="Made for a test.")
    with zipfile.ZipFile(tmp_path / "best.skfer") as archive:
        page = archive.read("card.md").decode()
    assert page == card.to_markdown()
    score = comparison.scores[comparison.best_name]
    for said in (
        f"accuracy: {score.accuracy:.1%} ({score.accuracy_low:.1%} to",
        "Made for a test.",
        comparison.verdict,
        card.training["fingerprint"],
        "must not decide about people",
        "It knows no other expressions",
        "They were not audited.",
    ):
        assert said in page
    assert "who is in the pictures" not in page  # Groups are known.


def test_a_card_says_which_network_of_others_is_in_it(faces, tmp_path):
    model = make_transfer().fit(faces.images, faces.target)
    card = save_model(model, tmp_path / "transfer.skfer", table=faces)
    assert "FER-2013" in card.weights[0] and "BSD-3-Clause" in card.weights[0]
    assert card.image_shape == [48, 48, 1]
    unlike = save_model(hog().fit(faces.images, faces.target), tmp_path / "h.skfer")
    assert not unlike.weights and not unlike.training


def test_fingerprints_tell_data_apart(faces, tmp_path):
    model = hog().fit(faces.images, faces.target)
    first, same, other = (
        save_model(model, tmp_path / f"{n}.skfer", table=table).training["fingerprint"]
        for n, table in enumerate((faces, faces[::-1], faces[1:]))
    )
    assert first == same != other


def test_people_who_are_unknown_are_a_limit_of_the_results(faces, tmp_path):
    comparison = compare_pipelines(
        {"hog": hog()}, ImageTable(faces.images, faces.target), cv=2
    )
    card = save_model(comparison, tmp_path / "hog.skfer")
    assert "not known who is in the pictures" in card.limits[0]
    assert card.training["people"] is card.scores["n_people"] is None


def test_a_file_that_exists_is_kept(fitted_hog_svm, tmp_path):
    path = tmp_path / "smile.skfer"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="exists. Choose another.*overwrite=True"):
        save_model(fitted_hog_svm, path)
    assert path.read_text() == "mine"
    save_model(fitted_hog_svm, path, overwrite=True)
    assert load_model(path).classes_.tolist() == fitted_hog_svm.classes_.tolist()


def test_what_can_not_be_saved_is_refused(faces, fitted_hog_svm, comparison, tmp_path):
    path = tmp_path / "model.skfer"
    X, y = faces.images, faces.target
    cut = keras.Sequential([keras.Input((48, 48, 1)), keras.layers.Flatten()])
    for error, match, model in (
        (ValueError, "is not fitted", make_hog_svm()),
        (TypeError, "needs a fitted classifier", SVR()),
        (TypeError, "needs a fitted classifier", 5),
        (ValueError, "types that load_model does not trust: .*shout",
         make_pipeline(FunctionTransformer(shout), DummyClassifier()).fit(X, y)),
        (ValueError, "keras.Model|does not trust",
         make_pipeline(NetworkFeatures(cut), DummyClassifier()).fit(X, y)),
    ):  # fmt: skip
        with pytest.raises(error, match=match):
            save_model(model, path)
    with pytest.raises(ValueError, match="name='cnn', and the models .*'hog', 'lbp'"):
        save_model(comparison, path, name="cnn")
    folds = compare_pipelines({"hog": hog()}, faces, cv=2)
    with pytest.raises(ValueError, match="as it was tested: it was trained 2 times"):
        save_model(folds, path, refit=False)
    with pytest.raises(ValueError, match="is a folder; name a file"):
        save_model(fitted_hog_svm, tmp_path)
    assert not list(tmp_path.iterdir())


def shout(images):
    return images


def test_a_model_is_kept_elsewhere_if_it_cannot_be_written(
    fitted_hog_svm, tmp_path, monkeypatch
):
    def fail(path, content):
        if path.parent == tmp_path:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, content)

    write = Path.write_bytes
    monkeypatch.setattr(Path, "write_bytes", fail)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(OSError, match="No space left.* The model is safe in") as failed:
        save_model(fitted_hog_svm, tmp_path / "m.skfer")
    (kept,) = (tmp_path / "elsewhere").glob("*/m.skfer")
    assert str(kept) in str(failed.value)
    assert failed.value.filename == str(tmp_path / "m.skfer")
    load_model(kept)
    assert [path.name for path in tmp_path.iterdir()] == ["elsewhere"]
