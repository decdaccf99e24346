"""The page answers about pictures, only to itself, and takes no harm."""

import re
import resource
import socket
import struct
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from skimage import data
from sklearn.pipeline import make_pipeline
from starlette.applications import Starlette
from starlette.routing import Mount

from skfer import CNNClassifier, GrayscaleResizer
from skfer.datasets import make_faces
from skfer.demo import make_app
from skfer.demo._make_app import LARGEST_UPLOAD
from skfer.faces import FaceCropper
from skfer.model_selection import SelectiveClassifier, make_calibrated
from skfer.persistence import ModelCard
from tests.conftest import TINY_NETWORK
from tests.demo.conftest import serving
from tests.prediction.test_classify_images import find_in_bright, hog


def png(image):
    buffer = BytesIO()
    Image.fromarray(image).save(buffer, format="PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def model(faces):
    return make_calibrated(hog()).fit(faces.images, faces.target)


@pytest.fixture(scope="module")
def client(model):
    with serving(make_app(model)) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/page.js", "/style.css", "/about"])
def test_the_page_loads_nothing_from_elsewhere(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "//" not in answer.text.replace("// ", "").replace("http://www.w3", "")
    assert "style=" not in answer.text and "onclick" not in answer.text


def test_it_says_what_the_model_says(client, model):
    images = make_faces(5, random_state=2).images
    for image in images:
        answer = client.post("/classify", content=png(image)).json()
        assert answer["label"] == model.predict([image])[0]
        shares = list(answer["probabilities"].values())
        assert shares == pytest.approx(model.predict_proba([image])[0], abs=1e-4)
        assert list(answer["probabilities"]) == model.classes_.tolist()
        assert (answer["width"], answer["height"], answer["box"]) == (48, 48, None)


@pytest.mark.filterwarnings("ignore:FaceCropper found no face")
def test_it_says_where_the_face_is(faces):
    cropper = FaceCropper(24, detector=find_in_bright)
    model = make_pipeline(cropper, *hog()[1:]).fit(faces.images, faces.target)
    rng = np.random.default_rng(0)
    bright, dark = (rng.integers(0, top, (40, 60, 3), np.uint8) for top in (255, 90))
    with serving(make_app(model)) as client:
        found = client.post("/classify", content=png(bright)).json()
        missing = client.post("/classify", content=png(dark)).json()
        why = client.post("/explain", content=png(bright))
    assert (found["face"], found["box"]) == ("found", [2, 3, 22, 33])
    assert (missing["face"], missing["box"]) == ("missing", None)
    assert why.headers["content-type"] == "image/png"
    with Image.open(BytesIO(why.content)) as image:
        assert image.size == (240, 240)


def test_networks_are_explained_too(two_classes):
    cnn = CNNClassifier(**TINY_NETWORK)
    model = make_pipeline(GrayscaleResizer(16), cnn)
    model.fit(two_classes.images, two_classes.target)
    picture = png(two_classes.images[0])
    with serving(make_app(model)) as client:
        assert client.post("/explain", content=picture).status_code == 200
    with serving(make_app(model[-1])) as client:
        refused = client.post("/explain", content=picture)
    assert refused.status_code == 422 and "only pipelines" in refused.json()["error"]


def test_about_tells_the_page_what_it_needs(model, faces):
    card = ModelCard(name="smile <b>", classes=["happy", "sad"])
    selective = SelectiveClassifier(make_calibrated(hog()), threshold=0.7)
    selective.fit(faces.images, faces.target)
    with serving(make_app(selective, card=card)) as client:
        about = client.get("/about").json()
    assert about["name"] == "smile <b>" and about["threshold"] == 0.7
    assert about["card"] == card.to_markdown()
    assert about["classes"] == selective.classes_.tolist()
    for card, name in (
        ("# My C#\n\nGood.\n", "My C#"),
        (None, "CalibratedClass"),
    ):
        with serving(make_app(model, card=card)) as client:
            about = client.get("/about").json()
        assert about["name"].startswith(name) and about["card"] == (card or "")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "HERE"}, 200),
        ({"host": "localhost:8765", "origin": "http://localhost:8765"}, 200),
        ({"host": "[::1]:8765"}, 200),
        ({"host": "evil.example:8765"}, 403),
        ({"host": "127.0.0.1.evil.example"}, 403),
        ({"host": ""}, 403),
        ({"host": "[bad"}, 403),
        ({"host": "evil.example@127.0.0.1"}, 403),
        ({"origin": "http://[::1"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://127.0.0.1:9"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_it_answers_only_to_its_own_page(client, headers, status):
    picture = png(np.zeros((48, 48), np.uint8))
    sent = {name: value.replace("HERE", client.here) for name, value in headers.items()}
    answer = client.post("/classify", content=picture, headers=sent)
    assert answer.status_code == status
    assert "content-security-policy" in answer.headers
    if status == 403:
        own = "pages of its own address" if "origin" in headers else "its own names"
        assert f"It answers only to {own}." in answer.json()["error"]


@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=b", "application/x-www-form-urlencoded"]
)
def test_a_form_is_told_to_send_the_file_alone(client, kind):
    head = {"content-type": kind}
    form = b"--b\r\nContent-Disposition: form-data; name=p\r\n\r\n123\r\n--b--\r\n"
    answer = client.post("/classify", content=form, headers=head)
    assert answer.status_code == 415
    assert "Send the bytes of the file alone" in answer.json()["error"]


def test_it_can_be_a_part_of_another_application(model):
    picture = png(np.zeros((48, 48), np.uint8))
    with serving(Starlette(routes=[Mount("/skfer", make_app(model))])) as client:
        page = client.get("/skfer/").text
        assert page.startswith("<!doctype html>")
        for name in re.findall('(?:src|href)="([^"]+)"', page):
            assert client.get(f"/skfer/{name}").status_code == 200, name
        assert client.post("/skfer/classify", picture).status_code == 200


def huge_png():
    """A file of some bytes whose head says 60,000 by 60,000 pixels."""

    def chunk(kind, content):
        check = zlib.crc32(kind + content)
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
        )

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"<!doctype html><script>alert(1)</script>", "web page"),
        (b"\0\0\0\x20ftypisom" + b"\0" * 2000, "it is a video"),
        (b"PK\3\4 zip", "zip archive"),
        (b"\xff\xd8\xff\xe0 cut off", "can't be read as a picture"),
        (huge_png(), "too many pixels"),
        (
            b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n",
            "it is EPS",
        ),
    ],
)
def test_what_is_no_picture_is_said_to_be_none(client, content, reason):
    for path in ("/classify", "/explain"):
        answer = client.post(path, content=content)
        assert answer.status_code == 415
        assert reason in answer.json()["error"]


