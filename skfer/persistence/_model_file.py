"""The file of a model: a zip archive whose last bytes vouch for all others."""

import hashlib
import io
import json
import math
import os
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from skfer._text import count_of
from skfer.persistence._check_schema import check_schema

#: Of the format that this version writes, and the newest that it reads.
FORMAT = 1
_MARK = "skfer model {} sha256 "
_MARKED = re.compile(rb"skfer model (\d{1,9}) sha256 ([0-9a-f]{64})\Z")
_HEX = 64
# Numbered arrays of skops, its description, and what skfer adds.
_NAMES = re.compile(r"schema\.json|card\.json|card\.md|images\.npy|\d{1,20}\.npy")
_TEXTS = (".json", ".md")
#: In bytes; of texts, unpacked.
LARGEST_FILE, LARGEST_TEXT = 4 << 30, 16 << 20
_CHUNK = 1 << 20


def is_model_file(path: str | os.PathLike) -> bool:
    """Return whether a file ends as model files do, whatever its name is."""
    if not Path(path).is_file():
        return False
    with Path(path).open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 200))
        return _MARKED.search(file.read()) is not None


def pack(model: bytes, added: Mapping[str, bytes]) -> bytes:
    """Return the bytes of a model file.

    Parameters
    ----------
    model : bytes
        A file of skops.
    added : mapping of str to bytes
        Further members, by their names.

    Returns
    -------
    bytes
        A zip archive: texts are compressed, arrays are not, so that no member unpacks
        to more than its file. Its comment is a hash of all bytes before.

    Raises
    ------
    ValueError
        If it would be refused when it is read.
    """
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(model)) as source,
        zipfile.ZipFile(buffer, "w") as target,
    ):
        members = {name: source.read(name) for name in source.namelist()}
        for name, content in {**members, **added}.items():
            is_text = name.endswith(_TEXTS)
            target.writestr(
                zipfile.ZipInfo(name),
                content,
                zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED,
            )
        target.comment = _MARK.format(FORMAT).encode() + b"0" * _HEX
    content = buffer.getvalue()[:-_HEX]
    packed = content + hashlib.sha256(content).hexdigest().encode()
    with _opened(io.BytesIO(packed), "the model", len(packed)):
        return packed


@contextmanager
def opened(path: str | os.PathLike, who: str) -> Iterator[zipfile.ZipFile]:
    """Open a model file of which no byte has changed since it was written.

    Parameters
    ----------
    path : str or Path
        The file.
    who : str
        Name of the caller, for the messages.

    Yields
    ------
    ZipFile
        With the members that a model file may have, whose sizes are what they say.

    Raises
    ------
    ValueError
        If it is no model file, was cut short or changed, was written by a newer
        version, or holds something else than a model.
    OSError
        If it can't be opened.
    """
    if Path(path).is_dir():
        raise ValueError(f"{who} needs a model file, got the folder {path}.")
    if not Path(path).exists():
        raise FileNotFoundError(
            f"{who} found no model file {str(path)!r} (looked in {Path.cwd()}). Check "
            "the path."
        )
    if not Path(path).is_file():
        raise ValueError(f"{who} needs a model file, got a pipe or a device: {path}.")
    with (
        Path(path).open("rb") as file,
        _opened(file, f"{who}: {path}", os.fstat(file.fileno()).st_size) as archive,
    ):
        yield archive


@contextmanager
def _opened(file: BinaryIO, what: str, size: int) -> Iterator[zipfile.ZipFile]:
    _check_hash(file, what, size)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise ValueError(f"{what} can't be read as a zip archive: {error}") from error
    with archive:
        _check_members(archive, what, size)
        yield archive


