"""Multi-task learning on tables of images, texts, numbers and categories, as in scikit-learn."""

from importlib import import_module

from skmtl.data import join_unpaired

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

# imported on first use: tokenizers and splitters need no TensorFlow, which takes seconds
_LAZY = {
    "MultiTaskClassifier": "skmtl.estimators",
    "MultiTaskEstimator": "skmtl.estimators",
    "MultiTaskRegressor": "skmtl.estimators",
    "load": "skmtl.persistence",
    "save": "skmtl.persistence",
    "task_view": "skmtl.estimators",
}
_ROOMS = (
    "aggregation", "backbones", "comparison", "datasets", "display", "exceptions", "metrics",
    "model_selection", "persistence", "preprocessing", "sharing", "weighting",
)  # fmt: skip


def __getattr__(name):
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    if name in _ROOMS:
        return import_module(f"skmtl.{name}")
    raise AttributeError(f"module 'skmtl' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__, *_ROOMS})
