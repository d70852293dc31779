"""What tasks gain by sharing a network: numbers, intervals and one sentence."""

from itertools import permutations

import numpy as np
import pandas as pd

from ._affinity import predicted_gains
from ._statistics import corrected_interval, corrected_t_test, holm

ALL = "all together"
_SMALL = 0.01  # a mean loss that is worth a word


class TaskGains:
    """Scores of tasks together, alone and in pairs, and what follows from them.

    Made by `task_gains`.

    Parameters
    ----------
    runs : DataFrame
        One row per fit and task, with the columns described below.
    falls : Series of shape (n_tasks,), default=None
        How far the training loss of each task falls in the fits on all tasks.
    confidence : float, default=0.95
        Coverage of the intervals.

    Attributes
    ----------
    runs : DataFrame
        ``setting`` ("all together", "<task> alone" or "<task> and <task>"), ``repeat``, ``fold``,
        ``seed``, ``task``, ``score``, ``fit_seconds``, ``n_parameters``, ``n_train``, ``n_test``.
    tasks : list of str
        In the order of `y`.
    gains : DataFrame
        One row per task: the mean scores ``alone`` and ``together``, the ``gain`` of the second
        over the first with ``low`` and ``high``, its ``p_value``, and ``p_holm``, corrected for
        the number of tasks.
    pairs : DataFrame
        One row per ordered pair: ``task`` and ``beside``, the gain of the one beside the other:
        ``predicted`` (NaN where nothing can be predicted), and ``gain``, ``low``, ``high`` where
        it was measured, else NaN.
    falls : Series or None
        As given.
    costs : DataFrame
        ``n_parameters`` and ``fit_seconds`` of one network and of separate ones.
    recommendation : str
        Which tasks to train together, with the interval it rests on.

    Notes
    -----
    Intervals and tests use the corrected standard error of Nadeau and Bengio (2003), as in
    `Comparison`; a positive gain is for sharing.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skmtl.comparison import task_gains
    >>> X, kind = load_iris(return_X_y=True, as_frame=True)
    >>> y = kind.to_frame("kind").assign(wide=X["sepal width (cm)"] > 3)
    >>> found = task_gains(DecisionTreeClassifier(random_state=0), X, y, verbose=0)
    >>> found.recommendation.startswith("Train all 2 tasks in one network")
    True
    """

    def __init__(
        self,
        runs: pd.DataFrame,
        *,
        falls: pd.Series | None = None,
        confidence: float = 0.95,
    ) -> None:
        self.runs = runs
        self.tasks = list(dict.fromkeys(runs.loc[runs["setting"] == ALL, "task"]))
        self.falls = falls
        self.confidence = confidence
        self.gains = self._gains()
        self.pairs = self._pairs()
        self.costs = self._costs()
        self.recommendation = self._recommend()

    def __repr__(self) -> str:
        shown = self.gains[["alone", "together", "gain", "low", "high"]].round(3)
        return f"{shown.to_string()}\n{self.recommendation}"

    def matrix(self) -> pd.DataFrame:
        """Return the gain of each task (row) beside each other one (column).

        Returns
        -------
        DataFrame of shape (n_tasks, n_tasks + 1)
            The measured gain where there is one, else the predicted one; the last column, "all
            together", is the gain beside all others. NaN on the diagonal.
        """
        best = self.pairs["gain"].fillna(self.pairs["predicted"])
        table = self.pairs.assign(best=best).pivot(index="task", columns="beside", values="best")
        table = table.reindex(self.tasks, columns=self.tasks).assign(**{ALL: self.gains["gain"]})
        table.index.name = table.columns.name = None
        return table

    def _scores(self, setting, task):
        mine = self.runs[(self.runs["setting"] == setting) & (self.runs["task"] == task)]
        return mine.set_index(["repeat", "fold"])["score"].sort_index()

    def _gain(self, setting, task):
        """Return mean, interval and p-value of the gain of a task in a setting."""
        gaps = (self._scores(setting, task) - self._scores(f"{task} alone", task)).dropna()
        return self._described(gaps.to_numpy())

    def _described(self, gaps):
        share = float((self.runs["n_test"] / self.runs["n_train"]).mean())
        low, high = corrected_interval(gaps, share, self.confidence)
        mean = float(np.mean(gaps)) if len(gaps) else np.nan
        return {
            "gain": mean,
            "low": low,
            "high": high,
            "p_value": corrected_t_test(gaps, share),
        }

    def _gains(self):
        rows = [
            {
                "alone": self._scores(f"{task} alone", task).mean(),
                "together": self._scores(ALL, task).mean(),
                **self._gain(ALL, task),
            }
            for task in self.tasks
        ]
        frame = pd.DataFrame(rows, index=self.tasks)
        return frame.assign(p_holm=holm(frame["p_value"]))

    def _pairs(self):
        predicted = predicted_gains(self.gains["gain"], self.falls)
        settings = set(self.runs["setting"])
        rows = []
        for task, other in permutations(self.tasks, 2):
            row = {"task": task, "beside": other, "predicted": predicted.loc[task, other]}
            names = {f"{task} and {other}", f"{other} and {task}"} & settings
            measured = self._gain(names.pop(), task) if names else {}
            rows.append(row | {n: measured.get(n, np.nan) for n in ("gain", "low", "high")})
        return pd.DataFrame(rows)

    def _costs(self):
        first = self.runs.drop_duplicates(["setting", "repeat", "fold"])
        means = first.groupby("setting")[["n_parameters", "fit_seconds"]].mean()
        separate = means.loc[[f"{task} alone" for task in self.tasks]].sum(skipna=False)
        return pd.DataFrame({"one network": means.loc[ALL], "separate networks": separate}).T

    def _recommend(self):
        """Return the sentence."""
        sure = self.gains["p_holm"] < 1 - self.confidence
        losers = self.gains[sure & (self.gains["gain"] < 0)]
        winners = self.gains[sure & (self.gains["gain"] > 0)]
        level = f"{100 * self.confidence:g} % interval"
        mean = self.runs[self.runs["setting"] == ALL].groupby(["repeat", "fold"])["score"].mean()
        alone = self.runs[self.runs["setting"].isin([f"{task} alone" for task in self.tasks])]
        gap = self._described((mean - alone.groupby(["repeat", "fold"])["score"].mean()).to_numpy())
        average = f"{gap['gain']:+.3f} on average ({level} {gap['low']:+.3f} to {gap['high']:+.3f})"
        if not len(losers):
            found = "no task gains or loses beyond the noise"
            if len(winners):
                found = f"{_listed(winners)} by it"
            advice = f"Train all {len(self.tasks)} tasks in one network: {found}"
            may_lose = gap["low"] < -_SMALL
            doubt = f"; a mean loss of {-gap['low']:.3f} is possible" if may_lose else ""
            return f"{advice}; {average}{self._price()}{doubt}."
        others = [repr(task) for task in self.tasks if task not in losers.index]
        rest = f", and {' and '.join(others)} in one" if len(others) > 1 else ""
        verb = "its own network" if len(losers) == 1 else "a network each"
        advice = f"Give {' and '.join(map(repr, losers.index))} {verb}{rest}"
        return f"{advice}: beside the others, {_listed(losers)}; all together, {average}."

    def _price(self):
        """Return what share of the parameters of separate networks the one network has."""
        one, many = self.costs["n_parameters"]
        share = one / many
        return f", with {100 * share:.0f} % of the parameters" if np.isfinite(share) else ""


def _listed(gains):
    """Return the tasks of some gains with these, as text."""
    verb = "gains" if (gains["gain"] > 0).all() else "loses"
    return ", ".join(
        f"{task!r} {verb} {abs(row['gain']):.3f} ({row['low']:+.3f} to {row['high']:+.3f})"
        for task, row in gains.iterrows()
    )
