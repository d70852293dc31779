"""Which container `set_output` has chosen: scikit-learn has no public way to ask.

`set_output` writes the attribute, so a test that sets and reads fails if scikit-learn renames it.
"""


def output_of(estimator) -> str | None:
    """Return the container that ``set_output(transform=...)`` has set, None if there is none."""
    return vars(estimator).get("_sklearn_output_config", {}).get("transform")
