"""Pictures of Pillow in any mode as grey or colour of 8 bits, as files are read."""

from typing import Any

import numpy as np
from PIL import Image, ImageOps

from skfer._pixels import is_divided_twice, to_uint8

_WHITE = (255, 255, 255, 255)
_BAND = 256  # Rows.
_LEAST_OF_EIGHT = (1 << 12) >> 8  # What 12 bits in 16 don't reach, in 8.


def eight_bits(image: Image.Image) -> Image.Image:
    """Convert any Pillow mode to L or RGB with 8 bits a channel.

    Parameters
    ----------
    image : PIL.Image.Image
        In any mode.

    Returns
    -------
    PIL.Image.Image
        Grey or RGB; what is transparent becomes white.

    Raises
    ------
    ValueError
        If values lie outside of the range of their type.
    """
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return image
    if image.mode == "1":
        return image.convert("L")
    if image.mode.startswith("I") or image.mode == "F":
        return _from_deep(image)
    if not image.has_transparency_data:
        return image.convert("RGB")
    return _put_onto_white(image)


def _put_onto_white(image: Image.Image) -> Image.Image:
    """Flatten what is transparent, in bands: the whole would be there four times."""
    width, height = image.size
    flat = Image.new("RGB", image.size)
    for top in range(0, height, _BAND):
        band = image.crop((0, top, width, min(top + _BAND, height))).convert("RGBA")
        white = Image.new("RGBA", band.size, _WHITE)
        flat.paste(Image.alpha_composite(white, band).convert("RGB"), (0, top))
    return flat


def as_array(image: Any) -> np.ndarray:
    """Return an image as an array, one of Pillow's as its file is read.

    Parameters
    ----------
    image : PIL.Image.Image or array-like
        A palette is looked up, transparency flattened, a rotation applied.

    Returns
    -------
    ndarray
        Of a picture of Pillow's grey or RGB, uint8; else what NumPy makes of it.

    Raises
    ------
    ValueError
        If values lie outside of the range of their type.
    """
    if isinstance(image, Image.Image):
        image = eight_bits(ImageOps.exif_transpose(image))
    return np.asarray(image)


def flatten_alpha(image: np.ndarray) -> np.ndarray:
    """Put an image with an alpha channel onto white, as files are.

    Parameters
    ----------
    image : ndarray of shape (height, width, 2 or 4), uint8
        Grey or RGB, and opacity.

    Returns
    -------
    ndarray of shape (height, width, 3), uint8
        What is seen.
    """
    return np.asarray(eight_bits(Image.fromarray(image)))


def _from_deep(image: Image.Image) -> Image.Image:
    """Bring grey of more than 8 bits into 0..255 by the rule for arrays."""
    values = np.asarray(image)
    if image.mode != "F" and values.size and values.min() >= 0:
        # Pillow reads 16 bits into 32 in some formats.
        is_wide = image.mode.startswith("I;16") or 255 < values.max() <= 65535
        values = values.astype(np.uint16) if is_wide else values
    if image.mode == "F" and values.size and is_divided_twice(float(values.max())):
        raise ValueError(
            f"skfer expects float images in 0..1, got values up to {values.max():.2g} "
            "only, which would be black, as if divided by 255 twice. Divide once."
        )
    return Image.fromarray(to_uint8(values, "skfer"))


def holds_deep_colors(image: Image.Image) -> bool:
    """Return whether a file that is not decoded yet has colours of 16 bits."""
    ways = [str(part[3]) for part in getattr(image, "tile", [])]
    return image.mode in ("RGB", "RGBA", "LA") and any(";16" in way for way in ways)


def refuse_dark_colors(image: Image.Image) -> None:
    """Raise an error for colours of 16 bits that hold 12; Pillow leaves 8 of them.

    Raises
    ------
    ValueError
        If the largest value is below a sixteenth of the range.
    """
    high = int(np.asarray(image).max(initial=0))
    if 0 < high < _LEAST_OF_EIGHT:
        raise ValueError(
            "skfer expects 16-bit colours in 0..65535, got values below 4096 only, "
            "which would be nearly black. Multiply 12-bit values by 16."
        )
