"""The report of an audit is one sound HTML file with what was found."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from skfer.datasets import audit_images, make_faces
from skfer.inspection import save_audit

VOID = {"meta", "img", "input", "br"}


class Checker(HTMLParser):
    """Fails on tags that are not closed in their order."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.images = []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        if tag == "img":
            self.images.append(dict(attributes))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def files(tmp_path):
    faces = make_faces(20, n_subjects=20, n_copies=2, random_state=0)
    paths = []
    for row, image in enumerate(faces.images):
        paths.append(tmp_path / f"<b>{row}&.png")
        Image.fromarray(image).save(paths[-1])
    (tmp_path / "broken.png").write_text("<script>")
    return [*paths, tmp_path / "broken.png"]


def check(text):
    checker = Checker()
    checker.feed(text)
    checker.close()
    assert checker.open == []
    return checker


def test_structure_and_content(files, tmp_path):
    audit = audit_images(files)
    path = save_audit(audit, tmp_path / "new" / "audit.html")
    text = path.read_text()
    images = check(text).images
    assert len(images) == 4  # Two pairs, which two findings are about.
    assert all(image["src"].startswith("data:image/webp;base64,") for image in images)
    assert all("alt" in image for image in images)
    assert len(re.findall("<section id=", text)) == len(audit.findings)
    assert "Do not trust results" in text
    assert text.count("<script") == 1
    assert "&lt;b&gt;" in text
    assert not re.search(r"(src|href)=.?https?:", text)
    assert [file.name for file in path.parent.iterdir()] == ["audit.html"]


def test_arrays_in_colour_and_floats(tmp_path):
    images = make_faces(6, n_subjects=6, random_state=0).images
    mixed = [*images, np.stack([images[0]] * 3, axis=2), images[1] / 255]
    text = save_audit(audit_images(mixed), tmp_path / "a.html").read_text()
    assert len(check(text).images) == 8  # Twice a pair each.


def test_long_lists_are_cut(tmp_path):
    images = np.repeat(make_faces(30, n_subjects=30, random_state=0).images, 8, axis=0)
    text = save_audit(audit_images(images), tmp_path / "a.html").read_text()
    assert "and 6 more groups" in text and "row 239" in text
    assert "and 2 more" in text


def test_a_sound_audit_says_so(tmp_path):
    images = make_faces(6, n_subjects=6, random_state=0).images
    text = save_audit(audit_images(images), tmp_path / "a.html").read_text()
    check(text)
    assert "Nothing serious was found." in text


def test_an_error_leaves_the_old_file(tmp_path, monkeypatch):
    audit = audit_images(make_faces(6, n_subjects=6, random_state=0).images)
    path = tmp_path / "a.html"
    path.write_text("old")

    def fail(self, target):
        raise OSError("disk full")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        save_audit(audit, path)
    assert [file.name for file in tmp_path.iterdir()] == ["a.html"]
    assert path.read_text() == "old"
