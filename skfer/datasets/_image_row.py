"""One picture on its way from a reader into the table of images."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from skfer._image_files import RAW_EXTENSIONS

#: Common names for the parts of a data set, and the standard name of each.
PARTS = {
    "train": "train", "training": "train",
    "val": "validation", "valid": "validation", "validation": "validation",
    "dev": "validation", "publictest": "validation",
    "test": "test", "testing": "test", "privatetest": "test",
}  # fmt: skip

# Of formats that Pillow doesn't know.
_MORE_EXTENSIONS = {".heic", ".heif", ".jxl", *RAW_EXTENSIONS}
# Image extensions to which a browser or a download appended something.
_SPOILT = re.compile(r"\.(jpe?g|png|webp|gif|bmp|tiff?|heic|avif)(?![a-z0-9])")
_DOCUMENTS = {
    ".txt", ".md", ".csv", ".json", ".xml", ".html", ".htm", ".pdf", ".py", ".ipynb",
    ".ini", ".db", ".log", ".zip", ".rst", ".doc", ".docx", ".xlsx", ".xmp", ".aae",
}  # fmt: skip


@dataclass
class ImageRow:
    """One picture; readers fill it in, `complete_rows` checks it."""

    name: str  # Folders below the root and the file, with slashes.
    path: str = ""  # Empty where the source holds the pixels themselves.
    pixels: np.ndarray | None = None
    label: str = ""
    part: str | None = None  # As the source names it.
    subject: str | None = None
    source: str = ""  # Where the label is from, for instance "line 3 of labels.csv".
    columns: dict[str, str] = field(default_factory=dict)  # Further ones of a table.
    width: int = 0  # In pixels, 0 where it can't be read.
    height: int = 0
    format: str = ""  # And colour mode, for instance "JPEG RGB".
    status: str = ""  # Why it can't be read.
    claims_to_be_image: bool = True

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the folders and of the file."""
        return tuple(self.name.split("/"))


def is_named_like_image(name: str) -> bool:
    """Return whether a file has the extension of an image.

    Unfinished downloads (``a.jpg.crdownload``) and files named after a URL
    (``a.jpg?w=100``) count too.
    """
    Image.init()
    extension = Path(name).suffix.lower()
    if extension in Image.registered_extensions() or extension in _MORE_EXTENSIONS:
        return extension != ".pdf"
    return extension not in _DOCUMENTS and bool(_SPOILT.search(name.lower()))


def may_hold_image(name: str) -> bool:
    """Return whether a file may be an image; one without an extension may be."""
    return not Path(name).suffix or is_named_like_image(name)


def name_part(name: str) -> str:
    """Return "train", "validation" or "test" for any usual name of a part.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    if name.lower() not in PARTS:
        raise ValueError(
            f"{name!r} is not the name of a part. Use train, validation or test, or "
            f"one of {sorted(set(PARTS) - set(PARTS.values()))}."
        )
    return PARTS[name.lower()]
