"""Kinds of labels, a file each, and the tasks of an estimator."""

from skmtl.labels.classes import ClassHead, ClassLabels
from skmtl.labels.head import Head, target_slices
from skmtl.labels.kind import LabelKind
from skmtl.labels.label_weights import label_weights
from skmtl.labels.numbers import NumberHead, NumberLabels
from skmtl.labels.options import LabelOptions, label_options
from skmtl.labels.ordinal import OrdinalHead, OrdinalLabels
from skmtl.labels.tags import TagHead, TagLabels
from skmtl.labels.tasks import LABEL_KINDS, Targets, Tasks

__all__ = [
    "LABEL_KINDS",
    "ClassHead",
    "ClassLabels",
    "Head",
    "LabelKind",
    "LabelOptions",
    "NumberHead",
    "NumberLabels",
    "OrdinalHead",
    "OrdinalLabels",
    "TagHead",
    "TagLabels",
    "Targets",
    "Tasks",
    "label_options",
    "label_weights",
    "target_slices",
]
