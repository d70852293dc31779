"""Sets of classes or tags that are probable enough."""

import numpy as np


def strangeness(outputs, targets) -> np.ndarray:
    """Return one less the probability of the class of each row."""
    return 1 - np.take_along_axis(outputs, targets.astype(int), axis=1)[:, 0]


def prediction_sets(outputs, limit, classes) -> np.ndarray:
    """Return the classes of probability ``1 - limit`` at least, the most probable one first."""
    sets = np.empty(len(outputs), object)
    order = np.argsort(-outputs, axis=1, kind="stable")
    for row, places in enumerate(order):
        sets[row] = tuple(classes[places[1 - outputs[row, places] <= limit]].tolist())
    return sets
