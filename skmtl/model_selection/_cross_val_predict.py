"""Predictions of every row by a model that was not trained on it, for several tasks."""

from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import clone
from sklearn.utils import _safe_indexing, indexable
from sklearn.utils.parallel import Parallel, delayed

from skmtl._runtime.checks import check_choice
from skmtl._runtime.types import Labels, Rows
from skmtl.data.frames import as_pandas
from skmtl.data.labels import as_label_array, read_labels, stack_labels
from skmtl.metrics._label_kinds import kind_of_labels, tag_indicators
from skmtl.metrics._task_view import Responses, find_missing_label, find_task_names

from ._kfold import MultiTaskStratifiedKFold

# what a class gets that the training rows of a fold do not have
_ABSENT = {
    "predict_proba": 0.0,
    "predict_log_proba": -np.inf,
    "decision_function": np.finfo(np.float64).min,
}


def cross_val_predict(
    estimator: Any,
    X: Rows,
    y: Labels | None = None,
    *,
    groups: ArrayLike | None = None,
    cv: Any = None,
    n_jobs: int | None = None,
    verbose: int = 0,
    params: dict[str, Any] | None = None,
    pre_dispatch: int | str = "2*n_jobs",
    method: str = "predict",
) -> Any:
    """Predict each row by a clone that was fitted on the other folds.

    The same as scikit-learn's `cross_val_predict`, for labels of several tasks of which some are
    missing. scikit-learn's encodes `y` before the estimator sees it, if probabilities are asked
    for: a missing label then becomes a class.

    Parameters
    ----------
    estimator : estimator
        It is cloned.
    X : table of n_samples rows
        What the estimator takes.
    y : DataFrame or array-like of shape (n_samples,) or (n_samples, n_tasks)
        Labels; a missing one is None, NaN, NA or the estimator's `missing_label`.
    groups : array-like of shape (n_samples,), optional
        For the splitter.
    cv : int, splitter or iterable of (train, test), default=None
        An int is the number of folds of a `MultiTaskStratifiedKFold`; None is 5. The test parts
        must hold every row once.
    n_jobs : int, default=None
        Number of folds at a time, as joblib understands it.
    verbose : int, default=0
        As joblib understands it.
    params : dict, default=None
        Passed to `fit`; what has an entry per row is cut down to the rows of the fold.
    pre_dispatch : int or str, default="2*n_jobs"
        As joblib understands it.
    method : {"predict", "predict_proba", "predict_log_proba", "decision_function"}
        What to ask the estimator.

    Returns
    -------
    array, Series or DataFrame of shape (n_samples, ...), or list of them
        Predictions have the shape of `y`. Of the other methods, a table (n_samples, n_classes) per
        task, in a list unless `y` is 1-D, has a column for each class of `y`, or each of its pandas
        categories, also where a fold was trained without it (its probability is then 0). Where `y`
        has names, the results are pandas objects, with the names of tasks and classes.

    Raises
    ------
    ValueError
        If `y` is missing, the test parts do not hold every row once, or a class has no column.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skmtl.comparison import single_task_baselines
    >>> from skmtl.model_selection import cross_val_predict
    >>> X = np.arange(8.0)[:, None]
    >>> y = pd.DataFrame({"kind": list("aabbaabb"), "size": [0, None, 1, 1, 0, 0, None, 1]})
    >>> model = single_task_baselines(DecisionTreeClassifier(random_state=0))
    >>> kind, size = cross_val_predict(model, X, y, cv=2, method="predict_proba")
    >>> kind.columns.tolist(), size.shape
    (['a', 'b'], (8, 2))
    """
    check_choice("method", method, ("predict", *_ABSENT))
    X, y, groups = indexable(as_pandas(X), as_pandas(y), groups)
    table = read_labels(y, missing_label=find_missing_label(estimator))
    params = {} if params is None else params
    if cv is None or isinstance(cv, Integral):
        cv = MultiTaskStratifiedKFold(
            5 if cv is None else cv, missing_label=find_missing_label(estimator)
        )
    splits = list(cv.split(X, y, groups)) if hasattr(cv, "split") else list(cv)
    tests = np.concatenate([np.arange(table.n_rows)[test] for _, test in splits])
    if not np.array_equal(np.sort(tests), np.arange(table.n_rows)):
        raise ValueError(
            "The test parts of cv must hold every row once, so that each row has one prediction."
        )
    classes = [_classes(column, method) for column in table.columns]
    answers = Parallel(n_jobs=n_jobs, verbose=verbose, pre_dispatch=pre_dispatch)(
        delayed(_predict_fold)(clone(estimator), X, y, *split, params, method, table.names, classes)
        for split in splits
    )
    order = np.argsort(tests)
    joined = [np.concatenate(parts)[order] for parts in zip(*answers, strict=True)]
    index = getattr(X, "index", getattr(y, "index", None))
    index = index if isinstance(index, pd.Index) else None
    if method == "predict":
        return _as_predictions([as_label_array(column) for column in joined], table, index)
    if table.has_names:
        joined = [
            pd.DataFrame(values, index=index, columns=pd.Index(labels, name=name))
            for values, labels, name in zip(joined, classes, table.names, strict=True)
        ]
    return joined[0] if table.is_one_dimensional else joined


