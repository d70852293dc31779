"""What a comparison found: every run, a summary, and tests against the baseline."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from skmtl._runtime.types import PathLike

from ._report import formatted_summary, page
from ._statistics import corrected_interval, corrected_t_test, holm

_COSTS = ("n_parameters", "fit_seconds", "predict_ms_per_row", "memory_mib")
_FEW_RUNS = 5  # below, an interval of Student's t is wider than most differences
# what a mean score can be; of a metric that is not named here it can be anything
_ZERO_TO_ONE = (
    "accuracy",
    "balanced_accuracy",
    "f1_macro",
    "roc_auc",
    "f1_micro",
    "f1_weighted",
    "jaccard",
)


class Comparison:
    """Runs of several techniques on the same splits, and what follows from them.

    Parameters
    ----------
    runs : DataFrame
        One row per run and task, with the columns described below.
    baseline : str
        The technique that the others are compared with.
    metric : str, default="accuracy"
        Name of the metric; higher is better.
    confidence : float, default=0.95
        Coverage of the intervals.
    settings : mapping of str to str, optional
        What was compared and how, for `to_html`: the techniques by name, and how they were split.

    Attributes
    ----------
    runs : DataFrame
        One row per run and task: ``technique``, ``repeat``, ``fold``, ``seed``, ``task``,
        ``score``, ``fit_seconds``, ``predict_ms_per_row``, ``memory_mib`` (how far resident
        memory rose), ``n_parameters``, ``n_train``, ``n_test``, ``error`` (None, or what went
        wrong).
    techniques, tasks : list of str
        In the order given.
    summary : DataFrame
        One row per technique. For each task, and for ``mean`` over the tasks:
        ``<task>`` (mean score), ``<task>_std`` (over runs), ``<task>_low`` and ``<task>_high``
        (interval of the mean). Then ``delta_m`` with ``delta_m_low`` and ``delta_m_high``
        (relative gain over the baseline, a fraction, see `skmtl.metrics.delta_m`), ``p_value``
        (of the gain being 0, corrected for the number of techniques), ``n_parameters``,
        ``fit_seconds``, ``predict_ms_per_row``, ``memory_mib`` (medians), ``n_runs``,
        ``n_failed``.
    tests : DataFrame
        One row per technique other than the baseline, and task (``mean`` included):
        ``difference`` of the mean scores with ``low`` and ``high``, ``p_value``, and ``p_holm``,
        corrected for the number of techniques.

    Notes
    -----
    Training sets of different folds share rows, which makes their scores depend on each other:
    intervals and tests use the corrected standard error of Nadeau and Bengio (2003). Intervals end
    where a score ends: an accuracy is never above 1. Several techniques make a chance difference
    likelier: p-values are corrected by Holm's method (1979), for each task over the techniques.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.dummy import DummyClassifier
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skmtl.comparison import compare_techniques
    >>> X, y = load_iris(return_X_y=True)
    >>> techniques = {"majority": DummyClassifier(), "tree": DecisionTreeClassifier()}
    >>> comparison = compare_techniques(techniques, X, y, cv=3, verbose=0)
    >>> comparison.techniques, comparison.tasks, len(comparison.runs)
    (['majority', 'tree'], ['y'], 6)
    """

    def __init__(
        self,
        runs: pd.DataFrame,
        *,
        baseline: str,
        metric: str = "accuracy",
        confidence: float = 0.95,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.runs = runs.reset_index(drop=True)
        self.techniques = list(dict.fromkeys(runs["technique"]))
        self.tasks = list(dict.fromkeys(runs["task"]))
        self.baseline = baseline
        self.metric = metric
        self.confidence = confidence
        self.settings = dict(settings or {})
        self.summary = self._summarise()
        self.tests = self._test()

    def scores_of(self, technique: str) -> pd.DataFrame:
        """Return the scores of a technique.

        Parameters
        ----------
        technique : str
            Its name.

        Returns
        -------
        DataFrame of shape (n_runs, n_tasks + 1)
            Indexed by repeat and fold; a column per task, and ``"mean"`` over the tasks that
            have a score. Runs that failed are left out.
        """
        mine = self.runs[(self.runs["technique"] == technique) & self.runs["error"].isna()]
        table = mine.pivot(index=["repeat", "fold"], columns="task", values="score")
        table = table.reindex(columns=self.tasks)
        table.columns.name = None
        return table.assign(mean=table.mean(axis=1))

    def _test_share(self):
        return float((self.runs["n_test"] / self.runs["n_train"]).mean())

    def _interval(self, values, lowest=None, highest=None):
        """Return the interval of a mean, within what the mean can be."""
        if lowest is None:
            lowest, highest = _bounds(self.metric)
        interval = corrected_interval(values, self._test_share(), self.confidence)
        return tuple(np.clip(interval, lowest, highest).tolist())

    def _baseline_scores(self):
        return self.scores_of(self.baseline)[self.tasks].mean()

    def _gain_bounds(self):
        """Return the lowest and the highest mean relative gain."""
        scores = self._baseline_scores()
        if not (scores.abs() > 0).all():
            return -np.inf, np.inf
        return tuple(((end - scores) / scores.abs()).mean() for end in _bounds(self.metric))

    def _gains(self, technique):
        """Return the relative gain over the baseline in each run that both finished."""
        ours, theirs = self._paired(technique)
        level = self._baseline_scores().abs()
        if not (level > 0).all():
            return pd.Series(dtype=float)
        return ((ours - theirs)[self.tasks] / level).mean(axis=1).dropna()

    def _paired(self, technique):
        ours, theirs = self.scores_of(technique), self.scores_of(self.baseline)
        both = ours.index.intersection(theirs.index)
        return ours.loc[both], theirs.loc[both]

    def _summarise(self):
        rows = {}
        for technique in self.techniques:
            scores = self.scores_of(technique)
            row = {}
            for task in [*self.tasks, "mean"]:
                values = scores[task].dropna()
                row[task], row[f"{task}_std"] = values.mean(), values.std(ddof=1)
                row[f"{task}_low"], row[f"{task}_high"] = self._interval(values)
            gains = self._gains(technique)
            row["delta_m"] = gains.mean()
            row["delta_m_low"], row["delta_m_high"] = self._interval(gains, *self._gain_bounds())
            is_baseline = technique == self.baseline
            row["p_value"] = np.nan if is_baseline else corrected_t_test(gains, self._test_share())
            runs = self.runs[self.runs["technique"] == technique]
            runs = runs.drop_duplicates(["repeat", "fold"])
            for cost in _COSTS:
                row[cost] = runs[cost].astype(float).median()
            row["n_runs"] = int(runs["error"].isna().sum())
            row["n_failed"] = int(runs["error"].notna().sum())
            rows[technique] = row
        summary = pd.DataFrame.from_dict(rows, orient="index")
        summary.index.name = "technique"
        summary["p_value"] = holm(summary["p_value"])
        return summary

    def _test(self):
        rows = []
        for task in [*self.tasks, "mean"]:
            family = []
            for technique in self.techniques:
                if technique == self.baseline:
                    continue
                ours, theirs = self._paired(technique)
                differences = (ours[task] - theirs[task]).dropna()
                least, most = _bounds(self.metric)
                low, high = self._interval(differences, least - most, most - least)
                family.append(
                    {
                        "technique": technique,
                        "task": task,
                        "difference": differences.mean(),
                        "low": low,
                        "high": high,
                        "p_value": corrected_t_test(differences, self._test_share()),
                    }
                )
            corrected = holm([row["p_value"] for row in family])
            rows += [row | {"p_holm": p} for row, p in zip(family, corrected, strict=True)]
        columns = ["technique", "task", "difference", "low", "high", "p_value", "p_holm"]
        return pd.DataFrame(rows, columns=columns)

    def table(self) -> pd.DataFrame:
        """Return the summary as formatted texts.

        Returns
        -------
        DataFrame of str
            One row per technique: mean score and interval of each task and of their mean, gain
            over the baseline with its p-value, and the costs.
        """
        return formatted_summary(self.summary, self.tasks)

    def to_html(self, path: PathLike) -> None:
        """Write the comparison to one file that a browser shows, to send to others.

        It has the table, the tests, a figure (with matplotlib), the settings of the techniques,
        the score of every run, what failed, and versions; and it needs no other file.

        Parameters
        ----------
        path : str or path
            The file; one that is there is replaced.

        Raises
        ------
        OSError
            If the file cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> from sklearn.datasets import load_iris
        >>> from sklearn.dummy import DummyClassifier
        >>> from skmtl.comparison import compare_techniques
        >>> X, y = load_iris(return_X_y=True)
        >>> comparison = compare_techniques({"majority": DummyClassifier()}, X, y, verbose=0)
        >>> comparison.to_html(tempfile.mkdtemp() + "/comparison.html")
        """
        Path(path).write_text(page(self, self._explanation()), encoding="utf-8")

    def __str__(self):
        return "\n".join([self.table().to_string(), *self._explanation()])

    def _explanation(self):
        """Return what the table says, as sentences."""
        share = f"{100 * self.confidence:g} %"
        meaning = (
            f"{self.metric}: mean [{share} interval]; Δm and its p-value (corrected) "
            f"against {self.baseline!r}"
        )
        return [meaning, self._caveat()] if self._caveat() else [meaning]

    def _caveat(self):
        """Return what to say of the number of runs, nothing if there are enough."""
        n_runs = int(self.summary["n_runs"].min())
        if n_runs >= _FEW_RUNS:
            return ""
        return (
            f"Only {n_runs} runs of a technique: intervals and p-values are of little use below "
            f"{_FEW_RUNS}; raise cv or n_repeats."
        )

    def __repr__(self):
        runs = self.runs.drop_duplicates(["technique", "repeat", "fold"])
        return (
            f"Comparison({len(self.techniques)} techniques, tasks {self.tasks}, "
            f"{len(runs)} runs, baseline {self.baseline!r})"
        )

    def _repr_html_(self):
        return self.table().to_html() + f"<p>{self._caveat()}</p>" * bool(self._caveat())


def _bounds(metric):
    """Return the lowest and the highest value of a metric."""
    if metric in ("r2", "default"):
        return -np.inf, 1.0
    if metric in _ZERO_TO_ONE:
        return 0.0, 1.0
    return -np.inf, 0.0 if metric.startswith("neg_") else np.inf
