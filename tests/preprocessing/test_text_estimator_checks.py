"""scikit-learn's estimator checks of the text transformers.

scikit-learn makes numbers only and skips estimators of texts. So the checks of the constructor
and the tags run on the classes themselves, and all the others on subclasses that turn the
numbers into words first.
"""

import numpy as np
import pytest
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import estimator_checks_generator
from sklearn.utils.validation import check_is_fitted, validate_data

from skmtl.preprocessing import JiebaSequencer, JiebaTokenizer, JiebaVectorizer

WORDS = [
    "我们",
    "北京",
    "很",
    "好",
    "酒店",
    "不",
    "的",
    "房间",
    "服务",
    "喜欢",
    "大学",
    "来到",
    "这家",
    "非常",
    "满意",
    "太",
    "差",
    "了",
    "。",
    "，",
]
CHECKS_WITHOUT_DATA = [
    "check_estimator_cloneable",
    "check_estimator_tags_renamed",
    "check_valid_tag_types",
    "check_estimator_repr",
    "check_no_attributes_set_in_init",
    "check_mixin_order",
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_parameters_default_constructible",
    "check_get_params_invariance",
    "check_set_params",
]


def to_texts(X):
    """Return a text per row of numbers; other numbers give other texts."""
    return ["".join(WORDS[int(value * 7) % len(WORDS)] for value in row) for row in X]


class NumbersAsTexts:
    """Takes numbers where the class beside it takes texts."""

    def fit(self, X, y=None):
        validate_data(self, X)
        super().fit(to_texts(validate_data(self, X, reset=False)), y)
        validate_data(self, X)
        return self

    def fit_transform(self, X, y=None):
        return self.fit(X, y).transform(X)

    def transform(self, X):
        check_is_fitted(self)
        return super().transform(to_texts(validate_data(self, X, reset=False)))

    def get_feature_names_out(self, input_features=None):  # noqa: ARG002
        return super().get_feature_names_out(None)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = False
        tags.input_tags.one_d_array = False
        tags.input_tags.two_d_array = True
        tags.no_validation = False
        return tags


class NumberSequencer(NumbersAsTexts, JiebaSequencer):
    pass


class NumberVectorizer(NumbersAsTexts, JiebaVectorizer):
    pass


class NumberTokenizer(NumbersAsTexts, JiebaTokenizer):
    """The checks compare numbers, so the tokens are counted."""

    def transform(self, X):
        return np.array([[len(tokens)] for tokens in super().transform(X)], dtype=float)


@pytest.mark.parametrize("name", CHECKS_WITHOUT_DATA)
@pytest.mark.parametrize("estimator_class", [JiebaTokenizer, JiebaSequencer, JiebaVectorizer])
def test_scikit_learn_check_without_data(estimator_class, name):
    getattr(estimator_checks, name)(estimator_class.__name__, estimator_class())


# parametrize_with_checks of scikit-learn 1.6 hands pytest a generator, which pytest 9 refuses
CASES = [
    case
    for estimator_class in (NumberTokenizer, NumberSequencer, NumberVectorizer)
    for case in estimator_checks_generator(estimator_class())
]


@pytest.mark.parametrize(("estimator", "check"), CASES)
def test_scikit_learn_check(estimator, check):
    check(estimator)
