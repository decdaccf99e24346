"""What the numbers look like: displays and the files of a comparison."""

from skfer.inspection._save_comparison import save_comparison
from skfer.inspection._training_history import TrainingHistoryDisplay

__all__ = ["TrainingHistoryDisplay", "save_comparison"]
