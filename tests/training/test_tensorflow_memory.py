"""Programs that are dropped leave no graph in TensorFlow's memory."""

import gc

import numpy as np
import pytest
import tensorflow as tf
from small_table import make_small_table

from skmtl import MultiTaskClassifier
from skmtl.training.programs import forget_programs

NUMBERS = np.random.default_rng(0).normal(size=(40, 5)).astype("float32")
SMALL = {"image_backbone__filters": (4, 4), "text_backbone__embedding_dim": 6}


def n_graphs() -> int:
    forget_programs()
    gc.collect()
    return sum(isinstance(found, tf.Graph) for found in gc.get_objects())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "options"),
    [
        ("branches", {"gradient_aggregator": "upgrad", "precision": "mixed_float16"}),
        ("numbers", {"optimizer": "sgd", "loss_weights": "gradnorm"}),
    ],
)
def test_a_program_that_is_dropped_leaves_no_graph(data, options):
    if data == "numbers":  # compiled by XLA
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
