"""How images are named where people read it."""

import os
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
    """Return a command with the folder of the images in place of FOLDER.

    It stays FOLDER where the images are in none.
    """
    folder = "" if table.paths is None else find_folder(table.paths)
    if not folder or not Path(folder).is_dir():
        return command
    for word, path in ("FOLDER-clean", f"{folder}-clean"), ("FOLDER", folder):
        command = command.replace(word, shlex.quote(path))
    return command


def name_images(table: "ImageTable") -> list[str]:
    """Return files as they are called in the folder that holds all, or row numbers."""
    if table.paths is None:
        return [f"row {row}" for row in range(len(table))]
    files = [str(path) for path in table.paths]
    folder = find_folder(files)
    return [os.path.relpath(file, folder) if folder else file for file in files]
