"""The parameters are described once, and stored."""

import inspect

import pytest

from skmtl import MultiTaskClassifier, MultiTaskEstimator, MultiTaskRegressor

ESTIMATORS = [MultiTaskClassifier, MultiTaskRegressor, MultiTaskEstimator]


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_every_estimator_describes_and_stores_every_parameter(cls):
    model = cls()
    assert "{parameters}" not in cls.__doc__
    for name, parameter in inspect.signature(cls).parameters.items():
        assert parameter.kind is parameter.KEYWORD_ONLY
        assert getattr(model, name) is parameter.default
        assert f"\n{name} : " in cls.__doc__
    assert len(cls._get_param_names()) == len(inspect.signature(cls).parameters)
