"""The page in a real browser, with a video in place of the webcam."""

import csv
from contextlib import contextmanager
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from sklearn.pipeline import make_pipeline

from skfer.datasets import make_faces
from skfer.demo import make_app
from skfer.faces import FaceCropper
from skfer.model_selection import make_calibrated
from skfer.persistence import ModelCard
from tests.chromium import chromium
from tests.demo.conftest import serving
from tests.prediction.test_classify_images import find_in_bright, hog

pytestmark = pytest.mark.slow
expect.set_options(timeout=60_000)  # A busy machine is no fault of the page.

_WIDTHS = (1280, 400)


@pytest.fixture(scope="module")
def moods():
    return make_faces(140, classes=["happy", "sad"], noise=0.5, random_state=0)


@pytest.fixture(scope="module")
def model(moods):
    return make_calibrated(hog()).fit(moods.images, moods.target)


@pytest.fixture(scope="module")
def server(model):
    card = ModelCard(name="smile <b>", classes=["happy", "sad"])
    with serving(make_app(model, card=card)) as client:
        yield client


@pytest.fixture(scope="module")
def pictures(moods, tmp_path_factory):
    """A happy and a sad face with odd names, and a text that is called .jpg."""
    folder = tmp_path_factory.mktemp("pictures")
    for label, name in (("happy", "=1+1.png"), ("sad", "<b>sad.png")):
        row = np.flatnonzero(moods.target == label)[0]
        Image.fromarray(moods.images[row]).save(folder / name)
    (folder / "notes.jpg").write_text("no picture")
    return sorted(folder.iterdir())


