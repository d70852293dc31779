"""Loss weights to search over: grids, and distributions to draw from."""

from collections.abc import Sequence
from itertools import combinations, product
from typing import Literal

import numpy as np
from sklearn.utils import check_random_state

from skmtl._runtime.checks import as_count, as_number
from skmtl._runtime.types import RandomState


def loss_weight_grid(
    task_names: Sequence[str],
    n: int = 5,
    *,
    spacing: Literal["simplex", "log"] = "simplex",
    ratio: float = 10.0,
    total: float = 1.0,
) -> list[dict[str, float]]:
    r"""Return loss weights for a grid search.

    Parameters
    ----------
    task_names : sequence of str
        At least two tasks.
    n : int, default=5
        How many values each weight takes, at least 1.
    spacing : {"simplex", "log"}, default="simplex"
        With ``"simplex"``, the weights are all positive multiples of
        :math:`1 / (n + n_{tasks} - 1)` that sum to 1: `n` candidates for two tasks,
        ``n * (n + 1) / 2`` for three. With ``"log"``, the weight of every task but the first
        is `n` values from ``1 / ratio`` to `ratio` times the first's, evenly spaced on a log
        scale: ``n ** (n_tasks - 1)`` candidates.
    ratio : float, default=10.0
        Largest ratio of two weights with ``spacing="log"``, above 1.
    total : float, default=1.0
        What the weights of a candidate sum to. With the number of tasks, equal weights are all
        1, as in a network without loss weights.

    Returns
    -------
    list of dict of str to float
        One dict per candidate, for ``param_grid={"loss_weights": ...}``.

    Raises
    ------
    ValueError
        If there are fewer than two tasks, or a parameter is out of its range.

    Examples
    --------
    >>> from skmtl.model_selection import loss_weight_grid
    >>> for weights in loss_weight_grid(["group", "subgroup"], 3):
    ...     print(weights)
    {'group': 0.25, 'subgroup': 0.75}
    {'group': 0.5, 'subgroup': 0.5}
    {'group': 0.75, 'subgroup': 0.25}
    >>> len(loss_weight_grid(["a", "b", "c"], 3))
    6
    >>> len(loss_weight_grid(["a", "b", "c"], 3, spacing="log"))
    9
    """
    tasks = _check_tasks(task_names)
    n = as_count("n", n)
    as_number("total", total, low=0, closed="neither")
    if spacing == "simplex":
        rows = _compositions(n + len(tasks) - 1, len(tasks))
    elif spacing == "log":
        as_number("ratio", ratio, low=1, closed="neither")
        steps = np.geomspace(1 / ratio, ratio, n) if n > 1 else [1.0]
        rows = [(1.0, *others) for others in product(steps, repeat=len(tasks) - 1)]
    else:
        raise ValueError(f"spacing must be 'simplex' or 'log'; got {spacing!r}.")
    return [_as_weights(tasks, row, total) for row in rows]


class DirichletLossWeights:
    """Loss weights that sum to a constant, drawn from a Dirichlet distribution.

    Parameters
    ----------
    task_names : sequence of str
        At least two tasks.
    concentration : float, default=1.0
        1 is uniform on the simplex; above, nearer to equal weights; below, nearer to its
        corners.
    total : float, default=1.0
        What the weights sum to.

    Examples
    --------
    >>> from skmtl.model_selection import DirichletLossWeights
    >>> weights = DirichletLossWeights(["group", "subgroup"]).rvs(random_state=0)
    >>> list(weights), round(sum(weights.values()), 6)
    (['group', 'subgroup'], 1.0)
    """

    def __init__(
        self, task_names: Sequence[str], *, concentration: float = 1.0, total: float = 1.0
    ) -> None:
        self.task_names = _check_tasks(task_names)
        self.concentration = as_number("concentration", concentration, low=0, closed="neither")
        self.total = as_number("total", total, low=0, closed="neither")

    def rvs(self, random_state: RandomState = None) -> dict[str, float]:
        """Draw one dict of task to weight, as `RandomizedSearchCV` asks for it.

        Parameters
        ----------
        random_state : int, RandomState instance or None, default=None
            Source of the draw.

        Returns
        -------
        dict of str to float
            The weights.
        """
        rng = check_random_state(random_state)
        draw = rng.dirichlet(np.full(len(self.task_names), self.concentration))
        return _as_weights(self.task_names, draw, self.total)


class LogUniformLossWeights:
    """Loss weights whose ratios to the first task are drawn evenly on a log scale.

    Parameters
    ----------
    task_names : sequence of str
        At least two tasks.
    ratio : float, default=10.0
        Largest ratio to the first task's weight, above 1; its inverse is the smallest.
    total : float, default=1.0
        What the weights sum to.

    Examples
    --------
    >>> from skmtl.model_selection import LogUniformLossWeights
    >>> weights = LogUniformLossWeights(["group", "subgroup"], ratio=3.0).rvs(random_state=0)
    >>> 1 / 3 <= weights["subgroup"] / weights["group"] <= 3
    True
    """

    def __init__(
        self, task_names: Sequence[str], *, ratio: float = 10.0, total: float = 1.0
    ) -> None:
        self.task_names = _check_tasks(task_names)
        self.ratio = as_number("ratio", ratio, low=1, closed="neither")
        self.total = as_number("total", total, low=0, closed="neither")

    def rvs(self, random_state: RandomState = None) -> dict[str, float]:
        """Draw one dict of task to weight, as `RandomizedSearchCV` asks for it.

        Parameters
        ----------
        random_state : int, RandomState instance or None, default=None
            Source of the draw.

        Returns
        -------
        dict of str to float
            The weights.
        """
        rng = check_random_state(random_state)
        limit = np.log(self.ratio)
        others = np.exp(rng.uniform(-limit, limit, size=len(self.task_names) - 1))
        return _as_weights(self.task_names, [1.0, *others], self.total)


def _compositions(total, n_parts):
    """Yield the ways to write `total` as an ordered sum of positive ints."""
    for cuts in combinations(range(1, total), n_parts - 1):
        yield np.diff([0, *cuts, total])


def _as_weights(tasks, row, total):
    row = np.asarray(row, dtype=np.float64)
    return dict(zip(tasks, (total * row / row.sum()).tolist(), strict=True))


def _check_tasks(task_names):
    if isinstance(task_names, str) or len(set(task_names)) != len(task_names):
        raise ValueError(f"task_names must be a sequence of distinct tasks; got {task_names!r}.")
    if len(task_names) < 2:
        raise ValueError(f"Loss weights need at least two tasks; got {task_names!r}.")
    return list(task_names)
