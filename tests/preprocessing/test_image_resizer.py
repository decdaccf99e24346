import numpy as np
import pytest
from PIL import Image
from sklearn.base import clone

from skfer import GrayscaleResizer, ImageResizer
from skfer.preprocessing import CachedArray


@pytest.fixture(scope="module")
def photos():
    """Colour and grey pictures of several sizes."""
    rng = np.random.default_rng(0)
    shapes = [(30, 40, 3), (25, 20), (50, 33, 1), (12, 16, 3)]
    return [rng.integers(0, 256, shape, dtype=np.uint8) for shape in shapes]


def test_pictures_of_any_size_become_one_size_in_colour(photos):
    out = ImageResizer((12, 16)).fit_transform(photos)
    assert out.shape == (4, 12, 16, 3)
    np.testing.assert_array_equal(out[3], photos[3])
    expected = Image.fromarray(photos[0]).resize(
        (16, 12), Image.Resampling.BILINEAR, reducing_gap=2.0
    )
    np.testing.assert_array_equal(out[0], np.asarray(expected))
    # Grey pictures have three equal channels.
    assert (out[1] == out[1][..., :1]).all()


def test_its_grey_form_is_the_grayscale_resizer(photos):
    np.testing.assert_array_equal(
        ImageResizer(size=9, mode="L").fit_transform(photos),
        GrayscaleResizer(9).fit_transform(photos),
    )
    assert "mode" not in GrayscaleResizer().get_params()
    assert clone(ImageResizer(mode="L")).mode == "L"


def test_threads_change_nothing(photos):
    many = photos * 40
    np.testing.assert_array_equal(
        ImageResizer(n_jobs=2).fit_transform(many), ImageResizer().fit_transform(many)
    )


def test_other_modes_are_refused(photos):
    with pytest.raises(ValueError, match="'mode' parameter of ImageResizer"):
        ImageResizer(mode="HSV").fit(photos)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"mode": "grey"}, "'mode' parameter"),
        ({"resample": "cubic"}, "'resample' parameter"),
        ({"size": 12}, "was fitted with size=.*, and has size=12 now"),
    ],
)
def test_parameters_are_checked_again_when_they_are_used(photos, params, message):
    resizer = ImageResizer(size=24).fit(photos).set_params(**params)
    with pytest.raises(ValueError, match=message):
        resizer.transform(photos)


@pytest.mark.parametrize("resizer", [ImageResizer(8), GrayscaleResizer(8)])
def test_a_forgotten_list_is_said(resizer, faces):
    resizer.fit(faces.images)
    with pytest.raises(ValueError, match=r"fitted on images.*\(48, 48\). Pass \[image"):
        resizer.transform(faces.images[0])


@pytest.mark.parametrize("kind", ["array", "list", "cached"])
def test_a_cache_holds_what_is_resized(tmp_path, faces, kind, monkeypatch):
    images = faces.images[:9]
    plain = ImageResizer((12, 10), "L", resample="box")
    expected = plain.fit_transform(images)
    if kind == "list":
        images = [image[row % 3 :] for row, image in enumerate(images)]
        expected = plain.transform(images)
    if kind == "cached":
        path = tmp_path / "rows.bin"
        path.write_bytes(images.tobytes())
        images = CachedArray(path, np.arange(9), images.shape[1:])
    cached = clone(plain).set_params(cache_dir=tmp_path / "cache", n_jobs=2)
    out = cached.fit_transform(images)
    assert isinstance(out, CachedArray)
    np.testing.assert_array_equal(out, expected)
    monkeypatch.setattr(ImageResizer, "_resize", None)  # Nothing is resized again.
    some = [images[row] for row in (5, 5, 1)]
    np.testing.assert_array_equal(cached.transform(some), expected[[5, 5, 1]])
    gray = GrayscaleResizer((12, 10), resample="box", cache_dir=tmp_path / "cache")
    np.testing.assert_array_equal(gray.fit(images).transform(images), expected)


def test_a_cache_of_other_parameters_is_another(tmp_path, faces):
    for params in ({"mode": "RGB"}, {"resample": "box"}, {"size": 11}, {}):
        plain = ImageResizer(12, "L").set_params(**params)
        expected = plain.fit_transform(faces.images[:3])
        cached = clone(plain).set_params(cache_dir=tmp_path)
        np.testing.assert_array_equal(cached.fit_transform(faces.images[:3]), expected)


def test_dark_images_bring_a_warning_from_the_cache_too(tmp_path, faces):
    resizer = ImageResizer(12, cache_dir=tmp_path).fit(faces.images)
    for _ in range(2):
        with pytest.warns(UserWarning, match="as if divided by 255 twice"):
            resizer.transform(faces.images[:3] / 255 / 255)


def test_a_fit_on_images_forgets_an_earlier_one_on_rows(photos):
    rows = np.zeros((4, 64), np.uint8)
    resizer = GrayscaleResizer(8, image_shape=(8, 8)).fit(rows)
    assert resizer.n_features_in_ == 64
    with pytest.raises(ValueError, match="file paths"):
        resizer.fit(["a.png"])
    assert resizer.n_features_in_ == 64
    resizer.fit(photos)
    assert not hasattr(resizer, "n_features_in_")
    with pytest.raises(ValueError, match="was fitted on images, got a table"):
        resizer.transform(rows)
