"""The closed list of classes that a model file may name."""

from functools import cache

from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from skmtl import aggregation, preprocessing, sharing, weighting
from skmtl.exceptions import ModelFileError

# attributes of a fit whose names do not end with an underscore, or that no rule could tell
_PRIVATE = {
    "ColumnTransformer": (
        "_columns",
        "_name_to_fitted_passthrough",
        "_n_features",
        "_remainder",
        "_transformer_to_input_indices",
    ),
    "WordPieceSequencer": ("_form", "_has_words", "_lowercase", "_strip_accents"),
}
# parameters that name places of one machine, or hold what a stranger must not choose
_LEFT_OUT = {
    "Pipeline": ("memory",),
    "MultiTaskClassifier": ("checkpoint_path", "feature_cache"),
}


@cache
def known_classes() -> dict:
    """Return the classes by name: our own, and three of scikit-learn."""
    from skmtl.classifier import MultiTaskClassifier

    found = [MultiTaskClassifier, Pipeline, ColumnTransformer, FunctionTransformer]
    for package in (preprocessing, weighting, aggregation, sharing):
        found += [
            value
            for name in package.__all__
            if isinstance(value := getattr(package, name), type)
            and issubclass(value, BaseEstimator)
            and not getattr(value, "__abstractmethods__", None)
        ]
    return {value.__name__: value for value in found}


def class_name(thing) -> str | None:
    """Return the name under which a file may hold this object, None if it may not."""
    name = type(thing).__name__
    return name if known_classes().get(name) is type(thing) else None


def class_of(name):
    """Return the class of a name in a file."""
    if not isinstance(name, str) or name not in known_classes():
        raise ModelFileError(f"it names the class {name!r}, which no model has")
    return known_classes()[name]


def left_out(name) -> tuple:
    """Return the parameters that are not saved."""
    return _LEFT_OUT.get(name, ())


def is_state(name, attribute) -> bool:
    """Return whether an attribute is part of what a fit has learned."""
    if attribute in _PRIVATE.get(name, ()):
        return True
    return attribute.isidentifier() and attribute[:1] != "_" and attribute.endswith("_")
