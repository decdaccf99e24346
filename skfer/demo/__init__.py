"""A local page that shows what a model says of pictures and of the webcam."""

from skfer.demo._make_app import make_app
from skfer.demo._serve import serve

__all__ = ["make_app", "serve"]
