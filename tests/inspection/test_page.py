"""Pages allow nothing but their own style and script; figures follow the theme."""

import base64
import hashlib
import re
from html import unescape

import numpy as np
import pytest
from matplotlib import pyplot

from skfer.inspection._page import embed_figure, embed_picture, render_page


@pytest.fixture(scope="module")
def page():
    return render_page(
        "audit.html",
        title="<i>&",
        date="today",
        command="",
        audit=type("Audit", (), {"names": [], "is_sound": True}),
        n_kept=0,
        n_findings="no findings",
        people="nobody",
        cards=[],
        steps=[],
        labels=[],
        more_labels=[],
        n_labels=0,
    )


@pytest.mark.parametrize("tag", ["style", "script"])
def test_the_policy_names_what_is_there(page, tag):
    (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    assert f"{tag}-src 'sha256-{digest}'" in unescape(page)
    assert "default-src 'none'" in unescape(page)


def test_nothing_would_be_blocked(page):
    assert not re.search(r"\s(style|on\w+)=", page)
    assert "<title>&lt;i&gt;&amp;</title>" in page


def draw():
    figure, ax = pyplot.subplots()
    ax.plot([1, 2], label="a < b")
    ax.legend()
    return figure


def test_figures_are_the_same_each_time_and_have_text():
    first, second = embed_figure(draw()), embed_figure(draw())
    assert first == second and pyplot.get_fignums() == []
    svg = base64.b64decode(first.partition(",")[2]).decode()
    assert "a &lt; b</text>" in svg
    assert "prefers-color-scheme: dark" in svg
    # Neither black nor white is left outside of the style, which changes them.
    rest = svg.replace(re.findall("<style>.*?</style>", svg, re.DOTALL)[0], "")
    assert "#000000" not in rest and "#ffffff" not in rest


def test_pictures_survive():
    grey = np.add.outer(np.arange(48), np.arange(48)).astype(np.uint8)
    source = embed_picture(grey)
    assert source.startswith("data:image/webp;base64,") and len(source) < 1500
