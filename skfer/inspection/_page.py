"""Self-contained HTML pages."""

import base64
from functools import cache
from io import BytesIO
from typing import Any

import jinja2
import numpy as np
from PIL import Image

from skfer._text import printable


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("skfer.inspection"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def render_page(template: str, **values: Any) -> str:
    """Return an HTML page without scripts or external resources.

    Parameters
    ----------
    template : str
        Name of a file in the folder ``templates``.
    **values : object
        Values for the template; text is escaped.

    Returns
    -------
    str
        The page.
    """
    return printable(_environment().get_template(template).render(**values))


def embed_png(content: bytes) -> str:
    """Return a data URI of a PNG file."""
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def embed_picture(picture: np.ndarray) -> str:
    """Return a data URI of uint8 pixels, as PNG."""
    content = BytesIO()
    Image.fromarray(picture).save(content, format="PNG")
    return embed_png(content.getvalue())


def embed_figure(figure: Any) -> str:
    """Return a data URI of a figure, as PNG, and close the figure."""
    from matplotlib import pyplot

    content = BytesIO()
    figure.savefig(content, format="png", dpi=110)
    pyplot.close(figure)
    return embed_png(content.getvalue())
