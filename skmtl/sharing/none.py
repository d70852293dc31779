"""Independent single-task networks in one estimator: the baseline."""

from skmtl.sharing._base import Sharing, Trunk, apply_stack, dense_stack


class NoSharing(Sharing):
    r"""Every task has its own branches and trunk: :math:`z_t = f_t(x_t)`.

    Examples
    --------
    >>> NoSharing().own_branches
    True
    """

    own_branches = True

    def build(self, *, n_tasks: int, units: tuple[int, ...], dropout: float) -> Trunk:
        """Return a stack of layers per task."""
        stacks = [dense_stack(f"trunk_{task}", units, dropout) for task in range(n_tasks)]

        def call(inputs):
            return [apply_stack(stack, x) for stack, x in zip(stacks, inputs, strict=True)]

        return Trunk(call, [], stacks)
