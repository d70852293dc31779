"""Splitters, loss-weight grids and choices for models with several tasks."""

from ._kfold import MultiTaskStratifiedKFold, RepeatedMultiTaskStratifiedKFold
from ._loss_weights import DirichletLossWeights, LogUniformLossWeights, loss_weight_grid
from ._one_standard_error import OneStandardErrorRule
from ._pareto import pareto_front
from ._shuffle_split import MultiTaskStratifiedShuffleSplit

__all__ = [
    "DirichletLossWeights",
    "LogUniformLossWeights",
    "MultiTaskStratifiedKFold",
    "MultiTaskStratifiedShuffleSplit",
    "OneStandardErrorRule",
    "RepeatedMultiTaskStratifiedKFold",
    "loss_weight_grid",
    "pareto_front",
]
