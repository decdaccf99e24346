"""Images in, feature table out."""

from skfer.features._hog import HOGTransformer
from skfer.features._lbp import LBPTransformer

__all__ = ["HOGTransformer", "LBPTransformer"]
