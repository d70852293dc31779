"""Multi-gate mixture of experts."""

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


class MMoE(Sharing):
    r"""All tasks share the experts; each mixes them by its own gate.

    .. math:: z_t = \sum_{k=1}^{n} g_t(x)_k f_k(x), \qquad g_t(x) = \mathrm{softmax}(W_t x)

    The experts :math:`f_k` are shared; a gate :math:`W_t`, which sees the same input as they do,
    is the task's own.

    Parameters
    ----------
    n_experts : int, default=4
        Number of experts. The paper uses 8 on large tables. One is hard sharing: no gates.
    expert_units : int or sequence of int, default=None
        Widths of the layers of each expert. None takes the `trunk_units` of the classifier, or one
        layer of 128 where those are empty.

    Notes
    -----
    Cost: the forward and backward pass of `n_experts` trunks, however many tasks there are.

    References
    ----------
    Ma, Zhao, Yi, Chen, Hong & Chi (2018). Modeling task relationships in multi-task learning with
    multi-gate mixture-of-experts. KDD. doi:10.1145/3219819.3220007.

    Examples
    --------
    >>> from skmtl.sharing import MMoE
    >>> trunk = MMoE(n_experts=3).build(n_tasks=2, units=(16,), dropout=0.0)
    >>> [layer.name for layer in trunk.shared_layers]
    ['expert_0_dense_0', 'expert_1_dense_0', 'expert_2_dense_0']
    >>> [layer.name for layer in trunk.task_layers[1]]
    ['gate_1']
    """

    def __init__(self, *, n_experts: int = 4, expert_units: Units = None) -> None:
        self.n_experts = n_experts
        self.expert_units = expert_units

    def layer_units(self, trunk_units: tuple[int, ...]) -> tuple[int, ...]:
        """Return the widths of the layers of an expert."""
        return own_or_trunk_units("expert_units", self.expert_units, trunk_units, (EXPERT_UNITS,))

    def build(self, *, n_tasks: int, units: tuple[int, ...], dropout: float) -> Trunk:
        """Return shared experts and a gate per task; see `Sharing.build`."""
        n_experts = as_count("n_experts", self.n_experts)
        experts = make_experts("expert", n_experts, units, dropout)
        gates = []  # a gate over one expert would always say 1
        if n_experts > 1:
            gates = [make_gate(f"gate_{task}", n_experts) for task in range(n_tasks)]

        def compute(x):
            outputs = [apply_stack(expert, x) for expert in experts]
            return [mix(gate(x), outputs) for gate in gates] or outputs * n_tasks

        return Trunk(
            call=lambda inputs: once_per_input(compute, inputs),
            shared_layers=flat(experts),
            task_layers=[[gate] for gate in gates] or [[] for _ in range(n_tasks)],
            last_shared_layers=[last_dense(expert) for expert in experts],
        )
