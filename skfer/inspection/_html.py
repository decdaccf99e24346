"""Pages that need nothing but themselves."""

import base64
import os
from collections.abc import Sequence
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

_STYLE = """
:root { color-scheme: light dark; --line: #8886; --bad: #c62828; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto;
  padding: 1rem; overflow-wrap: anywhere; }
h2 { border-top: 1px solid var(--line); padding-top: 1rem; }
.serious { color: var(--bad); }
.groups { display: flex; flex-wrap: wrap; gap: .75rem; }
.group { border: 1px solid var(--line); border-radius: .4rem; padding: .4rem;
  display: flex; gap: .4rem; max-width: 100%; flex-wrap: wrap; }
.group figure { margin: 0; width: 6rem; font-size: .7rem; line-height: 1.2; }
.group img { width: 6rem; height: 6rem; object-fit: contain; }
.chart { margin: 1rem 0; }
.chart img { max-width: 100%; height: auto; background: white; border-radius: .4rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line);
  text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
pre { white-space: pre-wrap; }
@media print { .group, .chart, tr { break-inside: avoid; } }
"""


def make_page(title: str, body: str) -> str:
    """Return a whole page in HTML.

    Parameters
    ----------
    title : str
        Plain text.
    body : str
        HTML.

    Returns
    -------
    str
        A page without scripts and without anything from outside.
    """
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body>\n<h1>{escape(title)}</h1>\n{body}</body>\n</html>\n"
    )


def make_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of plain texts, which scrolls where it is too wide."""
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in row)}</tr>\n"
        for row in rows
    )
    return (
        f'<div class="wide"><table><thead><tr>{head}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>\n"
    )


def embed_picture(content: bytes, alt: str) -> str:
    """Return an image element that holds a PNG file."""
    data = base64.b64encode(content).decode()
    return f'<img alt="{escape(alt)}" src="data:image/png;base64,{data}">'


def embed_figure(figure: Any, alt: str) -> str:
    """Return an element that holds a figure of matplotlib, and close the figure."""
    from matplotlib import pyplot

    content = BytesIO()
    figure.savefig(content, format="png", dpi=110)
    pyplot.close(figure)
    return f'<div class="chart">{embed_picture(content.getvalue(), alt)}</div>\n'


def write_page(path: str | os.PathLike, text: str) -> Path:
    """Write a page aside and rename it, so that nothing half-written remains."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".aside-{os.getpid()}-{path.name}")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return path
