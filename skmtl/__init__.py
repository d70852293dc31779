"""Multi-task learning on pictures and texts as a scikit-learn estimator."""

from skmtl.classifier import MultiTaskClassifier
from skmtl.data import join_unpaired

__version__ = "0.1.0"

__all__ = ["MultiTaskClassifier", "join_unpaired"]
