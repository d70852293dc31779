"""Cross-stitch networks: a tower per task, mixed after every layer."""

import keras
import numpy as np
from keras import ops

from skmtl._runtime.checks import as_number
from skmtl._runtime.types import Units
from skmtl.sharing._base import (
    Sharing,
    Trunk,
    apply_stack,
    dense_stack,
    flat,
    once_per_input,
    own_or_trunk_units,
)
from skmtl.sharing._experts import EXPERT_UNITS, last_dense


class CrossStitch(Sharing):
    r"""Every task has a tower; after each layer the towers exchange what they found.

    .. math:: \tilde h_t^l = \sum_u \alpha_{tu}^l h_u^l, \qquad
        h_t^l = \mathrm{relu}(W_t^l \tilde h_t^{l-1} + b_t^l), \qquad \tilde h_t^0 = x

    The mixtures :math:`\alpha^l` (the cross-stitch units) are learned. Every layer stands before
    a mixture, so every layer is trained by all tasks and counts as shared.

    Parameters
    ----------
    tower_units : int or sequence of int, default=None
        Widths of the layers of each tower. None takes the `trunk_units` of the classifier, or one
        layer of 128 where those are empty.
    own_share : float, default=0.9
        What :math:`\alpha_{tt}` starts with, in [0, 1]; the other tasks start with equal parts of
        the rest.
    per_unit : bool, default=False
        Whether each unit of a layer has its own mixture, or the whole layer has one.

    Notes
    -----
    Cost: the forward and backward pass of `n_tasks` trunks. The paper stitches two convolutional
    networks and starts from networks trained on single tasks; here the towers are the fully
    connected layers after the shared branches, for any number of tasks, and start from random
    weights. The mixtures learn at the rate of the network, not at the 100 to 1000 times larger one
    of the paper. 0.9 is the paper's best start.

    References
    ----------
    Misra, Shrivastava, Gupta & Hebert (2016). Cross-stitch networks for multi-task learning. CVPR.
    arXiv:1604.03539.

    Examples
    --------
    >>> from skmtl.sharing import CrossStitch
    >>> trunk = CrossStitch().build(n_tasks=2, units=(16,), dropout=0.0)
    >>> [layer.name for layer in trunk.shared_layers]
    ['level_0_tower_0_dense_0', 'level_0_tower_1_dense_0', 'level_0_cross_stitch']
    """

    def __init__(
        self, *, tower_units: Units = None, own_share: float = 0.9, per_unit: bool = False
    ) -> None:
        self.tower_units = tower_units
        self.own_share = own_share
        self.per_unit = per_unit

    def layer_units(self, trunk_units: tuple[int, ...]) -> tuple[int, ...]:
        """Return the widths of the layers of a tower."""
        return own_or_trunk_units("tower_units", self.tower_units, trunk_units, (EXPERT_UNITS,))

    def build(self, *, n_tasks: int, units: tuple[int, ...], dropout: float) -> Trunk:
        """Return a tower per task and the mixtures; see `Sharing.build`."""
        as_number("own_share", self.own_share, low=0, high=1)
        levels, stitches = [], []
        for level, width in enumerate(units):
            name = f"level_{level}"
            levels.append(
                [dense_stack(f"{name}_tower_{t}", [width], dropout) for t in range(n_tasks)]
            )
            stitches.append(self._stitch(f"{name}_cross_stitch", n_tasks, width))

        def compute(x):
            xs = [x] * n_tasks
            for towers, stitch in zip(levels, stitches, strict=True):
                outputs = [apply_stack(tower, h) for tower, h in zip(towers, xs, strict=True)]
                mixed = stitch(ops.stack(outputs, axis=1))
                xs = [mixed[:, t] for t in range(n_tasks)]
            return xs

        shared = []
        for towers, stitch in zip(levels, stitches, strict=True):
            shared += [*flat(towers), stitch]
        return Trunk(
            call=lambda inputs: once_per_input(compute, inputs),
            shared_layers=shared,
            task_layers=[[] for _ in range(n_tasks)],
            last_shared_layers=[*(last_dense(tower) for tower in levels[-1]), stitches[-1]],
        )

    def _stitch(self, name, n_tasks, width):
        """Return the layer ``(n_samples, n_tasks, width)`` to the same shape that mixes tasks."""
        start = np.eye(1)
        if n_tasks > 1:
            start = np.full((n_tasks, n_tasks), (1 - self.own_share) / (n_tasks - 1))
            np.fill_diagonal(start, self.own_share)
        if self.per_unit:
            start = np.repeat(start[:, :, None], width, axis=2)
        return keras.layers.EinsumDense(
            "bud,tud->btd" if self.per_unit else "bud,tu->btd",
            output_shape=(n_tasks, width),
            kernel_initializer=keras.initializers.Constant(start.tolist()),
            name=name,
        )
