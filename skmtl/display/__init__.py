"""Figures of trainings, searches, comparisons and mistakes (needs matplotlib)."""

from ._comparison import ComparisonDisplay
from ._confusion import TaskConfusionMatrixDisplay
from ._explanation import ExplanationDisplay
from ._numbers import NumberPredictionsDisplay
from ._pareto import ParetoFrontDisplay
from ._tags import TagScoresDisplay
from ._task_gains import TaskGainsDisplay
from ._training import TrainingCurvesDisplay
from ._wrong import WrongPredictionsDisplay

__all__ = [
    "ComparisonDisplay",
    "ExplanationDisplay",
    "NumberPredictionsDisplay",
    "ParetoFrontDisplay",
    "TagScoresDisplay",
    "TaskConfusionMatrixDisplay",
    "TaskGainsDisplay",
    "TrainingCurvesDisplay",
    "WrongPredictionsDisplay",
]
