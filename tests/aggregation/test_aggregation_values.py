"""One pinned value of every aggregator, the second step of those that remember; no TorchJD needed.

The other tests say why these numbers are right; these are quick, and see every change.
"""

import keras
import numpy as np
import pytest
from on_tensors import is_float32, on_tensors

from skmtl.aggregation import GRADIENT_AGGREGATORS, AlignedMTL

GRADIENTS = np.array([[4.0, 0.0, 1.0], [-2.0, 3.0, 0.0], [1.0, -2.0, 2.0]])
VALUES = [
    ("aligned_mtl", [[0.16729945, 0.34718536, 0.32724135], [0.16729945, 0.34718536, 0.32724135]]),
    ("cagrad", [[0.33333333, 0.50174863, 0.34529733], [0.33333333, 0.50174863, 0.34529733]]),
    ("db_mtl", [[0.3087281, 0.06818942, 0.37487371], [0.5865834, 0.12955989, 0.71226005]]),
    ("dualproj", [[0.33333333, 0.41013337, 0.33333333], [0.33333333, 0.41013337, 0.33333333]]),
    ("fairgrad", [[0.30115338, 0.65690891, 0.57603846], [0.30115338, 0.65690891, 0.57603846]]),
    ("graddrop", [[5.0, 3.0, 3.0], [5.0, 3.0, 3.0]]),
    ("gradvac", [[1.47058824, 2.23076923, 1.5751634], [1.46662179, 2.22144041, 1.57308331]]),
    ("imtl_g", [[0.14791602, 0.44129114, 0.41079284], [0.14791602, 0.44129114, 0.41079284]]),
    ("mean", [[0.33333333, 0.33333333, 0.33333333], [0.33333333, 0.33333333, 0.33333333]]),
    ("mgda", [[0.12045889, 0.43785851, 0.4416826], [0.12045889, 0.43785851, 0.4416826]]),
    ("nash_mtl", [[0.17387099, 0.37926654, 0.33257596], [0.17387099, 0.37926654, 0.33257596]]),
    ("pcgrad", [[1.47058824, 2.23076923, 1.5751634], [1.47058824, 2.23076923, 1.5751634]]),
    ("sum", [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]),
    ("upgrad", [[0.401739, 0.7434667, 0.58391727], [0.401739, 0.7434667, 0.58391727]]),
]


DRAWN = ("graddrop", "gradvac", "pcgrad")  # from random numbers, which are the backend's own
TOLERANCE = 1e-5 if is_float32() else 1e-7


def steps(aggregator, n_steps=2):
    """Return what an aggregator gives step by step, outside of a compiled program."""
    is_matrix = hasattr(aggregator, "aggregate")
    method = aggregator.aggregate if is_matrix else aggregator.weigh
    values = GRADIENTS if is_matrix else GRADIENTS @ GRADIENTS.T
    state = aggregator.initial_state(*GRADIENTS.shape) if is_matrix else aggregator.initial_state(3)
    state = {name: np.asarray(value, "float64") for name, value in state.items()}
    seed, results = keras.random.SeedGenerator(0), []
    for _ in range(n_steps):
        result, state = on_tensors(method)(values, np.ones(3, bool), state, seed=seed)
        results.append(result)
    return results


@pytest.mark.parametrize(("name", "expected"), VALUES, ids=[name for name, _ in VALUES])
def test_two_steps(name, expected):
    if name in DRAWN and keras.config.backend() != "tensorflow":
        pytest.skip("the pinned values are those of TensorFlow's random numbers")
    np.testing.assert_allclose(steps(GRADIENT_AGGREGATORS[name]()), expected, atol=TOLERANCE)


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        ("min", [0.16729945, 0.34718536, 0.32724135]),
        ("median", [0.28656451, 0.59468816, 0.56052638]),
        ("rmse", [0.36380086, 0.7549716, 0.71160236]),
    ],
)
def test_aligned_mtl_scales(scale, expected):
    np.testing.assert_allclose(steps(AlignedMTL(scale=scale), 1)[0], expected, atol=TOLERANCE)


def test_every_aggregator_has_a_value():
    assert {name for name, _ in VALUES} == set(GRADIENT_AGGREGATORS)
