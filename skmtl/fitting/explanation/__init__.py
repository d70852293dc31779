"""What columns, words and regions of images contribute to what a network predicts."""

from skmtl.fitting.explanation.columns import explain_columns
from skmtl.fitting.explanation.regions import explain_regions
from skmtl.fitting.explanation.words import explain_words

__all__ = ["explain_columns", "explain_regions", "explain_words"]
