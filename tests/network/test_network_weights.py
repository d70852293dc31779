"""The weights of a network, with and without its layers."""

import threading

import numpy as np
import pytest

from skmtl import MultiTaskClassifier
from skmtl.network import initial_values
from skmtl.network import weights as module
from skmtl.network.weights import NetworkWeights

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 3))
IMAGES = RNG.integers(0, 256, (20, 8, 8, 3), dtype=np.uint8)
Y = np.arange(20) % 2


@pytest.fixture
def weights():
    return MultiTaskClassifier(epochs=1, random_state=0).fit(X, Y)._fitted.weights


def test_fit_and_predict_build_no_layers_for_an_architecture_that_came_before(monkeypatch):
    model = MultiTaskClassifier(epochs=1, trunk_units=5, random_state=0)
    expected = [model.fit(X, Y).predict_proba(X) for _ in range(2)][-1]
    for name in (
        "skmtl.network.initial_values",
        "skmtl.network.weights",
        "skmtl.training.programs",
    ):
        monkeypatch.setattr(f"{name}.build_network", None)
    np.testing.assert_array_equal(model.fit(X, Y).predict_proba(X), expected)


def test_the_layers_have_the_values_and_are_built_once(weights, monkeypatch):
    values, built, build = weights.values, [], module.build_network

    def count(*arguments):
        built.append(arguments)
        return build(*arguments)

    monkeypatch.setattr(module, "build_network", count)
    found = []
    threads = [threading.Thread(target=lambda: found.append(weights.network)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1
    assert found[0] is found[1] is found[2]
    for value, variable in zip(values, weights.network.variables, strict=True):
        np.testing.assert_array_equal(value, np.asarray(variable))
    assert len(weights.values) == len(values)


def test_new_values_reach_layers_that_were_built(weights):
    zeros = [np.zeros_like(value) for value in weights.values]
    weights.assign(zeros)
    assert not any(np.any(value) for value in weights.values)
    network = weights.network
    weights.assign([value + 1 for value in zeros])
    assert weights.network is network
    assert all(np.all(np.asarray(v) == 1) for v in network.variables)


def test_a_network_that_is_taken_is_built_once_and_changes_nothing(weights, monkeypatch):
    initial_values._known.clear()
    new = NetworkWeights.new(weights.spec, 3)
    monkeypatch.setattr(module, "build_network", lambda *_: pytest.fail("built again"))
    values = new.values
    network = new.take_network()
    for variable in network.variables:
        variable.assign(variable + 1)
    for value, other in zip(new.values, values, strict=True):
        np.testing.assert_array_equal(value, other)


def test_a_fitted_estimator_keeps_no_network_beside_its_weights():
    for _ in range(3):  # the second fit traces initial values, and its program is there already
        fitted = MultiTaskClassifier(epochs=1, trunk_units=7, random_state=0).fit(X, Y)._fitted
        assert fitted.weights._unused is None
        assert fitted.weights._network is None


def test_the_network_of_a_model_that_was_handed_out_is_not_taken(weights):
    _ = weights.network.model
    assert weights.take_network() is not weights.network


def test_a_model_that_was_handed_out_is_noticed(weights):
    assert not weights.is_handed_out
    _ = weights.network
    assert not weights.is_handed_out
    _ = weights.network.model
    assert weights.is_handed_out


def test_all_values_make_a_copy_with_frozen_backbones_that_no_other_network_shares():
    model = MultiTaskClassifier(epochs=1, freeze_backbones=True, random_state=0).fit(IMAGES, Y)
    weights = model._fitted.weights
    copy = NetworkWeights.of_all(weights.spec, weights.all_values)
    assert len(weights.all_values) > len(weights.values)
    for value, other in zip(weights.all_values, copy.all_values, strict=True):
        np.testing.assert_array_equal(value, other)
    assert weights.encoders["image"].is_shared
    assert not copy.encoders["image"].is_shared