def write_camera(path, images, *, each=50, rate=10, size=(320, 240)):
    """Write what Chromium takes for a webcam: each image for some frames, raw."""
    width, height = size
    grey = bytes([128]) * (width * height // 2)
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420jpeg\n" % (*size, rate))
        for image in images:
            shown = Image.fromarray(image).resize(size).tobytes()
            file.write((b"FRAME\n" + shown + grey) * each)
    return path


@pytest.fixture(scope="module")
def browser(moods, tmp_path_factory):
    """Chromium, whose webcam shows a happy face, then a sad one, and so on."""
    faces = [
        moods.images[np.flatnonzero(moods.target == label)[0]]
        for label in ("happy", "sad")
    ]
    camera = write_camera(tmp_path_factory.mktemp("camera") / "faces.y4m", faces)
    with chromium(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={camera}",
    ) as browser:
        yield browser


@contextmanager
def opened(browser, client, width=1280, **options):
    """Open the page; afterwards, nothing may have failed or come from elsewhere."""
    context = browser.new_context(
        viewport={"width": width, "height": 800}, permissions=["camera"], **options
    )
    page = context.new_page()
    faults, asked = [], []
    page.on("pageerror", lambda error: faults.append(str(error)))
    # Of a picture that is refused, the browser itself says so.
    page.on("console", lambda said: faults.append(said.text) if said.type == "error"
            and "415" not in said.text else None)  # fmt: skip
    page.on("request", lambda request: asked.append(request.url))
    page.goto(client.here)
    expect(page.locator("#card")).not_to_be_empty()
    try:
        yield page
    finally:
        context.close()
    assert faults == []
    assert {url for url in asked if not url.startswith((client.here, "blob:"))} == set()


def upload(page, pictures):
    page.set_input_files("#files", pictures)
    expect(page.locator(".result")).to_have_count(len(pictures))
    expect(page.locator(".result .label", has_text="...")).to_have_count(0)


def fits(page):
    """Whether nothing has to be scrolled sideways."""
    return page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


@pytest.mark.parametrize("width", _WIDTHS)
def test_pictures_get_their_labels(browser, server, model, pictures, width):
    with opened(browser, server, width) as page:
        assert page.inner_text("h1") == "smile <b>" and fits(page)
        upload(page, pictures)
        results = page.locator(".result").all()
        assert len(results) == 3
        for result, path in zip(results, pictures, strict=True):
            assert result.locator(".file").inner_text() == path.name
            if path.suffix == ".jpg":
                assert "holds text" in result.locator(".status").inner_text()
                assert not result.locator(".picture").is_visible()
                continue
            with Image.open(path) as image:
                pixels = [np.asarray(image)]
            expected = model.predict_proba(pixels)[0]
            assert result.locator(".label").inner_text() == model.predict(pixels)[0]
            bars = result.locator("meter")
            shares = bars.evaluate_all("all => all.map(one => one.value)")
            np.testing.assert_allclose(shares, expected, atol=1e-3)
        assert fits(page)


@pytest.mark.parametrize("width", _WIDTHS)
def test_the_label_follows_the_webcam(browser, server, width):
    with opened(browser, server, width) as page:
        page.click("#camera")
        for label in ("happy", "sad", "happy"):
            expect(page.locator("#live-label")).to_have_text(label)
        assert "pictures a second" in page.inner_text("#live-speed")
        assert page.locator("#live meter").count() == 2 and fits(page)
        page.click("#camera")
        assert page.inner_text("#camera") == "Start the webcam"
        assert not page.is_visible("#live")


def test_a_webcam_that_shows_no_face_has_no_label(browser, server):
    shares = {"happy": 0.1, "sad": 0.9}
    answer = {"label": "sad", "probabilities": shares, "box": None, "face": "missing"}
    with opened(browser, server) as page:
        page.route("**/classify", lambda route: route.fulfill(json=answer))
        page.click("#camera")
        expect(page.locator("#live-label")).to_have_text("no face")
        assert page.locator("#live meter").count() == 0


def test_a_webcam_that_is_not_allowed_is_said(browser, server):
    with opened(browser, server) as page:
        page.evaluate(
            "() => { navigator.mediaDevices.getUserMedia = () => Promise.reject("
            "new DOMException('no', 'NotAllowedError')); }"
        )
        page.click("#camera")
        expect(page.locator("#message")).to_contain_text("NotAllowedError")
        assert page.is_enabled("#camera")


def test_the_table_has_what_is_shown(browser, server, pictures):
    with opened(browser, server) as page:
        upload(page, pictures)
        with page.expect_download() as download:
            page.click("#save")
        with download.value.path().open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert [row["file"].lstrip("'") for row in rows] == [p.name for p in pictures]
        assert {row["file"][0] for row in rows if "1+1" in row["file"]} == {"'"}
        by_name = {row["file"].lstrip("'"): row for row in rows}
        assert by_name["=1+1.png"]["label"] == "happy"
        assert "holds text" in by_name["notes.jpg"]["status"]
        assert page.locator("#results b").count() == 0
        page.click("#clear")
        assert page.locator(".result").count() == 0 and page.is_disabled("#save")


def test_what_it_looks_at(browser, server, pictures):
    with opened(browser, server) as page:
        upload(page, pictures[:1])
        page.click(".why")
        expect(page.locator(".map img")).to_have_js_property("naturalWidth", 240)
        assert page.inner_text(".map").startswith("Orange: what speaks for")


@pytest.mark.filterwarnings("ignore:FaceCropper found no face")
def test_the_box_lies_on_the_face(browser, moods):
    cropper = FaceCropper(24, detector=find_in_bright)
    model = make_pipeline(cropper, *hog()[1:])
    model.fit(moods.images, moods.target)
    bright = np.random.default_rng(0).integers(0, 255, (80, 120, 3), np.uint8)
    buffer = BytesIO()
    Image.fromarray(bright).save(buffer, format="PNG")
    file = {"name": "me.png", "mimeType": "image/png", "buffer": buffer.getvalue()}
    with serving(make_app(model)) as client, opened(browser, client) as page:
        upload(page, [file])
        image = page.locator(".result .picture img").bounding_box()
        box = page.locator(".result .box").bounding_box()
    left, top, right, bottom = 2, 3, 22, 33
    assert box["x"] - image["x"] == pytest.approx(left, abs=1)
    assert box["y"] - image["y"] == pytest.approx(top, abs=1)
    assert box["width"] == pytest.approx(right - left, abs=1)
    assert box["height"] == pytest.approx(bottom - top, abs=1)


def test_all_can_be_done_with_the_keyboard(browser, server, pictures):
    with opened(browser, server) as page:
        upload(page, pictures[:1])
        reached = []
        for _ in range(7):
            page.keyboard.press("Tab")
            focused = page.evaluate(_FOCUSED)
            reached.append(focused[0])
            assert focused[1] != "none"
            if focused[0] == "threshold":
                page.keyboard.press("End")
        assert reached == [
            "files", "camera", "threshold", "save", "clear", "why", "SUMMARY"
        ]  # fmt: skip
        assert page.inner_text("#threshold-shown") == "100%"
        assert page.inner_text(".result .label").endswith("t know")
        page.focus("summary")
        page.keyboard.press("Enter")
        assert "# smile <b>" in page.inner_text("#card")
        page.focus(".why")
        assert page.evaluate(
            "getComputedStyle(document.activeElement).outlineStyle"
        ) == ("solid")
        page.keyboard.press("Enter")
        expect(page.locator(".map")).to_be_visible()


# What has the focus, and how it is outlined; of the file input, its label is seen.
_FOCUSED = """() => {
  const one = document.activeElement;
  const seen = one.id === 'files' ? one.labels[0] : one;
  return [one.id || one.className || one.tagName, getComputedStyle(seen).outlineStyle];
}"""


# The ratio of luminances of WCAG 2.2, of each text with what lies behind it.
_CONTRAST = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const luminance = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((v) => {
      v /= 255;
      return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (one) => {
    for (; one; one = one.parentElement) {
      const colour = parse(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const one of document.querySelectorAll('body *')) {
    const hasText = [...one.childNodes].some(
      (n) => n.nodeType === 3 && n.textContent.trim());
    if (!hasText || !one.getClientRects().length) continue;
    const [a, b] = [parse(getComputedStyle(one).color), behind(one)].map(luminance);
    found.push([(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), one.textContent]);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_can_be_read_in_light_and_dark(browser, server, pictures, scheme):
    with opened(browser, server, color_scheme=scheme) as page:
        upload(page, pictures)
        page.click("summary")
        ratios = page.evaluate(_CONTRAST)
    assert len(ratios) > 15
    assert min(ratios)[0] >= 4.5, min(ratios)
