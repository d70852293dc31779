"""The estimators: for classes and tags, for numbers, and for any mixture of them."""

from skmtl.estimators.classifier import MultiTaskClassifier
from skmtl.estimators.mixture import MultiTaskEstimator
from skmtl.estimators.regressor import MultiTaskRegressor
from skmtl.estimators.task_view import task_view

ESTIMATORS = MultiTaskClassifier, MultiTaskRegressor, MultiTaskEstimator
"""All estimators, the most general one last."""

__all__ = ["MultiTaskClassifier", "MultiTaskEstimator", "MultiTaskRegressor", "task_view"]
