"""Initial weights of an architecture for any seed, without building its layers every time."""

from functools import partial

import keras
import numpy as np

from skmtl._runtime.keras_layers import all_layers
from skmtl._runtime.keras_state import seeds_again
from skmtl._runtime.lru import BoundedCache
from skmtl.network.frozen import sources
from skmtl.network.network import Network, build_network
from skmtl.network.spec import NetworkSpec

MAX_KNOWN = 32

_known = BoundedCache(MAX_KNOWN)


def initial_values(
    spec: NetworkSpec, seed: int, encoders: dict
) -> tuple[list[np.ndarray], Network | None]:
    """Return the values of the variables of a new network, and the network if it was built.

    An architecture that comes a second time is expected to come again: from then on its values are
    drawn by the initializers of its layers, and no layers are built.

    Parameters
    ----------
    spec : NetworkSpec
        The architecture.
    seed : int
        Seed of the initial weights and of dropout.
    encoders : dict of str to FrozenEncoder
        Its frozen backbones.

    Returns
    -------
    values : list of ndarray
        In the order of `Network.variables`.
    network : Network or None
        With these values; None if no layers had to be built.
    """
    # a specification does not say what is in a weights file or in a layer of the user
    key = (spec.key, *map(sources, spec.branches))
    known = _known.get(key, "new")
    if isinstance(known, Draws):
        return known(seed), None
    network = build_network(spec, seed, encoders)
    if known != "untraceable":
        _known.put(key, "built once" if known == "new" else _draws_of(network))
    return [_array(variable) for variable in network.variables], network


class Draws:
    """How the initial values of an architecture follow from a seed.

    Parameters
    ----------
    bounds : list of tuple of int
        Bounds of the seeds that Keras draws while it builds the layers, in their order.
    functions : list of callable
        For each variable, from those seeds to its value.
    """

    def __init__(self, bounds, functions):
        self.bounds = bounds
        self.functions = functions

    def __call__(self, seed) -> list[np.ndarray]:
        """Return the values for a seed."""
        seeds = seeds_again(seed, self.bounds)
        return [function(seeds) for function in self.functions]


def _draws_of(network: Network) -> Draws | str:
    """Find out how the values of a new network were drawn; "untraceable" if one was not.

    Each value must be repeated, bit by bit, by an initializer of its layer: weights that were read
    from a file, or set after they were drawn, are not.
    """
    seeds = [seed for *_, seed in network.seeds]
    initializers = _initializers(network)
    functions = [_draw(v, initializers.get(id(v), []), seeds) for v in network.variables]
    if None in functions or len(set(seeds)) < len(seeds):
        return "untraceable"
    return Draws([bounds for *bounds, _ in network.seeds], functions)


def _initializers(network) -> dict:
    """Return the initializers of the layers that hold a variable, by its id."""
    found = {}
    for part in network.parts:
        for layer in all_layers(part):
            known = [x for x in vars(layer).values() if isinstance(x, keras.Initializer)]
            for variable in layer.variables if known else []:
                found.setdefault(id(variable), []).extend(known)
    return found


def _draw(variable, initializers, seeds):
    """Return the function from seeds to the value of a variable, or None."""
    value = _array(variable)
    if value.dtype.kind in "iu" and value.shape == (2,) and value[0] in seeds and not value[1]:
        return partial(_dropout_seed, seeds.index(value[0]), value.dtype)
    for initializer in initializers:
        place = seeds.index(initializer.seed) if _is_drawn(initializer, seeds) else None
        draw = partial(_initial, initializer, place, tuple(variable.shape), variable.dtype)
        if np.array_equal(draw(seeds), value):
            return draw if place is not None else partial(_constant, value)
    return None


def _is_drawn(initializer, seeds) -> bool:
    return getattr(initializer, "seed", None) in seeds


def _dropout_seed(place, dtype, seeds):
    return np.array([seeds[place], 0], dtype)


def _initial(initializer, place, shape, dtype, seeds):
    if place is not None:
        config = {**initializer.get_config(), "seed": seeds[place]}
        initializer = type(initializer).from_config(config)
    return _array(initializer(shape, dtype=dtype))


def _constant(value, seeds):  # noqa: ARG001
    return value


def _array(tensor) -> np.ndarray:
    return np.array(keras.ops.convert_to_numpy(tensor))
