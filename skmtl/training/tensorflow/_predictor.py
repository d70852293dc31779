"""A compiled forward pass that serves every estimator of one architecture."""

import numpy as np
import tensorflow as tf

from skmtl.training.tensorflow._graph import any_rows_spec, compiled, exact_spec, forward

LARGE = 4096  # entries
BLOCK = 48  # rows: whole blocks with 8 as with 16 numbers a register


class Predictor:
    """A compiled forward pass over one architecture, for the weights of any estimator.

    Parameters
    ----------
    network : Network
        Gives the architecture; its own weights are not used.
    """

    def __init__(self, network):
        self.network = network
        self._compiled = {}
        groups = {}
        for position, variable in enumerate(network.variables):
            large = int(np.prod(variable.shape)) > LARGE
            groups.setdefault(position if large else variable.dtype, []).append(position)
        self._groups = list(groups.values())

    def weights(self, network) -> list:
        """Return the current weights of a network of the same architecture, as `__call__` takes.

        Small ones are packed into one tensor per dtype: each argument of a compiled function costs
        time at every call, and so does unpacking large ones.
        """
        variables = network.variables
        return [
            tf.concat([tf.reshape(variables[i].value, [-1]) for i in group], 0)
            if len(group) > 1
            else tf.identity(variables[group[0]].value)
            for group in self._groups
        ]

    def __call__(self, values, table) -> list[np.ndarray]:
        """Return the class probabilities ``(n_samples, n_classes)`` of each task.

        Parameters
        ----------
        values : list of tensor
            What `weights` returned.
        table : Table
            Features or raw input by modality.
        """
        complete = {name: m.is_complete for name, m in table.modalities.items()}
        n_rows, n_filled = table.n_samples, _filled(table)
        arrays = {}
        for name, modality in table.modalities.items():
            arrays[f"{name}_values"] = tf.convert_to_tensor(modality.values)
            arrays[f"{name}_positions"] = tf.convert_to_tensor(
                np.pad(modality.positions, (0, n_filled - n_rows), mode="edge")
            )
        key = tuple(sorted(complete.items()))
        if key not in self._compiled:

            def probabilities(values, arrays):
                return self._probabilities(values, arrays, complete)

            specs = (
                [exact_spec(value) for value in values],
                {n: any_rows_spec(a) for n, a in arrays.items()},
            )
            self._compiled[key] = compiled(probabilities, specs)
        return [task.numpy()[:n_rows] for task in self._compiled[key](values, arrays)]

    def _probabilities(self, values, arrays, complete):
        variables, known = self.network.variables, {}
        for value, group in zip(values, self._groups, strict=True):
            sizes = [int(np.prod(variables[i].shape)) for i in group]
            parts = tf.split(value, sizes) if len(group) > 1 else [value]
            for i, part in zip(group, parts, strict=True):
                known[id(variables[i])] = tf.reshape(part, variables[i].shape)

        def call(part, inputs):
            trained = [known[id(v)] for v in part.trainable_variables]
            other = [known[id(v)] for v in part.non_trainable_variables]
            return part.stateless_call(trained, other, inputs, training=False)[0]

        logits = forward(self.network, arrays, complete, training=False, call=call)
        return [tf.nn.softmax(tf.cast(z, tf.float32)) for z in logits]


def _filled(table) -> int:
    """Return the number of rows to compute: what a row gives must not depend on its place.

    Matrix products on a CPU take rows in blocks, and those left over are added up in another order:
    the last bit of a row then depends on where it stands. Vectors are cheap, so whole blocks of
    them are computed; pictures and texts are not.
    """
    vectors = all(
        m.values.ndim == 2 and m.values.dtype.kind == "f" for m in table.modalities.values()
    )
    if not vectors:
        return table.n_samples
    return -(-table.n_samples // BLOCK) * BLOCK
