"""Which container `set_output` has chosen: scikit-learn has no public way to ask.

`set_output` writes the attribute, so a test that sets and reads fails if scikit-learn renames it.
A method whose columns depend on its arguments cannot leave the container to scikit-learn, which
asks `get_feature_names_out` for the names.
"""

from sklearn.utils._set_output import _get_container_adapter


def output_of(estimator) -> str | None:
    """Return the container that ``set_output(transform=...)`` has set, None if there is none."""
    return vars(estimator).get("_sklearn_output_config", {}).get("transform")


def in_container(estimator, values, names, X):
    """Return a transformed array in the container that a user has chosen for an estimator.

    Parameters
    ----------
    estimator : estimator
        Its ``set_output``, or else scikit-learn's configuration, says which container.
    values : ndarray of shape (n_samples, n_columns)
        What `transform` found.
    names : callable
        Returns the names of the columns; it is called where a frame is made.
    X : table
        The rows; a frame gives the index.
    """
    adapter = _get_container_adapter("transform", estimator)
    return values if adapter is None else adapter.create_container(values, X, columns=names)