def _predict_fold(model, X, y, train, test, params, method, names, classes):
    """Return what a model, fitted on some rows, says of the others: an array per task."""
    n_rows = y.shape[0] if hasattr(y, "shape") else len(y)
    options = {
        name: _safe_indexing(value, train) if _n_entries(value) == n_rows else value
        for name, value in params.items()
    }
    model.fit(_safe_indexing(X, train), _safe_indexing(y, train), **options)
    responses = Responses(model, _safe_indexing(X, test))
    known = find_task_names(model)
    known = known if known is not None and set(known) == set(names) else names
    positions = [known.index(name) for name in names]
    if method == "predict":
        return [responses.predict(position).astype(object) for position in positions]
    tables = responses.ask(method)
    tables = tables if isinstance(tables, list | tuple) else [tables]
    if len(tables) != len(names):
        raise ValueError(f"{method} gave {len(tables)} tables for the tasks {names}.")
    for name, position in zip(names, positions, strict=True):
        if np.ndim(responses.classes(position)) == 0:  # None
            raise ValueError(
                f"Task {name!r} has numbers, which have no probabilities: leave its column out, or "
                "ask for method='predict'."
            )
    return [
        _with_all_classes(np.asarray(tables[p]), responses.classes(p), labels, name, method)
        for p, labels, name in zip(positions, classes, names, strict=True)
    ]


def _classes(column, method):
    """Return the classes or tags of a task; None where only predictions are asked for."""
    return None if method == "predict" else probability_labels(column)


def probability_labels(column) -> np.ndarray:
    """Return the classes or tags that the columns of a task's probabilities are for, sorted.

    Parameters
    ----------
    column : LabelColumn
        Labels of the task; pandas' categories count, also those that no row has.

    Raises
    ------
    ValueError
        If the labels are numbers.
    """
    kind = kind_of_labels(column.labels)
    if kind == "number":
        raise ValueError(
            f"Task {column.name!r} has numbers, which have no probabilities: leave its column out, "
            "or ask for method='predict'."
        )
    if kind == "tags":
        return np.array(tag_indicators(column.labels)[0])
    labels = column.labels if column.categories is None else as_label_array(column.categories)
    return np.unique(labels)


def _n_entries(value):
    return len(value) if hasattr(value, "__len__") and not isinstance(value, str | dict) else None


def _with_all_classes(values, known, classes, name, method) -> np.ndarray:
    """Return a table of some classes as a table of all classes."""
    if values.ndim == 1:  # the decision function of two classes
        values = np.column_stack([-values, values])
    place = {label: column for column, label in enumerate(classes.tolist())}
    columns = [place.get(label) for label in np.asarray(known).tolist()]
    if None in columns:
        raise ValueError(
            f"Task {name!r}: the estimator has the classes {list(known)}, y has "
            f"{classes.tolist()}; make the column of y a pandas category of all classes."
        )
    full = np.full((len(values), len(classes)), _ABSENT[method], values.dtype)
    full[:, columns] = values
    return full


def _as_predictions(columns, table, index):
    if table.has_names:
        frame = pd.DataFrame(dict(zip(table.names, columns, strict=True)), index=index)
        return frame.iloc[:, 0] if table.is_one_dimensional else frame
    return columns[0] if table.is_one_dimensional else stack_labels(columns)
