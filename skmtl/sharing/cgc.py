"""Customized gate control: shared experts and experts of each task's own."""

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


class CGC(Sharing):
    r"""Each task mixes shared experts with experts that no other task sees.

    .. math::
        z_t = \sum_k g_t(x)_k f_{t,k}(x) + \sum_k g_t(x)_{m+k} f_{s,k}(x),
        \qquad g_t(x) = \mathrm{softmax}(W_t x)

    with :math:`m` experts :math:`f_{t,k}` of task :math:`t` and shared experts :math:`f_{s,k}`.
    A task's experts and its gate are its own. `MMoE` is the case without experts of a task's own;
    `PLE` is several levels of this.

    Parameters
    ----------
    n_shared_experts : int, default=2
        Number of experts that all tasks share.
    n_task_experts : int, default=1
        Number of experts of each task's own.
    expert_units : int or sequence of int, default=None
        Widths of the layers of each expert. None takes the `trunk_units` of the classifier, or one
        layer of 128 where those are empty.

    Notes
    -----
    Cost: the forward and backward pass of ``n_shared_experts + n_tasks * n_task_experts`` trunks.

    References
    ----------
    Tang, Liu, Zhao & Gong (2020). Progressive layered extraction (PLE): a novel multi-task
    learning model for personalized recommendations. RecSys. doi:10.1145/3383313.3412236.

    Examples
    --------
    >>> from skmtl.sharing import CGC
    >>> trunk = CGC(n_shared_experts=1).build(n_tasks=2, units=(16,), dropout=0.0)
    >>> [layer.name for layer in trunk.shared_layers]
    ['expert_shared_0_dense_0']
    >>> [layer.name for layer in trunk.task_layers[1]]
    ['expert_1_0_dense_0', 'gate_1']
    """

    def __init__(
        self, *, n_shared_experts: int = 2, n_task_experts: int = 1, expert_units: Units = None
    ) -> None:
        self.n_shared_experts = n_shared_experts
        self.n_task_experts = n_task_experts
        self.expert_units = expert_units

    def layer_units(self, trunk_units: tuple[int, ...]) -> tuple[int, ...]:
        """Return the widths of the layers of an expert."""
        return own_or_trunk_units("expert_units", self.expert_units, trunk_units, (EXPERT_UNITS,))

    def build(self, *, n_tasks: int, units: tuple[int, ...], dropout: float) -> Trunk:
        """Return shared experts, and experts and a gate per task; see `Sharing.build`."""
        n_shared = as_count("n_shared_experts", self.n_shared_experts)
        n_own = as_count("n_task_experts", self.n_task_experts)
        shared = make_experts("expert_shared", n_shared, units, dropout)
        own = [make_experts(f"expert_{task}", n_own, units, dropout) for task in range(n_tasks)]
        gates = [make_gate(f"gate_{task}", n_own + n_shared) for task in range(n_tasks)]

        def compute(x):
            common = [apply_stack(expert, x) for expert in shared]
            return [
                mix(gate(x), [apply_stack(expert, x) for expert in experts] + common)
                for gate, experts in zip(gates, own, strict=True)
            ]

        return Trunk(
            call=lambda inputs: once_per_input(compute, inputs),
            shared_layers=flat(shared),
            task_layers=[[*flat(experts), gate] for experts, gate in zip(own, gates, strict=True)],
            last_shared_layers=[last_dense(expert) for expert in shared],
        )
