"""Kinds of labels, a file each, and the tasks of an estimator."""

from skmtl.labels.classes import ClassLabels
from skmtl.labels.kind import LabelKind
from skmtl.labels.label_weights import label_weights
from skmtl.labels.tasks import LABEL_KINDS, Tasks

__all__ = ["LABEL_KINDS", "ClassLabels", "LabelKind", "Tasks", "label_weights"]
