"""Labels that are probably wrong: what a model that has not seen them says of them."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from skmtl._runtime.types import Labels, Rows
from skmtl.data.frames import as_pandas
from skmtl.data.labels import read_labels
from skmtl.metrics._label_kinds import kind_of_labels
from skmtl.metrics._task_view import find_missing_label
from skmtl.model_selection import cross_val_predict
from skmtl.model_selection._cross_val_predict import probability_labels


def find_label_issues(
    estimator: Any,
    X: Rows,
    y: Labels,
    *,
    groups: ArrayLike | None = None,
    cv: Any = None,
    n_jobs: int | None = None,
) -> pd.DataFrame:
    """Find labels that are probably wrong, task by task, the most suspicious ones first.

    Every row is predicted by a clone of the estimator that was fitted on the other folds, and
    cleanlab (the extra ``audit``) compares the probabilities with the labels [1]_. A missing
    label is no issue; its row still helps the other tasks.

    Parameters
    ----------
    estimator : estimator
        With `predict_proba`; it is cloned.
    X : table of n_samples rows
        What the estimator takes.
    y : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
        Labels. Tasks of classes are audited; tags are left out, and numbers are an error.
    groups : array-like of shape (n_samples,), default=None
        For the splitter.
    cv : int, splitter or iterable of (train, test), default=None
        As `skmtl.model_selection.cross_val_predict` takes it; None is 5 folds.
    n_jobs : int, default=None
        Number of folds at a time.

    Returns
    -------
    DataFrame
        A line for every label: ``row`` (its position), ``task``, ``label``, ``suggestion`` (the
        most probable class), ``quality`` (cleanlab's score: the probability of the label that was
        given) and ``is_issue`` (what cleanlab takes for wrong). Sorted by ``quality``.

    Raises
    ------
    ImportError
        If cleanlab is not installed.
    ValueError
        If no task has classes, or one has numbers.

    References
    ----------
    .. [1] Northcutt, Jiang and Chuang: Confident learning, JAIR 2021, arXiv:1911.00068.

    Examples
    --------
    A label that is unlike those of its neighbours:

    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from skmtl.comparison import find_label_issues
    >>> X, y = np.arange(40.0)[:, None], np.repeat(["low", "high"], 20)
    >>> y[10] = "high"
    >>> issues = find_label_issues(KNeighborsClassifier(3), X, y)
    >>> issues.loc[0, ["label", "suggestion"]].tolist(), int(issues.loc[0, "row"])
    (['high', 'low'], 10)
    """
    try:
        from cleanlab.filter import find_label_issues as find_issues
        from cleanlab.rank import get_label_quality_scores
    except ImportError as error:
        raise ImportError("find_label_issues needs cleanlab; pip install cleanlab.") from error
    X, y = as_pandas(X), as_pandas(y)
    table = read_labels(y, missing_label=find_missing_label(estimator))
    audited = [kind_of_labels(column.labels) == "class" for column in table.columns]
    if not any(audited):
        raise ValueError(f"y must have a task of classes; got {table.names}.")
    found = cross_val_predict(
        estimator, X, y, groups=groups, cv=cv, n_jobs=n_jobs, method="predict_proba"
    )
    found = found if isinstance(found, list) else [found]
    frames = []
    for column, probabilities, is_audited in zip(table.columns, found, audited, strict=True):
        if not is_audited:
            continue
        rows, classes = np.flatnonzero(column.is_labelled), probability_labels(column)
        # without the classes that no row has: nothing can be said of them
        places, codes = np.unique(np.searchsorted(classes, column.labels), return_inverse=True)
        classes, p = classes[places], np.asarray(probabilities, dtype=float)[np.ix_(rows, places)]
        quality = get_label_quality_scores(codes, p, method="self_confidence")
        frames.append(
            pd.DataFrame(
                {
                    "row": rows,
                    "task": column.name,
                    "label": classes[codes],
                    "suggestion": classes[p.argmax(axis=1)],
                    "quality": quality,
                    "is_issue": find_issues(codes, p, n_jobs=1),
                }
            ).astype({"label": object, "suggestion": object})
        )
    issues = pd.concat(frames, ignore_index=True)
    return issues.sort_values("quality", kind="stable", ignore_index=True)
