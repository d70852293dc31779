"""Workers that share a card; its memory is pretended."""

import joblib
import numpy as np
import pytest

from skmtl import MultiTaskClassifier
from skmtl._runtime.siblings import VARIABLE, workers_per_device
from skmtl.exceptions import DeviceMemoryError
from skmtl.training import backend

X = np.random.default_rng(0).normal(size=(64, 6)).astype(np.float32)
Y = np.arange(64) % 3


def test_a_worker_counts_its_siblings(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert workers_per_device() == 1
    for n_jobs in (2, 3):
        counts = joblib.Parallel(n_jobs=n_jobs)([joblib.delayed(workers_per_device)()] * 12)
        assert max(counts) == n_jobs


def test_the_environment_says_it(monkeypatch):
    monkeypatch.setenv(VARIABLE, "3")
    assert workers_per_device() == 3


@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5"])
def test_what_is_no_number_of_workers(monkeypatch, value):
    monkeypatch.setenv(VARIABLE, value)
    with pytest.raises(ValueError, match=f"{VARIABLE} must be a whole number >= 1; got {value!r}"):
        workers_per_device()


def model(**parameters):
    return MultiTaskClassifier(epochs=1, branch_units=16, random_state=0, **parameters)


def test_too_many_workers_are_told_how_many_fit(monkeypatch):
    needed = model().fit(X, Y).estimate_memory().total
    monkeypatch.setattr(backend, "device_memory", lambda: int(2.5 * 1.1 * needed))
    model().fit(X, Y)
    monkeypatch.setenv(VARIABLE, "2")
    model().fit(X, Y)
    monkeypatch.setenv(VARIABLE, "4")
    estimator = model()
    with pytest.raises(DeviceMemoryError, match=r"4 workers share the device.*n_jobs=2 fits"):
        estimator.fit(X, Y)
    assert not hasattr(estimator, "_fitted")
    monkeypatch.setattr(backend, "device_memory", lambda: needed)
    with pytest.raises(DeviceMemoryError, match="not even n_jobs=1 fits"):
        estimator.fit(X, Y)


def test_auto_takes_smaller_batches_for_more_workers(monkeypatch):
    needed = model().fit(X, Y).estimate_memory(batch_size=64).total
    monkeypatch.setattr(backend, "device_memory", lambda: int(1.2 * needed))
    assert model(batch_size="auto").fit(X, Y).batch_size_ == 64
    monkeypatch.setenv(VARIABLE, "2")
    assert model(batch_size="auto").fit(X, Y).batch_size_ < 64


def test_workers_on_a_cpu_have_no_limit(monkeypatch):
    monkeypatch.setenv(VARIABLE, "99")
    assert backend.device_memory() is None
    assert model(batch_size="auto").fit(X, Y).batch_size_ == 32
