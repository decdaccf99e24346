"""The files of a folder or of a zip archive, and what their headers say."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from skfer._archives import is_archive, list_archive
from skfer._image_files import UnreadableImageError, open_image

#: Names that people give to the parts of a data set, and one name for each.
SPLITS = {
    "train": "train", "training": "train",
    "val": "validation", "valid": "validation", "validation": "validation",
    "dev": "validation", "publictest": "validation",
    "test": "test", "testing": "test", "privatetest": "test",
}  # fmt: skip


@dataclass
class ImageRow:
    """One image of a data set, before it becomes a row of arrays."""

    path: str
    parts: tuple[str, ...]  # Names of folders below the root, and of the file.
    label: str = ""
    split: str | None = None
    subject: str | None = None
    record: dict[str, str] = field(default_factory=dict)  # Of the CSV.
    header: str = ""  # Format, colour mode and size, for the summary.
    size: tuple[int, int] = (0, 0)  # Width and height.
    reason: str | None = None  # Why it can't be read; "" where it claims no image.

    @property
    def name(self) -> str:
        return "/".join(self.parts)

    @property
    def may_be_image(self) -> bool:
        """Tell by the ending; files without one may be images."""
        Image.init()
        ending = Path(self.parts[-1]).suffix.lower()
        return not ending or ending in Image.registered_extensions()

    def examine(self) -> None:
        """Read the header; set ``size`` and ``header``, or ``reason``."""
        try:
            with open_image(self.path) as image:
                self.size = image.size
                self.header = f"{image.format} {image.mode}"
        except UnreadableImageError as error:
            claims = self.may_be_image and Path(self.parts[-1]).suffix
            self.reason = str(error) if claims else ""


def find_root(path: str | os.PathLike, asker: str) -> Path:
    """Return the folder or archive, or say that there is none."""
    root = Path(path)
    if not root.is_dir() and not is_archive(root):
        what = "no zip archive, but another file" if root.is_file() else "no folder"
        raise FileNotFoundError(
            f"{asker} found {what} at {str(root)!r} (looked in {Path.cwd()}). Check "
            "the path."
        )
    return root


def list_tree(root: Path) -> tuple[Path, list[ImageRow], list[str]]:
    """List visible files in the order of their names.

    Parameters
    ----------
    root : Path
        A folder or a zip archive. Of an archive that holds one folder only, the
        content of that folder is listed.

    Returns
    -------
    base : Path
        What the parts of the names are relative to.
    rows : list of ImageRow
        With path and parts.
    problems : list of str
        Links that lead in a circle.
    """
    problems: list[str] = []
    if root.is_dir():
        names: list[tuple[str, ...]] = []
        _walk(root, (), (), names, problems)
    else:
        names = [parts for parts in list_archive(root) if _is_visible(parts)]
    top: tuple[str, ...] = ()
    while root.is_file() and _is_wrapped(names):
        top += names[0][:1]
        names = [name[1:] for name in names]
    base = root.joinpath(*top)
    rows = [ImageRow(str(base.joinpath(*name)), name) for name in sorted(names)]
    return base, rows, problems


def _is_wrapped(names: list[tuple[str, ...]]) -> bool:
    """Tell whether one folder holds everything, and is no part of the data set."""
    tops = {name[0] for name in names}
    return len(tops) == 1 and bool(names[0][1:]) and tops.pop().lower() not in SPLITS


def _is_visible(parts: tuple[str, ...]) -> bool:
    # macOS adds a folder of that name to every archive.
    return not any(part.startswith(".") or part == "__MACOSX" for part in parts)


def _walk(
    folder: Path,
    parts: tuple[str, ...],
    ancestors: tuple[str, ...],
    names: list[tuple[str, ...]],
    problems: list[str],
) -> None:
    """Collect files; links are followed, but not back to where they lie."""
    real = os.path.realpath(folder)
    if real in ancestors:
        problems.append(f"{folder} is a link that leads in a circle to {real}")
        return
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except PermissionError as error:
        raise PermissionError(
            f"The folder {str(folder)!r} can't be read: {error.strerror}. Change its "
            "permissions or leave it out."
        ) from None
    for entry in entries:
        if entry.name.startswith("."):
            continue
        inner = (*parts, entry.name)
        if entry.is_dir():
            _walk(Path(entry.path), inner, (*ancestors, real), names, problems)
        else:
            names.append(inner)
