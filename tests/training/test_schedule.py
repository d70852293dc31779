"""Numbers of epochs and learning rates that are found."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmtl import MultiTaskClassifier
from skmtl.training.schedule import as_epochs, auto_epochs, auto_learning_rates


@given(st.integers(0, 10**9))
def test_more_rows_never_take_more_epochs(n_rows):
    assert 8 <= auto_epochs(n_rows + 1) <= auto_epochs(n_rows) <= 20


@given(st.integers(1, 500))
def test_learning_rates_fall_at_the_end_only(n_epochs):
    rates = np.array(auto_learning_rates(n_epochs))
    assert len(rates) == n_epochs
    assert (rates[: int(0.7 * n_epochs)] == 0.003).all()
    assert (np.diff(rates) <= 0).all()
    assert (rates > 0).all()


def test_auto_looks_at_the_rows():
    assert as_epochs("auto", np.zeros((20_000, 2))) == as_epochs("auto", [0] * 20_000) == 10
    assert as_epochs(3, None) == 3
    # what is no table is for `fit` to refuse
    assert as_epochs("auto", None) == as_epochs("auto", np.float64(1)) == as_epochs("auto", 3) == 20
    with pytest.raises(ValueError, match="epochs must be"):
        as_epochs(0, None)


def rates_of(**options):
    seen = []

    class Rates(keras.callbacks.Callback):
        def on_epoch_end(self, _epoch, _logs=None):
            seen.append(float(self.model.optimizer.learning_rate))

    X = np.arange(24.0).reshape(12, 2)
    y = [0, 1] * 6
    MultiTaskClassifier(callbacks=Rates(), random_state=0, epochs=5, **options).fit(X, y)
    return seen


def test_the_learning_rate_of_each_epoch():
    assert rates_of() == pytest.approx(auto_learning_rates(5))
    assert rates_of(learning_rate=0.01) == pytest.approx([0.01] * 5)
    assert rates_of(early_stopping=True) == pytest.approx([0.003] * 5)
