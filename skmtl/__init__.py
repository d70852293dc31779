"""Multi-task learning on tables of images and texts as a scikit-learn estimator."""

from skmtl.data import join_unpaired

__version__ = "0.1.0"

__all__ = ["MultiTaskClassifier", "join_unpaired", "load", "save"]


def __getattr__(name):
    # imported on first use: tokenizers and splitters need no TensorFlow, which takes seconds
    if name == "MultiTaskClassifier":
        from skmtl.classifier import MultiTaskClassifier

        return MultiTaskClassifier
    if name in ("load", "save"):
        from skmtl import persistence

        return getattr(persistence, name)
    raise AttributeError(f"module 'skmtl' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
