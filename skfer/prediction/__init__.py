"""Using a fitted model: pictures in, labels with probabilities out, and tests of it."""

from skfer.prediction._classify_images import classify_images
from skfer.prediction._evaluate_model import evaluate_model
from skfer.prediction._list_pictures import list_pictures
from skfer.prediction._watch import WatchedFrame, watch

__all__ = [
    "WatchedFrame",
    "classify_images",
    "evaluate_model",
    "list_pictures",
    "watch",
]