def _check_hash(file: BinaryIO, what: str, size: int) -> None:
    if size > LARGEST_FILE:
        raise ValueError(
            f"{what} has {size:,} bytes, and a model file has at most {LARGEST_FILE:,}."
        )
    file.seek(max(0, size - 200))
    marked = _MARKED.search(file.read())
    if marked is None:
        file.seek(0)
        begin = file.read(4)
        if begin[:1] == b"\x80":
            raise ValueError(
                f"{what} is a pickle, not a model file of skfer. Loading a pickle runs "
                "the code in it: do so, with joblib.load, only if you trust who made "
                "it, and save the model with skfer.persistence.save_model."
            )
        fault = (
            "was cut short or changed" if begin == b"PK\3\4" else "is something else"
        )
        raise ValueError(
            f"{what} is not a whole model file of skfer; it {fault}. Such a file ends "
            "with a mark of skfer and a SHA-256 hash."
        )
    if (found := int(marked[1])) > FORMAT:
        raise ValueError(
            f"{what} has format {found}, and this version of skfer reads formats up to "
            f"{FORMAT}. Install a newer version of skfer."
        )
    file.seek(0)
    digest, left = hashlib.sha256(), size - _HEX
    while chunk := file.read(min(left, _CHUNK)):
        digest.update(chunk)
        left -= len(chunk)
    if digest.hexdigest().encode() != marked[2]:
        raise ValueError(
            f"{what} was changed after it was written, or damaged: its SHA-256 is "
            f"{digest.hexdigest()[:12]}..., its last bytes say "
            f"{marked[2][:12].decode()}.... Get it again from where it came."
        )
    file.seek(0)


def _check_members(archive: zipfile.ZipFile, what: str, size: int) -> None:
    """Raise unless all members are what a model file may have."""
    members = archive.infolist()
    names = [member.filename for member in members]
    if strange := [name for name in names if not _NAMES.fullmatch(name)]:
        raise ValueError(
            f"{what} holds {count_of(len(strange), 'member')} that a model file can't "
            f"have, for instance {strange[0]!r}. If you save a model: it has something "
            "else than numbers, texts and arrays."
        )
    needed = {"schema.json", "card.json", "card.md"}
    if len(set(names)) < len(names) or not needed <= set(names):
        raise ValueError(
            f"{what} lacks one of {', '.join(sorted(needed))}, or has a member twice."
        )
    stored = 0
    for member in members:
        is_text = member.filename.endswith(_TEXTS)
        stored += member.compress_size
        if member.flag_bits & 1 or (
            member.file_size > LARGEST_TEXT
            if is_text
            else member.compress_type != zipfile.ZIP_STORED
            or member.compress_size != member.file_size
        ):
            raise ValueError(
                f"{what} has the member {member.filename} of {member.file_size:,} "
                "bytes, which is encrypted, compressed although it is no text, or a "
                f"text of more than {LARGEST_TEXT:,} bytes."
            )
    if stored > size:
        raise ValueError(f"{what} has members that overlap.")
    for member in members:
        if member.filename.endswith(".npy"):
            _check_array(archive, member, what)
    check_schema(read_json(archive, "schema.json"), what)


def _check_array(archive: zipfile.ZipFile, member: zipfile.ZipInfo, what: str) -> None:
    """Raise unless an array is as large as it says, before memory is taken for it."""
    try:
        with archive.open(member) as file:
            readers = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }
            shape, _, dtype = readers[np.lib.format.read_magic(file)](file)
            expected = file.tell() + math.prod(shape) * dtype.itemsize
    except (KeyError, OSError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"{what} has the member {member.filename}, which is no array of NumPy "
            f"({type(error).__name__}: {error})."
        ) from error
    is_plain = dtype.kind in "biufcSU" and dtype.itemsize > 0
    if not is_plain or expected != member.file_size:
        raise ValueError(
            f"{what} has the array {member.filename} of shape {shape} and {dtype}, "
            f"which would have {expected:,} bytes, but it has {member.file_size:,}."
        )


def read_json(archive: zipfile.ZipFile, name: str) -> object:
    """Return what a member of the archive says.

    Raises
    ------
    ValueError
        If it is not JSON.
    """
    try:
        return json.loads(archive.read(name))
    except (RecursionError, ValueError, zipfile.BadZipFile, OSError) as error:
        raise ValueError(
            f"The member {name} of the model file can't be read "
            f"({type(error).__name__}: {error})."
        ) from error
