"""Kinds of labels: one file each."""

from skmtl.labels.tasks import Tasks
from skmtl.labels.weights import label_weights

__all__ = ["Tasks", "label_weights"]
