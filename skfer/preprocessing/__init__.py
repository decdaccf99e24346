"""Paths or images in, images out."""

from skfer._cached_array import CachedArray
from skfer.preprocessing._grayscale_resizer import GrayscaleResizer
from skfer.preprocessing._image_loader import ImageLoader
from skfer.preprocessing._image_resizer import ImageResizer

__all__ = ["CachedArray", "GrayscaleResizer", "ImageLoader", "ImageResizer"]
