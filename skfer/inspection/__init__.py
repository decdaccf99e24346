"""Displays of data and results, and reports to keep."""

from skfer.inspection._class_balance import ClassBalanceDisplay
from skfer.inspection._comparison_display import ComparisonDisplay
from skfer.inspection._confusion_faces import ConfusionFacesDisplay
from skfer.inspection._explain import explain
from skfer.inspection._explanation_display import ExplanationDisplay
from skfer.inspection._faces_display import FacesDisplay
from skfer.inspection._feature_display import FeatureDisplay
from skfer.inspection._predictions import PredictionsDisplay
from skfer.inspection._reliability import ReliabilityDisplay
from skfer.inspection._risk_coverage import RiskCoverageDisplay
from skfer.inspection._sample_faces import SampleFacesDisplay
from skfer.inspection._save_audit import save_audit
from skfer.inspection._save_comparison import save_comparison
from skfer.inspection._save_report import save_report
from skfer.inspection._search_display import SearchDisplay
from skfer.inspection._timeline import TimelineDisplay
from skfer.inspection._training_history import TrainingHistoryDisplay

__all__ = [
    "ClassBalanceDisplay",
    "ComparisonDisplay",
    "ConfusionFacesDisplay",
    "ExplanationDisplay",
    "FacesDisplay",
    "FeatureDisplay",
    "PredictionsDisplay",
    "ReliabilityDisplay",
    "RiskCoverageDisplay",
    "SampleFacesDisplay",
    "SearchDisplay",
    "TimelineDisplay",
    "TrainingHistoryDisplay",
    "explain",
    "save_audit",
    "save_comparison",
    "save_report",
]
