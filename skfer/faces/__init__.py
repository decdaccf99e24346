"""Faces in photographs: finding them, and cutting them out."""

from skfer.faces._cropped_faces import CroppedFaces
from skfer.faces._detected_faces import DetectedFaces
from skfer.faces._face_cropper import FaceCropper
from skfer.faces._face_detector import FaceDetector

__all__ = ["CroppedFaces", "DetectedFaces", "FaceCropper", "FaceDetector"]
