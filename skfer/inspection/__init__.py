"""What the numbers look like: displays, and files to keep."""

from skfer.inspection._save_audit import save_audit
from skfer.inspection._save_comparison import save_comparison
from skfer.inspection._training_history import TrainingHistoryDisplay

__all__ = ["TrainingHistoryDisplay", "save_audit", "save_comparison"]
