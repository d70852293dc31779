"""The estimators: one base, and a final class for every mixture of kinds of labels."""

from skmtl.estimators.classifier import MultiTaskClassifier

__all__ = ["MultiTaskClassifier"]
