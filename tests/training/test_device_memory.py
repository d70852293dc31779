"""What happens where the device has no memory left; the memory of a card is pretended."""

import os

import keras
import numpy as np
import pytest

from skmtl import MultiTaskClassifier
from skmtl.exceptions import DeviceMemoryError
from skmtl.training import backend, programs
from skmtl.training.backend import Predictor, Program
from skmtl.training.device_memory import largest_auto

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 6)).astype(np.float32)
Y = np.arange(200) % 3
ON_CPU = not os.environ.get("CUDA_VISIBLE_DEVICES")  # empty unless a GPU was requested


class FakeOutOfMemoryError(RuntimeError):
    """What a backend would raise."""


@pytest.fixture
def scarce(monkeypatch):
    """Return a function that lets training on larger batches run out of memory."""

    def limit(rows):
        run = Program.run

        def checked(self, data, plan, sums=None):
            if plan.shape[1] > rows:
                raise FakeOutOfMemoryError("OOM when allocating")
            return run(self, data, plan, sums)

        monkeypatch.setattr(Program, "run", checked)

    monkeypatch.setattr(backend, "is_out_of_memory", lambda e: isinstance(e, FakeOutOfMemoryError))
    return limit


@pytest.fixture
def card(monkeypatch):
    """A device that is no CPU."""
    monkeypatch.setattr(backend, "is_on_cpu", lambda: False)


def model(**parameters):
    return MultiTaskClassifier(epochs=2, branch_units=16, random_state=0, **parameters)


def backend_error():
    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        return tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
    if keras.config.backend() == "jax":
        import jax

        return jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory")
    import torch

    return torch.OutOfMemoryError("CUDA out of memory")


def test_the_backends_own_error_is_known():
    assert backend.is_out_of_memory(backend_error())
    assert not backend.is_out_of_memory(RuntimeError("OOM"))
    assert backend.is_on_cpu() == ON_CPU


def test_fit_says_what_was_tried_and_what_to_try(scarce):
    scarce(16)
    with pytest.raises(
        DeviceMemoryError, match=r"batch_size=48 does not fit; try batch_size=32, or"
    ):
        model(batch_size=48).fit(X, Y)
    with pytest.raises(MemoryError, match=r"batch_size=32 does not fit; try batch_size=16, or"):
        model(batch_size=32).fit(X, Y)
    scarce(0)
    with pytest.raises(DeviceMemoryError, match=r"batch_size=1 does not fit; a smaller image_size"):
        model(batch_size=1).fit(X, Y)


def test_programs_of_other_fits_are_dropped_first(scarce, monkeypatch):  # noqa: ARG001
    expected = model().fit(X, Y).history_
    model(trunk_units=8).fit(X, Y).predict(X)
    run, kept = Program.run, programs._idle

    def checked(self, data, plan, sums=None):
        if len(kept):
            raise FakeOutOfMemoryError("OOM when allocating")
        return run(self, data, plan, sums)

    monkeypatch.setattr(Program, "run", checked)
    again = model(batch_size="auto" if ON_CPU else 32).fit(X, Y)
    assert again.batch_size_ == 32
    assert again.history_ == expected


@pytest.mark.slow
def test_large_programs_take_the_place_of_several(monkeypatch):
    programs.forget_programs()
    for n_units in (8, 9, 10):
        model(trunk_units=n_units).fit(X, Y).predict(X)
    assert len(programs._idle) == len(programs._predictors) == 3
    programs.forget_programs()
    monkeypatch.setattr(programs, "MAX_BYTES", 1)
    for n_units in (8, 9):
        model(trunk_units=n_units).fit(X, Y).predict(X)
        assert len(programs._idle) == len(programs._predictors) == 1


@pytest.mark.slow
def test_nothing_is_left_of_a_fit_that_failed(scarce):
    fresh, fitted = model(), model().fit(X, Y)
    before = fitted.predict_proba(X)
    scarce(0)
    for estimator in (fresh, fitted):
        state = set(vars(estimator))
        with pytest.raises(DeviceMemoryError, match="try batch_size=16"):
            estimator.set_params(warm_start=True).fit(X, Y)
        assert set(vars(estimator)) == state
    np.testing.assert_array_equal(fitted.predict_proba(X), before)


def test_another_error_stays_what_it_is(scarce, monkeypatch):
    scarce(0)
    monkeypatch.setattr(backend, "is_out_of_memory", lambda _: False)
    with pytest.raises(FakeOutOfMemoryError, match="OOM when allocating"):
        model(batch_size="auto").fit(X, Y)


