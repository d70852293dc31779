"""Multi-task learning on tables of images, texts, numbers and categories, as in scikit-learn."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what type checkers and editors see
    from skmtl import aggregation as aggregation
    from skmtl import backbones as backbones
    from skmtl import comparison as comparison
    from skmtl import datasets as datasets
    from skmtl import display as display
    from skmtl import exceptions as exceptions
    from skmtl import metrics as metrics
    from skmtl import model_selection as model_selection
    from skmtl import persistence as persistence
    from skmtl import preprocessing as preprocessing
    from skmtl import serve as serve
    from skmtl import sharing as sharing
    from skmtl import weighting as weighting
    from skmtl.data import join_unpaired
    from skmtl.estimators import MultiTaskClassifier, MultiTaskEstimator, MultiTaskRegressor
    from skmtl.estimators.task_view import task_view
    from skmtl.persistence import load, save

__version__ = "0.1.0"

__all__ = [
    "MultiTaskClassifier",
    "MultiTaskEstimator",
    "MultiTaskRegressor",
    "join_unpaired",
    "load",
    "save",
    "task_view",
]

# imported on first use (PEP 562): pandas takes a second, TensorFlow several
_LAZY = {
    "MultiTaskClassifier": "skmtl.estimators",
    "MultiTaskEstimator": "skmtl.estimators",
    "MultiTaskRegressor": "skmtl.estimators",
    "join_unpaired": "skmtl.data",
    "load": "skmtl.persistence",
    "save": "skmtl.persistence",
    "task_view": "skmtl.estimators",
}
_ROOMS = (
    "aggregation", "backbones", "comparison", "datasets", "display", "exceptions", "metrics",
    "model_selection", "persistence", "preprocessing", "serve", "sharing", "weighting",
)  # fmt: skip


def __getattr__(name):
    if name in _LAZY:
        value = getattr(import_module(_LAZY[name]), name)
    elif name in _ROOMS:
        value = import_module(f"skmtl.{name}")
    else:
        raise AttributeError(f"module 'skmtl' has no attribute {name!r}")
    globals()[name] = value  # the next use finds it without this function
    return value


def __dir__():
    return sorted({*globals(), *__all__, *_ROOMS})
