"""Images of every mode and depth, from files and as arrays."""

import struct
import warnings
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks._fault_cases import Case, SilentError
from skfer import ImageLoader

# What is shown, at most this far from what was drawn: a palette has 256 colours, and
# JPEG loses some.
_FARTHEST = 6

Drawn = np.ndarray  # Colours in 0..1, shape (height, width, 3).
#: Returns the bytes of a file, or an array.
Maker = Callable[[Drawn], bytes | np.ndarray]


def make_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield cases of one image that is stored in some way."""
    while True:
        what = str(rng.choice(list(_MAKERS)))
        seed = int(rng.integers(2**31))
        yield Case("depths", f"{what}, seed {seed}", partial(_try, what, seed))


def _try(what: str, seed: int, folder: Path) -> None:
    """Ask that an image is read as it was drawn, refused, or warned about."""
    rng = np.random.default_rng(seed)
    height, width = rng.integers(9, 70, 2)
    corners = rng.random((4, 3))
    corners[:2] = [0], [1]  # Of half of the range nobody can tell which half.
    x, y = np.linspace(0, 1, width), np.linspace(0, 1, height)[:, np.newaxis]
    weights = np.stack([(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y])
    drawn = np.einsum("kij,kc->ijc", weights, corners)
    if what.startswith("grey"):
        drawn = np.repeat(drawn[..., :1], 3, axis=2)
    stored = _MAKERS[what](drawn)
    image: str | np.ndarray = stored if isinstance(stored, np.ndarray) else ""
    if isinstance(stored, bytes):
        path = folder / "image"
        path.write_bytes(stored)
        image = str(path)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        loader = ImageLoader("RGB", (int(height), int(width)))
        (seen,) = loader.fit_transform([image])
    error = np.abs(seen - drawn * 255).mean()
    if error > _FARTHEST and not told:
        raise SilentError(f"{error:.0f} of 255 from what was drawn")


def _save(kind: str, *, scale: float = 255, dtype: str = "uint8") -> Maker:
    """Return what writes grey values of some depth with Pillow."""

    def make(drawn: Drawn) -> bytes:
        values = (drawn[..., 0] * scale).astype(dtype)
        return _encode(Image.fromarray(values), kind)

    return make


def _convert(mode: str, kind: str) -> Maker:
    """Return what converts colours to another mode of Pillow."""

    def make(drawn: Drawn) -> bytes:
        image = Image.fromarray(np.rint(drawn * 255).astype(np.uint8))
        return _encode(image.convert(mode), kind)

    return make


def _encode(image: Image.Image, kind: str) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def _write_png(scale: int, n_channels: int) -> Maker:
    """Return what writes 16 bits a channel, which Pillow does not."""

    def make(drawn: Drawn) -> bytes:
        height, width, _ = drawn.shape
        values = np.full((height, width, n_channels), scale, dtype=">u2")
        n_colors = min(n_channels, 3) if n_channels > 2 else 1
        values[..., :n_colors] = np.rint(drawn[..., :n_colors] * scale)
        rows = b"".join(b"\0" + row.tobytes() for row in values)
        color_type = {1: 0, 2: 4, 3: 2, 4: 6}[n_channels]
        head = struct.pack(">IIBBBBB", width, height, 16, color_type, 0, 0, 0)
        parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data))
            + name
            + data
            + struct.pack(">I", zlib.crc32(name + data))
            for name, data in parts
        )

    return make


def _write_pgm(largest: int) -> Maker:
    """Return what writes grey of any largest value, 12 bits among them."""

    def make(drawn: Drawn) -> bytes:
        height, width, _ = drawn.shape
        values = np.rint(drawn[..., 0] * largest)
        values = values.astype(">u2" if largest > 255 else np.uint8)
        return b"P5 %d %d %d\n" % (width, height, largest) + values.tobytes()

    return make


def _as_array(scale: float, dtype: str, shift: float = 0) -> Maker:
    """Return what gives an array of some kind."""

    def make(drawn: Drawn) -> np.ndarray:
        values = drawn * scale + shift
        return (np.rint(values) if scale > 1 else values).astype(dtype)

    return make


_MAKERS: dict[str, Maker] = {
    "grey PNG of 8 bits": _save("PNG"),
    "grey PNG of 16 bits": _write_png(65535, 1),
    "grey PNG of 12 bits in 16": _write_png(4095, 1),
    "grey PNG of 8 bits in 16": _write_png(255, 1),
    "grey and opacity PNG of 16 bits": _write_png(65535, 2),
    "colour PNG of 16 bits": _write_png(65535, 3),
    "colour PNG of 12 bits in 16": _write_png(4095, 3),
    "colour and opacity PNG of 16 bits": _write_png(65535, 4),
    "grey TIFF of 16 bits": _save("TIFF", scale=65535, dtype="uint16"),
    "grey TIFF of 12 bits in 16": _save("TIFF", scale=4095, dtype="uint16"),
    "grey TIFF of 32 bits": _save("TIFF", scale=2**31 - 1, dtype="int32"),
    "grey TIFF of 16 bits in 32": _save("TIFF", scale=65535, dtype="int32"),
    "grey TIFF of floats in 0..1": _save("TIFF", scale=1, dtype="float32"),
    "grey TIFF of floats in 0..255": _save("TIFF", scale=255, dtype="float32"),
    "grey TIFF of floats in 0..1/255": _save("TIFF", scale=1 / 255,
                                             dtype="float32"),
    "grey TIFF of negative floats": _save("TIFF", scale=-1, dtype="float32"),
    "grey PGM up to 4095": _write_pgm(4095),
    "grey PGM up to 1023": _write_pgm(1023),
    "grey PGM up to 100": _write_pgm(100),
    "grey JPEG 2000 of 16 bits": _save("JPEG2000", scale=65535,
                                       dtype="uint16"),
    "CMYK JPEG": _convert("CMYK", "JPEG"),
    "YCbCr TIFF": _convert("YCbCr", "TIFF"),
    "LAB TIFF": _convert("LAB", "TIFF"),
    "palette PNG": lambda drawn: _encode(
        Image.fromarray(np.rint(drawn * 255).astype(np.uint8)).quantize(256), "PNG"),
    "array of uint8": _as_array(255, "uint8"),
    "array of uint16": _as_array(65535, "uint16"),
    "array of 12 bits in uint16": _as_array(4095, "uint16"),
    "array of 16 bits in int32": _as_array(65535, "int32"),
    "array of int64": _as_array(255, "int64"),
    "array of 0..1": _as_array(1, "float64"),
    "array of 0..1 as half floats": _as_array(1, "float16"),
    "array of 0..255 as floats": _as_array(255, "float32"),
    "array of -1..1": _as_array(2, "float32", -1),
    "array of signed bytes": _as_array(255, "int16", -128),
    "array of 0..1/255": _as_array(1 / 255, "float32"),
}  # fmt: skip