@pytest.mark.skipif(not ON_CPU, reason="what a CPU does")
def test_auto_on_a_cpu_is_the_default():
    auto = model(batch_size="auto").fit(X, Y)
    assert auto.batch_size_ == 32 == model().batch_size
    np.testing.assert_array_equal(auto.predict_proba(X), model().fit(X, Y).predict_proba(X))


@pytest.mark.slow
@pytest.mark.usefixtures("card")
def test_auto_on_a_gpu_starts_from_the_rows():
    auto = model(batch_size="auto").fit(X, Y)
    assert auto.batch_size_ == 128  # 200 rows
    assert auto.history_ == model(batch_size=128).fit(X, Y).history_


@pytest.mark.parametrize(("n_rows", "size"), [(1, 1), (200, 128), (1024, 1024), (10**6, 1024)])
@pytest.mark.usefixtures("card")
def test_where_auto_starts_on_a_gpu(n_rows, size):
    assert largest_auto(n_rows) == size


@pytest.mark.slow
@pytest.mark.usefixtures("card")
def test_auto_halves_what_does_not_fit(scarce):
    scarce(40)
    auto = model(batch_size="auto", early_stopping=True).fit(X, Y)
    assert auto.batch_size_ == 32
    assert auto.history_ == model(early_stopping=True).fit(X, Y).history_
    scarce(0)
    with pytest.raises(DeviceMemoryError, match="batch_size=1 does not fit; a smaller image_size"):
        model(batch_size="auto").fit(X, Y)


def test_a_saved_model_knows_its_batch_size(tmp_path):
    import skmtl

    skmtl.save(model(batch_size=64).fit(X, Y), tmp_path / "m")
    assert skmtl.load(tmp_path / "m").batch_size_ == 64


@pytest.mark.parametrize(
    ("value", "error"),
    [("large", ValueError), (0, ValueError), (2.5, TypeError), (None, TypeError)],
)
def test_what_is_no_batch_size(value, error):
    with pytest.raises(error, match=r"batch_size must be an int >= 1"):
        model(batch_size=value).fit(X, Y)


@pytest.mark.slow
def test_predict_takes_fewer_rows_at_a_time(scarce, monkeypatch):
    scarce(1000)
    fitted = model().fit(X, Y)
    expected = fitted.predict_proba(X)
    call, sizes = Predictor.__call__, []

    def at_most(rows):
        def checked(self, values, table):
            if table.n_samples > rows:
                raise FakeOutOfMemoryError("OOM")
            sizes.append(table.n_samples)
            return call(self, values, table)

        return checked

    monkeypatch.setattr(Predictor, "__call__", at_most(60))
    np.testing.assert_allclose(fitted.predict_proba(X), expected, atol=1e-6)
    assert sizes == [50] * 4
    monkeypatch.setattr(Predictor, "__call__", at_most(0))
    with pytest.raises(DeviceMemoryError, match="predict does not fit even one row; a smaller"):
        fitted.predict(X)
    with pytest.raises(DeviceMemoryError, match="predict does not fit even one row; a smaller"):
        fitted.predict(X[:1])


@pytest.mark.slow
def test_a_frozen_backbone_takes_fewer_rows_at_a_time(monkeypatch):
    images = RNG.integers(0, 256, (40, 8, 8, 3), dtype=np.uint8)
    frozen = MultiTaskClassifier(epochs=1, freeze_backbones=True, random_state=0).fit(
        images, Y[:40]
    )
    expected = frozen.predict_proba(images)
    encode, sizes = backend.CompiledEncoder.__call__, []

    def at_most(rows):
        def checked(self, batch):
            if len(batch) > rows:
                raise FakeOutOfMemoryError("OOM")
            sizes.append(len(batch))
            return encode(self, batch)

        return checked

    monkeypatch.setattr(backend, "is_out_of_memory", lambda e: isinstance(e, FakeOutOfMemoryError))
    monkeypatch.setattr(backend.CompiledEncoder, "__call__", at_most(12))
    new = images ^ 1  # not in the cache
    frozen.predict_proba(new)
    assert sizes == [10] * 4
    np.testing.assert_allclose(frozen.predict_proba(images), expected, atol=1e-6)
    monkeypatch.setattr(backend.CompiledEncoder, "__call__", at_most(0))
    with pytest.raises(DeviceMemoryError, match="a frozen backbone does not fit even one row"):
        frozen.predict_proba(images ^ 2)