def test_large_pictures_are_refused_by_bytes_and_by_pixels(client, monkeypatch):
    answer = client.post("/classify", content=bytes(LARGEST_UPLOAD + 1))
    assert answer.status_code == 413 and "at most 20 MB" in answer.json()["error"]
    monkeypatch.setattr("skfer.demo._answer.MOST_PIXELS", 2000)
    answer = client.post("/classify", content=png(np.zeros((48, 48), np.uint8)))
    assert answer.status_code == 415 and "at most 2,000" in answer.json()["error"]


def test_other_paths_and_methods_are_unknown(client):
    assert client.get("/../pyproject.toml").status_code == 404
    assert client.get("/classify").status_code == 405
    assert client.post("/about").status_code == 405


def test_many_at_once_get_their_own_answers(client, model):
    images = make_faces(40, random_state=4, noise=0.3).images
    expected = model.predict(images).tolist()

    def ask(image):
        while (
            answer := client.post("/classify", content=png(image))
        ).status_code == 503:
            pass
        return answer.json()["label"]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, images)) == expected


def test_more_than_it_can_do_is_refused(faces, monkeypatch):
    free = threading.Event()
    monkeypatch.setattr("skfer.demo._make_app.classify", lambda *args: free.wait(30))
    monkeypatch.setattr("skfer.demo._make_app._MOST_PICTURES", 3)
    model = hog().fit(faces.images, faces.target)
    with serving(make_app(model)) as client, ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(client.post, "/classify", content=b"1") for _ in range(8)]
        while sum(one.done() for one in asked) < 5:
            assert not free.wait(0.01)
        free.set()
        statuses = sorted(one.result().status_code for one in asked)
    assert statuses == [200] * 3 + [503] * 5


def test_a_large_photograph_is_explained_in_little_memory(client):
    big = np.random.default_rng(0).integers(0, 256, (1500, 2000, 3), np.uint8)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert client.post("/explain", content=png(big)).status_code == 200
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000


def test_pictures_that_are_not_sent_to_the_end_give_their_place_back(
    client, monkeypatch
):
    monkeypatch.setattr("skfer.demo._make_app._MOST_SECONDS", 0.2)
    half = b"POST /classify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n\r\nx"
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", client.port)) as one:
            one.sendall(half)
            assert b" 400 " in one.recv(99)
    picture = png(np.zeros((48, 48), np.uint8))
    assert client.post("/classify", content=picture).status_code == 200


def test_a_fault_of_the_model_is_reported_with_all_headers(faces, monkeypatch):
    def fail(*args):
        raise RuntimeError("secret")

    monkeypatch.setattr("skfer.demo._make_app.classify", fail)
    model = hog().fit(faces.images, faces.target)
    with serving(make_app(model)) as client:
        answer = client.post("/classify", content=b"1")
    assert answer.status_code == 500 and "secret" not in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.filterwarnings("ignore:FaceCropper found no face")
def test_a_model_without_an_answer_says_why(faces):
    cropper = FaceCropper(24, detector=lambda image: [], on_missing="raise")
    model = make_pipeline(cropper, *hog()[1:])
    model.steps[1:] = make_pipeline(*hog()[1:]).fit(faces.images, faces.target).steps
    with serving(make_app(model)) as client:
        answer = client.post("/classify", content=png(faces.images[0]))
    assert answer.status_code == 422 and "no face is found" in answer.json()["error"]


def test_nothing_is_kept(client, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in ("/classify", "/explain"):
        client.post(path, content=png(data.astronaut()[::4, ::4].copy()))
    assert not list(tmp_path.rglob("*"))
