"""Whether the parts of a fitted Pipeline or ColumnTransformer in a file belong together."""

from typing import Literal

from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from skmtl._runtime.sklearn_columns import columns_of, restore_columns
from skmtl._runtime.sklearn_output import output_of
from skmtl._runtime.storage.kinds import is_of_kind
from skmtl.exceptions import ModelFileError, shortened
from skmtl.persistence._widths import n_inputs, n_outputs, reads_series

_Steps = list[tuple[str, BaseEstimator | Literal["passthrough"] | None]]
_Parts = list[tuple[str, BaseEstimator | Literal["passthrough", "drop"]]]


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
    if isinstance(estimator, FeatureUnion):
        _check_union(estimator)


def _check_columns(transformer):
    restore_columns(transformer)
    names = getattr(transformer, "feature_names_in_", None)
    parts = [part for part in transformer.transformers_ if part[1] != "drop"]
    if parts and not hasattr(transformer, "sparse_output_"):
        raise ModelFileError("its ColumnTransformer does not say whether its output is sparse")
    for name, part, columns in parts:
        places = columns_of(transformer, name)
        if not places:  # never fitted, nor used
            continue
        _check_fitted("ColumnTransformer", name, part)
        is_series = isinstance(columns, str | int)
        if n_inputs(part) not in (None, len(places)):
            raise ModelFileError(
                f"its part {shortened(name)} gets {len(places)} columns, and reads {n_inputs(part)}"
            )
        if reads_series(part) not in (None, is_series):
            kinds = ("a table", "a single column")
            raise ModelFileError(
                f"its part {shortened(name)} gets {kinds[is_series]}, and reads "
                f"{kinds[not is_series]}"
            )
        known = getattr(part, "feature_names_in_", None)
        if names is not None and known is not None and list(known) != names[places].tolist():
            raise ModelFileError(f"its part {shortened(name)} reads other columns than it gets")


def _check_steps(pipeline):
    steps = pipeline.steps
    if not is_of_kind(steps, _Steps) or len(dict(steps)) < len(steps):
        raise ModelFileError(f"the steps of its Pipeline are malformed: {shortened(steps)}")
    learning = [step for _, step in steps if _needs_fit(step)]
    if learning and not _is_fitted(learning[-1]):
        return
    for name, step in steps:
        if step not in (None, "passthrough"):
            _check_fitted("Pipeline", name, step)
    n_columns = None
    for name, step in steps:
        n_wanted = None if isinstance(step, str | None) else n_inputs(step)
        if None not in (n_columns, n_wanted) and n_columns != n_wanted:
            raise ModelFileError(
                f"the step {shortened(name)} of its Pipeline reads {n_wanted} columns, and gets "
                f"{n_columns}"
            )
        n_columns = n_outputs(step, n_columns if n_wanted is None else n_wanted)
    last, before = steps[-1][1], [s for _, s in steps[:-1] if s not in (None, "passthrough")]
    names = getattr(last, "feature_names_in_", None)
    if before and names is not None:
        given = before[-1].get_feature_names_out()
        if output_of(before[-1]) in (None, "default") or list(given) != list(names):
            raise ModelFileError("the last step of its Pipeline reads other columns than it gets")


def _check_union(union):
    parts, weights = union.transformer_list, union.transformer_weights
    if not is_of_kind(parts, _Parts) or len(dict(parts)) < len(parts):
        raise ModelFileError(f"the parts of its FeatureUnion are malformed: {shortened(parts)}")
    if not is_of_kind(weights, dict[str, float] | None) or set(weights or ()) - set(dict(parts)):
        raise ModelFileError(f"its FeatureUnion has the weights {shortened(weights)}")
    if not is_of_kind(union.n_jobs, int | None):
        raise ModelFileError(f"its FeatureUnion has n_jobs={shortened(union.n_jobs)}")
    learning = [(name, part) for name, part in parts if _needs_fit(part)]
    if any(_is_fitted(part) for _, part in learning):
        for name, part in learning:
            _check_fitted("FeatureUnion", name, part)
    widths = {n_inputs(part) for _, part in parts} - {None}
    if len(widths) > 1:
        raise ModelFileError(f"the parts of its FeatureUnion read {sorted(widths)} columns")


def _needs_fit(step) -> bool:
    # scikit-learn 1.6 does not say of a HashingVectorizer that it needs none
    is_learner = isinstance(step, BaseEstimator) and not isinstance(step, HashingVectorizer)
    return is_learner and get_tags(step).requires_fit


def _is_fitted(step) -> bool:
    try:
        check_is_fitted(step)
    except (NotFittedError, TypeError, LookupError):
        return False
    return True


def _check_fitted(owner, name, part):
    if _needs_fit(part) and not _is_fitted(part):
        raise ModelFileError(f"its {owner} is fitted, but the part {shortened(name)} is not")
