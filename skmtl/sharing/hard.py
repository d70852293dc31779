"""One trunk for all tasks."""

from skmtl.sharing._base import Sharing, Trunk, apply_stack, dense_stack


class HardSharing(Sharing):
    r"""Every task sees the same trunk: :math:`z_t = f(x_t)`.

    R. Caruana, *Multitask Learning*, Machine Learning 28, 1997.

    Examples
    --------
    >>> HardSharing()
    HardSharing()
    """

    def build(self, *, n_tasks: int, units: tuple[int, ...], dropout: float) -> Trunk:
        """Return one stack of layers for all tasks."""
        return one_trunk(n_tasks, units, dropout)


def one_trunk(n_tasks: int, units: tuple[int, ...], dropout: float) -> Trunk:
    """Return one stack of layers for all tasks; see `Sharing.build`."""
    layers = dense_stack("trunk", units, dropout)

    def call(inputs):
        # tasks with the same input get the same output tensor, computed once
        outputs = {id(x): apply_stack(layers, x) for x in inputs}
        return [outputs[id(x)] for x in inputs]

    return Trunk(call, layers, [[] for _ in range(n_tasks)])
