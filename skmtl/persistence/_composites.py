"""Whether the parts of a fitted Pipeline or ColumnTransformer in a file belong together."""

from typing import Literal

from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skmtl._runtime.sklearn_columns import columns_of, restore_columns
from skmtl._runtime.sklearn_output import output_of
from skmtl._runtime.storage.kinds import is_of_kind
from skmtl.exceptions import ModelFileError, shortened

_Steps = list[tuple[str, BaseEstimator | Literal["passthrough"] | None]]


def check_parts(estimator):
    """Refuse a fitted composite that could not transform or predict.

    What a ColumnTransformer keeps privately is computed again.

    Raises
    ------
    ModelFileError
        If a part is not fitted, or reads other columns than it gets.
    TypeError, ValueError
        If a parameter is wrong.
    """
    if isinstance(estimator, ColumnTransformer) and hasattr(estimator, "transformers_"):
        _check_columns(estimator)
    if isinstance(estimator, Pipeline):
        _check_steps(estimator)


def _check_columns(transformer):
    restore_columns(transformer)
    names = getattr(transformer, "feature_names_in_", None)
    parts = [part for part in transformer.transformers_ if part[1] != "drop"]
    if parts and not hasattr(transformer, "sparse_output_"):
        raise ModelFileError("its ColumnTransformer does not say whether its output is sparse")
    for name, part, _ in parts:
        places = columns_of(transformer, name)
        if not places:  # never fitted, nor used
            continue
        _check_fitted("ColumnTransformer", name, part)
        known = getattr(part, "feature_names_in_", None)
        if names is not None and known is not None and list(known) != names[places].tolist():
            raise ModelFileError(f"its part {shortened(name)} reads other columns than it gets")


def _check_steps(pipeline):
    steps = pipeline.steps
    if not steps or not _is_fitted(steps[-1]):
        return
    if not is_of_kind(steps, _Steps) or len(dict(steps)) < len(steps):
        raise ModelFileError(f"the steps of its Pipeline are malformed: {shortened(steps)}")
    for name, step in steps:
        if step not in (None, "passthrough"):
            _check_fitted("Pipeline", name, step)
    last, before = steps[-1][1], [s for _, s in steps[:-1] if s not in (None, "passthrough")]
    names = getattr(last, "feature_names_in_", None)
    if before and names is not None:
        given = before[-1].get_feature_names_out()
        if output_of(before[-1]) in (None, "default") or list(given) != list(names):
            raise ModelFileError("the last step of its Pipeline reads other columns than it gets")


def _is_fitted(step) -> bool:
    try:
        check_is_fitted(step[1])
    except (NotFittedError, TypeError, LookupError):
        return False
    return True


def _check_fitted(owner, name, part):
    if not _is_fitted((name, part)):
        raise ModelFileError(f"its {owner} is fitted, but the part {shortened(name)} is not")
