"""Models in files: saving, loading, and the card that says what they are."""

from skfer.persistence._export_onnx import OnnxParity, export_onnx
from skfer.persistence._load_model import load_model, read_card
from skfer.persistence._model_card import ModelCard
from skfer.persistence._save_model import save_model

__all__ = [
    "ModelCard",
    "OnnxParity",
    "export_onnx",
    "load_model",
    "read_card",
    "save_model",
]
