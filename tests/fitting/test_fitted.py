"""What remains of a fit."""

import pickle
import threading

import numpy as np
import pytest

from skmtl import MultiTaskClassifier
from skmtl.network.weights import NetworkWeights

X = np.random.default_rng(0).normal(size=(20, 3))
Y = (X[:, 0] > 0).astype(int)


@pytest.fixture(scope="module")
def model():
    return MultiTaskClassifier(epochs=2, random_state=0).fit(X, Y)


def test_pickled_it_is_plain_values_and_its_weights_are_unpacked_once(model, monkeypatch):
    copy = pickle.loads(pickle.dumps(model))
    built, build = [], NetworkWeights.of_all

    def count(*arguments):
        built.append(threading.get_ident())
        return build(*arguments)

    monkeypatch.setattr(NetworkWeights, "of_all", count)
    found = []
    threads = [threading.Thread(target=lambda: found.append(copy.predict(X))) for _ in range(3)]
    assert built == []
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1
    assert all((one == model.predict(X)).all() for one in found)


def test_a_copy_that_was_never_used_can_be_pickled_again(model):
    twice = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(model))))
    np.testing.assert_allclose(twice.predict_proba(X), model.predict_proba(X), atol=1e-6)


def test_weights_that_a_user_changes_are_those_that_predict(model):
    copy = pickle.loads(pickle.dumps(model))
    before = copy.predict_proba(X)
    copy.model_.set_weights([np.zeros_like(w) for w in copy.model_.get_weights()])
    assert not np.allclose(before, 0.5)
    np.testing.assert_allclose(copy.predict_proba(X), 0.5)


def test_score_is_the_accuracy_and_a_class_unseen_in_fit_is_wrong(model):
    predicted = model.predict(X)
    assert model.score(X, predicted) == 1
    other = predicted.copy()
    other[:5] = 7
    assert model.score(X, other) == 0.75


def test_training_state_is_kept_by_partial_fit_only(model):
    assert model._fitted_network.training_state is None
    steps = MultiTaskClassifier(random_state=0).partial_fit(X, Y)
    assert steps._fitted_network.training_state
    assert pickle.loads(pickle.dumps(steps))._fitted_network.training_state is None
