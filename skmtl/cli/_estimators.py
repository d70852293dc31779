"""Which estimator a table of labels needs, and models out of files."""

from pathlib import Path

import click

import skmtl
from skmtl.data.cells import split_tags
from skmtl.estimators import ESTIMATORS, MultiTaskEstimator
from skmtl.labels import Tasks, label_options


def new_estimator(y, parameters):
    """Return an estimator for the kinds of labels of y: the narrowest one that takes them.

    Parameters
    ----------
    y : DataFrame
        The labels.
    parameters : dict
        Of the estimator, also routed ones.
    """
    widest = MultiTaskEstimator().set_params(**parameters)
    tasks = Tasks.of(
        y,
        missing_label=widest.missing_label,
        kinds=widest._label_kinds,
        options=lambda names: label_options(widest, names),
    )
    kinds = {kind.kind for kind in tasks.kinds}
    estimator = next(one for one in ESTIMATORS if kinds <= set(one._label_kinds))
    return estimator().set_params(**parameters)


def load_model(path, allow_paths=False):
    """Return the estimator of a file.

    Raises
    ------
    click.UsageError
        If there is no such file, or it holds something else than a fitted estimator.
    """
    if not Path(path).is_file():
        raise click.UsageError(f"there is no file {str(path)!r}.")
    model = skmtl.load(path, allow_paths=allow_paths)
    if not isinstance(model, ESTIMATORS):
        raise click.UsageError(
            f"{path} holds a {type(model).__name__}; commands take a file of one of "
            f"{', '.join(one.__name__ for one in ESTIMATORS)}. Use skmtl.load in Python."
        )
    if not hasattr(model, "columns_"):
        raise click.UsageError(f"{path} holds an estimator that is not fitted.")
    return model


def tag_separators(model, renamed=()) -> dict:
    """Return what stands between the tags of each task that the model reads from texts.

    Tasks that are `renamed` are called "predicted_...".
    """
    tasks = model._fitted_network.tasks
    found = {
        n: getattr(k, "separator", None) for n, k in zip(tasks.names, tasks.kinds, strict=True)
    }
    return {
        f"predicted_{name}" if name in renamed else name: separator
        for name, separator in found.items()
        if separator is not None
    }


def as_tags(model, y):
    """Return labels with texts of several tags as lists of them, as the model has read them."""
    y = y.copy()
    for name, separator in tag_separators(model).items():
        y[name] = [
            split_tags(cell, separator) if isinstance(cell, str) else cell
            for cell in y[name].astype(object)
        ]
    return y
