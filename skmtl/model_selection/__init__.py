"""Splitters, predictions by folds, loss-weight grids and choices for several tasks."""

from skmtl._runtime.dask import dask_workers

from ._cross_val_predict import cross_val_predict
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
    "cross_val_predict",
    "dask_workers",
    "loss_weight_grid",
    "pareto_front",
]
