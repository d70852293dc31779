"""What is code is refused, on the way into a file and out of it."""

import pytest
from sklearn.feature_selection import chi2

from skmtl.persistence import ModelFileError
from skmtl.persistence._code import refuse_code, unsaveable

ERRORS = [
    (abs, "Pipeline.steps[0][1].func", "a function is code; compute the column before"),
    (abs, "SelectKBest.score_func", "choose one of scikit-learn's: chi2"),
    (abs, "MultiTaskClassifier.class_weight", "a function is code; leave it out"),
    (object(), "MultiTaskClassifier.class_weight", "plain values and objects of skmtl's own"),
    (abs, "MultiTaskClassifier.callbacks[0]", "Callbacks are code: save without them"),
    (object(), "MultiTaskClassifier.callbacks[0]", "Callbacks are code: save without them"),
    (abs, "MultiTaskClassifier.stopping_score", "Scorers are code: save without"),
]


@pytest.mark.parametrize(("value", "where", "message"), ERRORS)
def test_the_error_names_the_parameter_and_what_to_do(value, where, message):
    error = unsaveable(value, where)
    assert isinstance(error, TypeError)
    assert str(error).startswith(f"{where} is ")
    assert message in str(error)


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("TfidfVectorizer", "tokenizer", chi2),
        ("SelectKBest", "k", chi2),
        ("FunctionTransformer", "score_func", chi2),
        ("FunctionTransformer", "func", "os.system"),
        ("FunctionTransformer", "inverse_func", {}),
    ],
)
def test_functions_out_of_place_are_refused(name, key, value):
    with pytest.raises(ModelFileError, match="a function"):
        refuse_code(name, key, value)


def test_a_score_function_has_its_place():
    refuse_code("SelectKBest", "score_func", chi2)
    refuse_code("FunctionTransformer", "func", None)
    refuse_code("TfidfVectorizer", "tokenizer", None)
