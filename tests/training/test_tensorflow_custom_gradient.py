"""Gradients of our own have TensorFlow's values, and programs that are dropped leave no graph."""

import gc
from functools import partial

import numpy as np
import pytest
import tensorflow as tf
from small_table import make_small_table

from skmtl import MultiTaskClassifier
from skmtl.training import programs
from skmtl.training.programs import forget_programs
from skmtl.training.tensorflow import _cpu_layers, _custom_gradient
from skmtl.training.tensorflow._custom_gradient import custom_gradient
from skmtl.training.tensorflow._mirrored import MirroredProgram

NUMBERS = np.random.default_rng(0).normal(size=(40, 5)).astype("float32")
SMALL = {"image_backbone__filters": (4, 4), "text_backbone__embedding_dim": 6}


def product(x, y):
    """Return a list, and a gradient that no rule of TensorFlow would find."""
    return [x * y, x + y], lambda first, second: (3 * first * y, 5 * second + first * x)


def gradients_of(function):
    @tf.function
    def computed(x, y):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([x, y])
            first, second = function(x, y)
            total = first * first + tf.exp(second)
        return [total, *tape.gradient(total, [x, y]), *tape.gradient(first, [x, y])]

    return [value.numpy() for value in computed(tf.constant([1.0, 2.0]), tf.constant([0.5, -1.0]))]


def test_gradients_are_those_of_tensorflows_own_decorator():
    ours, theirs = gradients_of(custom_gradient(product)), gradients_of(tf.custom_gradient(product))
    np.testing.assert_array_equal(ours, theirs)
    # not those that TensorFlow finds itself
    assert not np.array_equal(ours, gradients_of(lambda x, y: product(x, y)[0]))


def test_what_it_was_given_may_be_returned():
    @custom_gradient
    def same(x):
        return x, lambda gradient: 7 * gradient

    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = same(x) + x
    assert float(tape.gradient(y, x)) == 8.0


def test_without_tensorflows_record_its_own_decorator_is_taken(monkeypatch):
    monkeypatch.setattr(_custom_gradient, "record", None)
    np.testing.assert_array_equal(
        gradients_of(custom_gradient(product)), gradients_of(tf.custom_gradient(product))
    )


def n_graphs() -> int:
    forget_programs()
    gc.collect()
    return sum(isinstance(found, tf.Graph) for found in gc.get_objects())


@pytest.mark.parametrize(
    ("program", "options"),
    [
        ("branches", {}),
        ("branches", {"gradient_aggregator": "upgrad", "precision": "mixed_float16"}),
        ("numbers", {"optimizer": "sgd", "loss_weights": "gradnorm"}),
        ("without oneDNN", {"gradient_aggregator": "pcgrad"}),
        ("devices", {"optimizer": "rmsprop"}),
    ],
)
def test_a_program_that_is_dropped_leaves_no_graph(program, options, monkeypatch):
    if program == "without oneDNN":
        monkeypatch.setattr(_cpu_layers, "_has_onednn", lambda: False)
    if program == "devices":
        monkeypatch.setattr(programs, "Program", partial(MirroredProgram, n_devices=1))
    if program == "numbers":  # compiled by XLA
        table, labels = NUMBERS, np.arange(80).reshape(40, 2) % 3
    else:
        (table, labels), options = make_small_table(40), SMALL | options

    def fit(n_units):
        model = MultiTaskClassifier(branch_units=n_units, epochs=2, random_state=0)
        model.set_params(**options).fit(table, labels).predict(table)

    fit(5)
    before = n_graphs()
    fit(6)
    assert any(isinstance(found, tf.Graph) for found in gc.get_objects())
    assert n_graphs() == before
