"""The estimators: one base, and a final class for every mixture of kinds of labels."""

from skmtl.estimators.classifier import MultiTaskClassifier
from skmtl.estimators.mixture import MultiTaskEstimator
from skmtl.estimators.regressor import MultiTaskRegressor
from skmtl.estimators.task_view import task_view

ESTIMATORS = MultiTaskClassifier, MultiTaskRegressor, MultiTaskEstimator
"""All of them, the widest one last."""

__all__ = ["MultiTaskClassifier", "MultiTaskEstimator", "MultiTaskRegressor", "task_view"]
