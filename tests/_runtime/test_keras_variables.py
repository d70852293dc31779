"""Variables are counted before they are made; this fails where Keras notes them elsewhere."""

import keras
import pytest
from keras.src.backend.common import global_state

from skmtl._runtime.keras_variables import TooManyVariablesError, variables_counted


def test_every_variable_is_counted_and_none_has_a_value():
    with variables_counted(3, 4 * 3 * 5 + 4 * 5 + 16) as count:
        layer = keras.layers.Dense(5)
        layer.build((None, 3))
        keras.layers.Dropout(0.5)
    assert [tuple(variable.shape) for variable in count][:2] == [(3, 5), (5,)]
    assert len(count) == 3
    assert count.n_bytes == 4 * 3 * 5 + 4 * 5 + 16
    assert all(variable._value is None for variable in count)


def test_bytes_depend_on_the_dtype():
    with variables_counted(10, 10**6) as count:
        keras.layers.Dense(5, use_bias=False, dtype="bfloat16").build((None, 3))
    assert count.n_bytes == 2 * 3 * 5


@pytest.mark.parametrize("bounds", [(1, 10**6), (10, 79)])
def test_too_many_stop_the_build(bounds):
    with (
        pytest.raises(TooManyVariablesError, match=r"variables of .* bytes are allowed"),
        variables_counted(*bounds),
    ):
        keras.layers.Dense(5).build((None, 3))


def test_a_vast_layer_is_refused_without_its_memory():
    with (
        pytest.raises(TooManyVariablesError, match="1 variables of 40000000000000 bytes"),
        variables_counted(10, 1000),
    ):
        keras.layers.Embedding(10**10, 1000).build((None, 3))


def test_afterwards_keras_makes_variables_as_before():
    before = global_state.get_global_attribute("uninitialized_variables")
    with variables_counted(10, 1000):
        keras.layers.Dense(2).build((None, 2))
    assert (global_state.get_global_attribute("uninitialized_variables") or []) == (before or [])
    layer = keras.layers.Dense(2)
    layer.build((None, 2))
    assert layer.get_weights()[0].shape == (2, 2)
