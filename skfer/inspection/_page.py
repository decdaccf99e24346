"""Self-contained HTML pages."""

import base64
import hashlib
import warnings
from functools import cache
from io import BytesIO, StringIO
from typing import Any

import jinja2
import numpy as np
from PIL import Image

from skfer._text import printable

# What a figure shows in black and white follows the page, light or dark.
_FIGURE_STYLE = (
    "<style>:root { color: #111; --paper: #fff } text { fill: currentColor }"
    "@media (prefers-color-scheme: dark) { :root { color: #eee; --paper: #181818 } }"
    "</style>"
)
_WEBP_QUALITY = 70


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("skfer.inspection"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


@cache
def _read(name: str) -> str:
    loader = _environment().loader
    assert loader is not None
    return loader.get_source(_environment(), name)[0]


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def render_page(template: str, **values: Any) -> str:
    """Return an HTML page that loads nothing.

    Parameters
    ----------
    template : str
        Name of a file in the folder ``templates``.
    **values : object
        Values for the template; text is escaped.

    Returns
    -------
    str
        The page. Browsers run no script in it but our own.
    """
    style, script = _read("page.css"), _read("page.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src 'sha256-{_hash(style)}'; "
        f"script-src 'sha256-{_hash(script)}'; base-uri 'none'; form-action 'none'"
    )
    values |= {"style": style, "script": script, "policy": policy}
    return printable(_environment().get_template(template).render(**values))


def embed(content: bytes, kind: str) -> str:
    """Return a data URI of a file of a media type, such as "image/png"."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def embed_picture(picture: np.ndarray) -> str:
    """Return a data URI of uint8 pixels, as WebP."""
    content = BytesIO()
    Image.fromarray(picture).save(content, format="WEBP", quality=_WEBP_QUALITY)
    return embed(content.getvalue(), "image/webp")


def embed_figure(figure: Any) -> str:
    """Return a data URI of a figure, as SVG, and close the figure."""
    from matplotlib import pyplot, rc_context

    content = StringIO()
    with (
        rc_context({"svg.fonttype": "none", "svg.hashsalt": "skfer"}),
        warnings.catch_warnings(),
    ):
        # The browser draws the text, and has letters that matplotlib lacks.
        warnings.filterwarnings("ignore", "Glyph")
        figure.savefig(content, format="svg", transparent=True, metadata={"Date": None})
    pyplot.close(figure)
    svg = content.getvalue().replace("#000000", "currentColor")
    svg = svg.replace("#ffffff", "var(--paper)")
    head, defs, rest = svg.partition("<defs>")
    return embed(f"{head}{_FIGURE_STYLE}{defs}{rest}".encode(), "image/svg+xml")
