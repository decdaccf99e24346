"""Image resizing, the same everywhere in skfer."""

from PIL import Image

RESAMPLING = {
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
# Large images are first shrunk by averaging whole pixels, which is three times as
# fast, down to this many times the size. With 2 and the bilinear filter the
# result is nearer to Gaussian smoothing, as scikit-image does it, than without.
REDUCING_GAP = 2.0


def resize(
    image: Image.Image, size: tuple[int, int], resample: str = "bilinear"
) -> Image.Image:
    """Bring an image to a height and width; shrinking is antialiased.

    ImageLoader and GrayscaleResizer share it, so that a network trained on files
    sees the same pixels when it predicts on arrays.

    Parameters
    ----------
    image : PIL.Image.Image
        Grey or RGB.
    size : (int, int)
        Height and width in pixels.
    resample : {"bilinear", "box", "bicubic", "lanczos"}, default="bilinear"
        The filter.

    Returns
    -------
    PIL.Image.Image
        The same image if it has that size already.
    """
    height, width = size
    if image.size == (width, height):
        return image
    return image.resize(
        (width, height), RESAMPLING[resample], reducing_gap=REDUCING_GAP
    )
