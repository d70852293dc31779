"""Progressive layered extraction: several levels of customized gate control."""

from skmtl._runtime.checks import as_count
from skmtl._runtime.types import Units
from skmtl.sharing._base import (
    Sharing,
    Trunk,
    apply_stack,
    flat,
    once_per_input,
    own_or_trunk_units,
)
from skmtl.sharing._experts import (
    EXPERT_UNITS,
    last_dense,
    make_experts,
    make_gate,
    mix,
)


class PLE(Sharing):
    r"""Levels of shared and task experts; the shared path mixes the experts of all tasks.

    From :math:`x_t^0 = x_s^0 = x`, level :math:`l` gives

    .. math::
        x_t^l = g_t(x_t^{l-1}) \cdot [f_t(x_t^{l-1}), f_s(x_s^{l-1})], \qquad
        x_s^l = g_s(x_s^{l-1}) \cdot [f_1(x_1^{l-1}), \dots, f_T(x_T^{l-1}), f_s(x_s^{l-1})]

    with experts :math:`f` and gates :math:`g(x) = \mathrm{softmax}(W x)` of that level. The
    output of task :math:`t` is :math:`x_t^L`; the last level has no shared gate. One level is
    `CGC` with experts of one layer.

    Parameters
    ----------
    n_shared_experts : int, default=2
        Number of shared experts in each level.
    n_task_experts : int, default=1
        Number of experts of each task in each level.
    level_units : int or sequence of int, default=None
        Width of the experts of each level, which have one layer each; as many levels as entries.
        None takes the `trunk_units` of the classifier, or ``(128, 128)`` where those are empty.

    Notes
    -----
    Cost: in each level the forward and backward pass of ``n_shared_experts + n_tasks *
    n_task_experts`` layers. Through the shared path all tasks train the task experts of every
    level but the last, and the task gates of every level but the last two: these count as shared,
    to a gradient aggregator and where a label is missing.

    References
    ----------
    Tang, Liu, Zhao & Gong (2020). Progressive layered extraction (PLE): a novel multi-task
    learning model for personalized recommendations. RecSys. doi:10.1145/3383313.3412236.

    Examples
    --------
    >>> from skmtl.sharing import PLE
    >>> trunk = PLE(n_shared_experts=1).build(n_tasks=2, units=(16, 8), dropout=0.0)
    >>> [layer.name for layer in trunk.task_layers[1]]
    ['level_0_gate_1', 'level_1_expert_1_0_dense_0', 'level_1_gate_1']
    """

    def __init__(
        self, *, n_shared_experts: int = 2, n_task_experts: int = 1, level_units: Units = None
    ) -> None:
        self.n_shared_experts = n_shared_experts
        self.n_task_experts = n_task_experts
        self.level_units = level_units

    def layer_units(self, trunk_units: tuple[int, ...]) -> tuple[int, ...]:
        """Return the widths of the experts, one per level."""
        default = (EXPERT_UNITS, EXPERT_UNITS)
        return own_or_trunk_units("level_units", self.level_units, trunk_units, default)

    def build(self, *, n_tasks: int, units: tuple[int, ...], dropout: float) -> Trunk:
        """Return the levels; see `Sharing.build`."""
        n_shared = as_count("n_shared_experts", self.n_shared_experts)
        n_own = as_count("n_task_experts", self.n_task_experts)
        tasks, n_levels = range(n_tasks), len(units)
        shared, own, gates, shared_gates = [], [], [], []
        for level, width in enumerate(units):
            name = f"level_{level}"
            shared.append(make_experts(f"{name}_expert_shared", n_shared, [width], dropout))
            own.append([make_experts(f"{name}_expert_{t}", n_own, [width], dropout) for t in tasks])
            gates.append([make_gate(f"{name}_gate_{t}", n_own + n_shared) for t in tasks])
            if level < n_levels - 1:
                shared_gates.append(make_gate(f"{name}_gate_shared", n_tasks * n_own + n_shared))

        def compute(x):
            xs, common = [x] * n_tasks, x
            for level in range(n_levels):
                mine = [[apply_stack(expert, xs[t]) for expert in own[level][t]] for t in tasks]
                ours = [apply_stack(expert, common) for expert in shared[level]]
                xs = [mix(gates[level][t](xs[t]), mine[t] + ours) for t in tasks]
                if level < n_levels - 1:
                    common = mix(shared_gates[level](common), flat(mine) + ours)
            return xs

        # whom a layer of a task reaches: itself alone, or all through a shared gate further on
        shared_layers, task_layers = [], [[] for _ in tasks]
        for level in range(n_levels):
            for t in tasks:
                experts, gate = flat(own[level][t]), gates[level][t]
                (task_layers[t] if level == n_levels - 1 else shared_layers).extend(experts)
                (task_layers[t] if level >= n_levels - 2 else shared_layers).append(gate)
            shared_layers += flat(shared[level])
        return Trunk(
            call=lambda inputs: once_per_input(compute, inputs),
            shared_layers=[*shared_gates, *shared_layers],
            task_layers=task_layers,
            last_shared_layers=[last_dense(expert) for expert in shared[-1]],
        )
