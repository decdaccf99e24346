"""Where images come from: folders and drawn faces."""

from skfer.datasets._faces import make_faces
from skfer.datasets._image_folder import load_image_folder

__all__ = ["load_image_folder", "make_faces"]
