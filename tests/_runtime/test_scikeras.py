"""SciKeras' wrapper is the base, and shows only what has a meaning here."""

import inspect
import sys
import threading

import keras
import numpy as np
import pytest
import sklearn
from scikeras.wrappers import BaseWrapper, KerasClassifier
from sklearn.base import clone
from sklearn.model_selection import KFold, cross_validate

from skmtl import MultiTaskClassifier

# what `dir` shows beside the parameters: methods, fitted attributes, and scikit-learn's own
METHODS = {
    "export", "fit", "get_metadata_routing", "get_params", "history_frame", "initialize",
    "partial_fit", "predict",
    "predict_frame", "predict_proba", "save", "score", "set_callbacks", "set_fit_request",
    "set_partial_fit_request", "set_params", "set_score_request", "summary",
    "calibrate", "explain", "fit_transform",
    "get_feature_names_out", "predict_sets", "set_output", "set_transform_request", "transform",
}  # fmt: skip
HIDDEN = {"current_epoch", "feature_encoder", "initialized_", "scorer", "target_encoder"}


OWN_LAYER = """
class Own(keras.layers.Layer):
    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones")

    def call(self, x):
        return x * self.scale
"""


def public(names):
    return {name for name in names if not name.startswith("_")}


def test_only_documented_names_are_public():
    model = MultiTaskClassifier()
    shown = public(dir(model)) - set(model.get_params())
    if sklearn.__version__ < "1.9":  # which hides what the object does not have yet
        shown = {name for name in shown if not name.endswith("_")} | {"set_callbacks"}
    assert shown == METHODS


def test_scikeras_has_no_public_name_that_is_not_known_here():
    # fails where a new SciKeras has more names: decide whether they mean something
    own = public(vars(BaseWrapper))
    assert own <= METHODS | HIDDEN | {"predict_proba"}


@pytest.mark.parametrize("name", sorted(HIDDEN))
def test_names_without_a_meaning_are_not_there(name):
    assert not hasattr(MultiTaskClassifier(), name)
    assert name not in dir(MultiTaskClassifier())
    assert name in vars(BaseWrapper)  # SciKeras' own class is left alone


def test_scikeras_stays_the_base_and_keeps_working():
    assert isinstance(MultiTaskClassifier(), BaseWrapper)
    assert KerasClassifier(lambda: None).initialized_ is False


def test_the_parameters_are_those_of_the_constructor():
    # fails where scikit-learn asks a method of another name for them
    names = inspect.signature(MultiTaskClassifier).parameters
    assert sorted(MultiTaskClassifier().get_params(deep=False)) == sorted(names)
    model = MultiTaskClassifier().set_params(image_backbone__weights=None)
    assert set(model.get_params()) - set(names) == {"image_backbone__weights"}
    assert "epochs=3" in repr(MultiTaskClassifier(epochs=3))


def test_a_clone_keeps_metadata_requests():
    # fails where scikit-learn keeps them under another name
    with sklearn.config_context(enable_metadata_routing=True):
        asked = clone(MultiTaskClassifier().set_fit_request(sample_weight=True))
        plain = clone(MultiTaskClassifier())
        requests = [x.get_metadata_routing().fit.requests["sample_weight"] for x in (asked, plain)]
    assert requests == [True, None]


@pytest.mark.slow
def test_workers_get_estimators_with_a_users_layers(small_table):
    main = {"keras": keras, "__name__": "__main__"}
    exec(OWN_LAYER, main)  # as in a notebook: no other process can import it
    X, y = small_table
    model = MultiTaskClassifier(
        epochs=1, random_state=0, image_backbone=keras.Sequential([main["Own"]()])
    )
    options = {"cv": KFold(2), "return_estimator": True, "error_score": "raise"}
    found = cross_validate(model, X, y, n_jobs=2, **options)
    expected = cross_validate(model, X, y, **options)
    assert found["test_score"].tolist() == expected["test_score"].tolist()
    for one, other in zip(found["estimator"], expected["estimator"], strict=True):
        for a, b in zip(one.predict_proba(X), other.predict_proba(X), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_parameters_can_be_read_while_another_thread_sets_attributes():
    model, stop = MultiTaskClassifier(), threading.Event()

    def work():
        number = 0
        while not stop.is_set():
            number += 1
            setattr(model, f"made_{number % 1000}_", number)
            vars(model).pop(f"made_{(number - 500) % 1000}_", None)

    thread = threading.Thread(target=work)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    thread.start()
    try:
        for _ in range(300):
            assert "epochs" in model.get_params(deep=False)
    finally:
        stop.set()
        thread.join()
        sys.setswitchinterval(before)
