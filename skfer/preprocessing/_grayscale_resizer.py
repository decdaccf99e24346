"""Resizing images of any size to grey images of one size."""

from pathlib import Path

from skfer.preprocessing._image_resizer import ImageResizer


class GrayscaleResizer(ImageResizer):
    """Turn images of any size, grey or colour, into grey images of one size.

    It is `ImageResizer` with ``mode="L"``.

    Parameters
    ----------
    size : int or (int, int), default=(48, 48)
        Height and width of the output in pixels.
    resample : {"bilinear", "box", "bicubic", "lanczos"}, default="bilinear"
        The filter, as named by Pillow.
    image_shape : tuple of int or None, default=None
        How rows of flattened pixels are to be read: (height, width) or
        (height, width, channels). None means square where the number of pixels
        is a square number, else one row of pixels. Ignored for images.
    n_jobs : int or None, default=None
        Number of threads. None means one, -1 all cores.
    cache_dir : str, Path or None, default=None
        Folder in which images are kept once they are resized, as in `ImageLoader`; an
        image is known by its pixels. `transform` then returns `CachedArray`.
    cache_gb : float or None, default=None
        How many gigabytes ``cache_dir`` may hold; more is an error.

    Attributes
    ----------
    size_ : tuple of int
        Height and width of the output.
    image_shape_in_ : tuple of int
        Height, width and channels of rows of pixels. Only set for those;
        images may have any size.
    pixel_min_in_ : float
        Smallest value of the range of rows of pixels: 0, or below for floats. Only
        set for those.
    pixel_max_in_ : float
        Largest value of the range of rows of pixels: 255 for integers, 1 for floats.
        Only set for those.
    n_features_in_ : int
        Number of pixels in a row. Only set for rows of pixels.

    See Also
    --------
    ImageResizer : The same, in colour too.
    ImageLoader : Reads the files.

    Notes
    -----
    The weights of red, green and blue are those of `skimage.color.rgb2gray`.
    Integers mean 0..255, uint16 0..65535, floats 0..1; other values raise an error.
    Rows of pixels may be floats of another range, which causes a warning; the range at
    fit is then scaled to 0..255. The output is a stack of images, not a table, so
    ``set_output`` does not apply to this step.

    Examples
    --------
    >>> import numpy as np
    >>> from skfer import GrayscaleResizer
    >>> photos = [np.zeros((60, 80, 3), np.uint8), np.full((10, 12), 255, np.uint8)]
    >>> faces = GrayscaleResizer(size=(24, 24)).fit_transform(photos)
    >>> faces.shape, faces.dtype, faces.max()
    ((2, 24, 24), dtype('uint8'), np.uint8(255))
    """

    _parameter_constraints: dict = {
        name: constraint
        for name, constraint in ImageResizer._parameter_constraints.items()
        if name != "mode"
    }
    mode = "L"

    def __init__(
        self,
        size: int | tuple[int, int] = (48, 48),
        *,
        resample: str = "bilinear",
        image_shape: tuple[int, ...] | None = None,
        n_jobs: int | None = None,
        cache_dir: str | Path | None = None,
        cache_gb: float | None = None,
    ) -> None:
        self.size = size
        self.resample = resample
        self.image_shape = image_shape
        self.n_jobs = n_jobs
        self.cache_dir = cache_dir
        self.cache_gb = cache_gb
