"""Splitters, loss-weight grids and choices for models with several tasks."""

from skmtl._runtime.dask import dask_workers

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
    "dask_workers",
    "loss_weight_grid",
    "pareto_front",
]
