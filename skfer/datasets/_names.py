"""How images are named where people read it."""

import os
import re
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skfer.datasets._image_table import ImageTable


def find_folder(files: Iterable[object]) -> str:
    """Return the deepest folder that holds all files, or an empty string."""
    try:
        return os.path.commonpath([str(Path(str(file)).parent) for file in files])
    except ValueError:  # On several drives, not all from the root, or none.
        return ""


def name_folder(command: str, table: "ImageTable") -> str:
    """Return a command with what was read in place of FOLDER.

    It stays FOLDER where that is unknown, or there are several: their common folder may
    hold anything else.
    """
    if not table.origin or not Path(table.origin).exists():
        return command
    folder = str(Path(table.origin))
    return re.sub(
        r"FOLDER(-\w+)?", lambda found: shlex.quote(folder + (found[1] or "")), command
    )


def name_images(table: "ImageTable") -> list[str]:
    """Return files as they are called in the folder that holds all, or row numbers."""
    if table.paths is None:
        return [f"row {row}" for row in range(len(table))]
    files = [str(Path(str(path))) for path in table.paths]
    folder = find_folder(files)
    if not folder:
        return files
    return [file.removeprefix(folder).lstrip(os.sep) for file in files]
