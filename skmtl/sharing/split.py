"""Shared backbones; from there on, each task has layers of its own."""

from skmtl.sharing._base import Sharing, Trunk, apply_stack, dense_stack


class SplitSharing(Sharing):
    r"""Tasks part after the backbones: :math:`z_t = f_t(b(x))`.

    Each task has its own dense layer at the end of every branch, and its own trunk. What several
    tasks need to see in an image or a text is learned once; what each of them makes of it is not.

    Examples
    --------
    >>> SplitSharing().own_dense
    True
    """

    own_dense = True

    def build(self, *, n_tasks: int, units: tuple[int, ...], dropout: float) -> Trunk:
        """Return a stack of layers per task."""
        stacks = [dense_stack(f"trunk_{task}", units, dropout) for task in range(n_tasks)]

        def call(inputs):
            return [apply_stack(stack, x) for stack, x in zip(stacks, inputs, strict=True)]

        return Trunk(call, [], stacks)
