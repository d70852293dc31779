"""The Hanzi table, split so that variants of one character stay together."""

from sklearn.model_selection import GroupKFold

from skmtl.datasets import load_hanzi

TEXTS = ["definition", "words"]
NUMBERS = ["log_frequency", "n_words"]
CATEGORIES = ["cantonese_tone", "korean_initial"]
CLASSES = ["radical", "tone", "initial", "level", "corner"]


def split_hanzi():
    """Return X, y, and the training and test rows of the first of five folds over families."""
    X, y, groups = load_hanzi(return_groups=True)
    return X, y, *next(GroupKFold(5, shuffle=True, random_state=0).split(X, groups=groups))
