"""Trained networks as files."""

import json

import numpy as np
import pytest

from skfer.neural import build_network
from skfer.neural._pretrained_classifier import make_fitted
from skfer.neural._weights import SHIPPED, TrainedNetwork, read_weights, write_weights


@pytest.fixture(scope="module")
def trained():
    layers = {"filters": (4, 8), "residual": False, "attention": False}
    network = build_network((16, 16), 2, **layers, random_state=0)
    classes = ["happy", "sad"]
    return TrainedNetwork(network, layers, classes, (16, 16, 1), {"seed": 0})


@pytest.fixture
def folder(trained, tmp_path):
    write_weights(tmp_path, trained)
    return tmp_path


@pytest.mark.backends
def test_what_is_read_predicts_alike(folder, trained):
    read = read_weights(folder)
    assert read[1:] == trained[1:]
    images = np.random.default_rng(0).integers(0, 256, (9, 16, 16), dtype=np.uint8)
    before, after = (make_fitted(one).predict_proba(images) for one in (trained, read))
    np.testing.assert_allclose(after, before, atol=2e-3)
    assert np.ptp(before) > 0.01


def test_the_network_takes_other_sizes(folder):
    network = read_weights(folder, image_size=(24, 20)).network
    assert network.input_shape == (None, 24, 20, 1)


def test_half_precision_takes_half_the_bytes(folder, trained):
    weights = trained.network.get_weights()
    n_bytes = 2 * sum(one.size for one in weights)
    # Each array has a header, too.
    assert (folder / "faces.npz").stat().st_size < n_bytes + 300 * len(weights)


def test_damaged_files_are_refused(folder):
    path = folder / "faces.npz"
    whole = path.read_bytes()
    for content in (whole[:-100], whole[:200] + b"x" + whole[201:], b""):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="cut short or changed; install skfer"):
            read_weights(folder)
    path.unlink()
    with pytest.raises(ValueError, match=r"can't be read \(FileNotFoundError"):
        read_weights(folder)
    path.write_bytes(whole)
    read_weights(folder)
    text = (folder / "faces.json").read_text()
    (folder / "faces.json").write_text(text.replace('"happy"', '"angry"'))
    with pytest.raises(ValueError, match="description .* cut short or changed"):
        read_weights(folder)
    for text in ("", "{}", "[1, 2]"):
        (folder / "faces.json").write_text(text)
        with pytest.raises(ValueError, match=r"faces.json can't be read"):
            read_weights(folder)


def test_weights_beyond_half_precision_are_refused(trained, tmp_path):
    network = build_network((16, 16), 2, **trained.layers, random_state=0)
    network.set_weights([one * 1e6 + 1e6 for one in network.get_weights()])
    with pytest.raises(ValueError, match="half precision can't hold"):
        write_weights(tmp_path, trained._replace(network=network))
    assert not list(tmp_path.iterdir())


def test_the_description_is_readable(folder):
    description = json.loads((folder / "faces.json").read_text())
    assert description["classes"] == ["happy", "sad"]
    assert description["image_shape"] == [16, 16, 1]
    assert description["layers"]["filters"] == [4, 8]
    assert description["card"] == {"seed": 0}


def test_what_skfer_ships_is_small_and_has_a_card():
    assert (SHIPPED / "faces.npz").stat().st_size < 3_000_000
    trained = read_weights()
    assert len(trained.classes) == trained.network.output_shape[-1] == 7
    assert trained.classes == sorted(trained.card["prior"])
    text = (SHIPPED / "faces.md").read_text(encoding="utf-8")
    for line in trained.card["scores"]:
        assert line in text
    for name, value in trained.card["training"].items():
        assert f"- {name}: {value}\n" in text
    assert "What it must not be used for" in text
