"""The meaning of pixel values: one rule for files, arrays and figures.

========================= ====================================================
dtype                     range
========================= ====================================================
bool                      black and white
uint8, other integers     0..255
uint16                    0..65535
floats                    0..1
========================= ====================================================

Values outside of their range, or in so small a part of it that they mean another one,
raise an error that says what to do.
"""

import warnings

import numpy as np

# Red, green and blue of skimage.color.rgb2gray (ITU-R BT.709) in 1/65536.
GRAY_WEIGHTS = (13926, 46884, 4726)
# Interpolated floats may overshoot their range by up to this share of it.
OVERSHOOT = 0.1
_TWELVE_BITS = 1 << 12
# In half and single precision, 1/255 is rounded up.
_DIVIDED_TWICE = 1.001 / 255


def to_uint8(pixels: np.ndarray, who: str, where: str = "") -> np.ndarray:
    """Bring pixels of any kind into 0..255.

    Parameters
    ----------
    pixels : ndarray of any shape
        One image or a stack of them.
    who : str
        Name of the caller, for the error message.
    where : str, default=""
        Which image it is, for instance " at row 3".

    Returns
    -------
    ndarray of the same shape, uint8
        The same array if it is uint8 already.

    Raises
    ------
    ValueError
        If the dtype is not numeric, a value lies outside of the range of the dtype,
        or 16 bits hold values of 12 or 8 bits only.
    """
    kind = pixels.dtype.kind
    if pixels.dtype == np.uint8 or (kind in "uib" and pixels.size == 0):
        return pixels.astype(np.uint8, copy=False)
    if kind == "b":
        return pixels * np.uint8(255)
    if kind == "f":
        return _shares_to_uint8(pixels, who, where)
    if kind not in "ui":
        raise ValueError(
            f"{who} needs numeric images, got dtype {pixels.dtype}{where}. Convert "
            "them with numpy.asarray(image, dtype='uint8')."
        )
    low, high = int(pixels.min()), int(pixels.max())
    if pixels.dtype == np.uint16:
        if 0 < high < _TWELVE_BITS:
            black, remedy = (
                ("black", "Pass them as uint8")
                if high <= 255
                else ("nearly black", "Multiply 12-bit values by 16")
            )
            raise ValueError(
                f"{who} expects uint16 values in 0..65535, got values up to {high} "
                f"only{where}, which would be {black}. {remedy}."
            )
        # The nearest of 256, without floats, which take four times the memory.
        nearest = pixels // 257
        nearest += (pixels - nearest * np.uint16(257)) > 128
        return nearest.astype(np.uint8)
    if low < 0 or high > 255:
        raise ValueError(
            f"{who} expects integers in 0..255, got {pixels.dtype} values from {low} "
            f"to {high}{where}. Pass 16-bit values as uint16, or scale them to 0..255 "
            "and pass uint8."
        )
    return pixels.astype(np.uint8)


def to_uint8_image(image: np.ndarray, who: str, row: int) -> np.ndarray:
    """Bring one image into 0..255, or say why it is not one.

    Parameters
    ----------
    image : ndarray of shape (height, width) or (height, width, 1 or 3)
        As in `to_uint8`.
    who : str
        Name of the caller, for the error message.
    row : int
        Where the image stands among the others, for the error message.

    Returns
    -------
    ndarray of the same shape, uint8
        The same array if it is uint8 already.

    Raises
    ------
    ValueError
        If it has another shape or no pixels, or `to_uint8` rejects it.
    """
    is_image = image.ndim == 2 or (image.ndim == 3 and image.shape[2] in (1, 3))
    if not is_image or image.size == 0:
        raise ValueError(
            f"{who} needs images of shape (height, width) or (height, width, 3), got "
            f"shape {image.shape} at row {row}. Move channels to the last axis; alpha "
            "channels are flattened by ImageLoader, put it first."
        )
    return to_uint8(image, who, f" at row {row}")


