"""Functions and other code, which no model file holds, and what to do instead."""

from types import FunctionType

from skmtl.exceptions import ModelFileError, describe
from skmtl.persistence._transformers import SCORE_FUNCTIONS

_HINTS = {
    "score_func": f"choose one of scikit-learn's: {', '.join(SCORE_FUNCTIONS)}",
    "func": "compute the column before the Pipeline, and save the other steps",
    "analyzer": "choose 'word', 'char' or 'char_wb'",
    "tokenizer": "say it with token_pattern, or put a skmtl.preprocessing.JiebaTokenizer before it",
    "preprocessor": "prepare the texts before the Pipeline",
}
_PARAMETERS = {
    ".callbacks": " Callbacks are code: save without them, after set_params(callbacks=None).",
    ".stopping_score": " Scorers are code: save without, after set_params(stopping_score=None).",
}


def unsaveable(value, where) -> TypeError:
    """Return the error of a value that no file holds, with what to do instead."""
    hint = next((text for part, text in _PARAMETERS.items() if part in where), "")
    if callable(value) and not hint:
        hint = _HINTS.get(where.rpartition(".")[2], "leave it out, and set it again after load")
        return TypeError(
            f"{where} is {describe(value)}, which cannot be saved: a function is code; {hint}."
        )
    return TypeError(
        f"{where} is {describe(value)}, which cannot be saved: a file holds plain values and "
        f"objects of skmtl's own classes and of common ones of scikit-learn only.{hint}"
    )


def refuse_code(name, key, value):
    """Refuse what may be called in place of the value of a parameter."""
    is_score = name == "SelectKBest" and key == "score_func"
    if isinstance(value, FunctionType) and not is_score:
        raise ModelFileError(f"its {name} has a function in place of {key}")
    if name == "FunctionTransformer" and key in ("func", "inverse_func") and value is not None:
        raise ModelFileError("it has a FunctionTransformer with a function")
