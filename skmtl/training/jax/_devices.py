"""Several devices that share the rows of every batch; each has all weights."""

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec


class Devices:
    """The first devices that JAX sees.

    Parameters
    ----------
    n_devices : int
        How many of them.
    """

    def __init__(self, n_devices):
        known = jax.devices()
        if n_devices > len(known):
            raise ValueError(
                f"n_devices must be at most {len(known)}, the number of devices that JAX sees; "
                f"got {n_devices}."
            )
        self.n_devices = n_devices
        self._mesh = Mesh(np.array(known[:n_devices]), ("rows",))
        self.everywhere = NamedSharding(self._mesh, PartitionSpec())

    def divisible(self, plan) -> np.ndarray:
        """Return a plan whose batches can be shared evenly, filled up with -1."""
        missing = -plan.shape[1] % self.n_devices
        return np.pad(plan, ((0, 0), (0, missing)), constant_values=-1)

    def copied(self, tree):
        """Return arrays that lie on every device."""
        return jax.device_put(tree, self.everywhere)

    def spread(self, batch, axis) -> dict:
        """Return arrays whose rows, on `axis`, are shared; the others lie on every device."""
        rows = NamedSharding(self._mesh, PartitionSpec(*[None] * axis, "rows"))

        def place(array):
            shared = array.ndim > axis and array.shape[axis] % self.n_devices == 0
            return jax.device_put(array, rows if shared else self.everywhere)

        return {name: place(array) for name, array in batch.items()}