def _shares_to_uint8(pixels: np.ndarray, who: str, where: str) -> np.ndarray:
    if pixels.size == 0:
        return np.zeros(pixels.shape, dtype=np.uint8)
    low, high = float(pixels.min()), float(pixels.max())
    if not np.isfinite([low, high]).all():
        raise ValueError(
            f"{who} got NaN or infinity{where}. Leave the image out, or repair it."
        )
    if low < -OVERSHOOT or high > 1 + OVERSHOOT:
        raise ValueError(
            f"{who} expects float images in 0..1, got values from {low:.6g} to "
            f"{high:.6g}{where}. {how_to_scale(low, high)}"
        )
    wide = pixels.astype(np.float32, copy=False)
    return np.rint(wide * 255).clip(0, 255).astype(np.uint8)


def how_to_scale(low: float, high: float) -> str:
    """Say how to scale floats of another range to 0..1."""
    if low < -OVERSHOOT and high <= 1 + OVERSHOOT:
        return "Map -1..1 to 0..1 with (image + 1) / 2."
    if low < -OVERSHOOT:
        return "Subtract the minimum, and divide by the range."
    return "Convert 0..255 to uint8, or divide by 255."


def is_divided_twice(largest: float) -> bool:
    """Return whether the largest of floats is so small that they were scaled twice."""
    return bool(0 < largest <= _DIVIDED_TWICE)


def warn_of_darkness(who: str, largest: float, stacklevel: int) -> None:
    """Warn about floats so small that they seem to have been scaled twice.

    Parameters
    ----------
    who : str
        Name of the caller.
    largest : float
        Largest value of all images together.
    stacklevel : int
        As in `warnings.warn`, counted from the caller.
    """
    if is_divided_twice(largest):
        warnings.warn(
            f"{who} expects float images in 0..1, got values up to {largest:.2g} only, "
            "as if divided by 255 twice. Divide once, or pass uint8.",
            UserWarning,
            stacklevel=stacklevel + 1,
        )


def to_gray(images: np.ndarray) -> np.ndarray:
    """Turn colour images into grey ones with the weights of scikit-image.

    Parameters
    ----------
    images : ndarray of shape (..., height, width, channels)
        uint8 in 0..255 or floats, RGB order. One channel passes through.

    Returns
    -------
    ndarray of shape (..., height, width)
        The same dtype; the weights are those of `skimage.color.rgb2gray`.

    Raises
    ------
    ValueError
        If there are neither one nor three channels.
    """
    n_channels = images.shape[-1]
    if n_channels == 1:
        return images[..., 0]
    if n_channels != 3:
        raise ValueError(
            f"Grey conversion needs 1 or 3 channels, got {n_channels}. Drop the "
            "alpha channel, or read the files with ImageLoader, which flattens it."
        )
    red, green, blue = (images[..., channel] for channel in range(3))
    if images.dtype != np.uint8:
        r, g, b = (weight / 65536 for weight in GRAY_WEIGHTS)
        return r * red + g * green + b * blue
    total = np.full(red.shape, 1 << 15, dtype=np.uint32)
    for channel, weight in zip((red, green, blue), GRAY_WEIGHTS, strict=True):
        total += channel * np.uint32(weight)
    return (total >> 16).astype(np.uint8)


def to_mode(image: np.ndarray, mode: str | None) -> np.ndarray:
    """Make a uint8 image grey or colour.

    Parameters
    ----------
    image : ndarray of shape (height, width) or (height, width, 1 or 3), uint8
        One image.
    mode : {"L", "RGB"} or None
        Grey, colour, or as it is.

    Returns
    -------
    ndarray of shape (height, width) or (height, width, 3), uint8
        Grey for "L", colour for "RGB"; a single channel is always dropped.
    """
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[..., 0]
    if mode == "L" and image.ndim == 3:
        return to_gray(image)
    if mode == "RGB" and image.ndim == 2:
        return np.repeat(image[..., np.newaxis], 3, axis=2)
    return image
