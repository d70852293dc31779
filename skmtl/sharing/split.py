"""Tasks share the first stages of an image backbone, and part there."""

from skmtl._runtime.checks import as_count, as_number
from skmtl.sharing._base import Sharing, Trunk
from skmtl.sharing.hard import one_trunk


class SplitSharing(Sharing):
    r"""Tasks share the first stages of a CNN that is trained from scratch; the later ones are own.

    .. math:: z_t = f_t(g(x))

    with the shared stages :math:`g` and the narrower stages :math:`f_t` of each task. This
    concerns ``image_backbone="small_cnn"`` where several tasks see the images; everything else is
    shared as with `HardSharing`. With a trunk (`trunk_units`), or more than `max_tasks` tasks that
    see the images, the tasks share the backbone whole.

    Parameters
    ----------
    n_shared_stages : int >= 1, default=1
        Number of stages (a convolution and a maximum each) that all tasks share. A backbone of no
        more stages is shared whole.
    own_width : float in (0, 1], default=0.5
        Filters of a task's own stage, as a share of those that the stage has by default.
    max_tasks : int >= 1, default=8
        Largest number of tasks that part.

    Notes
    -----
    Cost: with half of the filters, a task's own stages take about two fifths of the time of the
    whole backbone. Two tasks are faster than with `HardSharing`, six or seven take about twice as
    long, and a network for each two to two and a half times as long as this.

    References
    ----------
    Vandenhende, Georgoulis, De Brabandere & Van Gool (2020). Branched multi-task networks:
    deciding what layers to share. BMVC. arXiv:1904.02920. There the places where tasks part are
    found from the similarity of their features; here it is one place for all.

    Examples
    --------
    >>> from skmtl.sharing import SplitSharing
    >>> SplitSharing(own_width=0.25).n_shared_stages
    1
    """

    def __init__(
        self, *, n_shared_stages: int = 1, own_width: float = 0.5, max_tasks: int = 8
    ) -> None:
        self.n_shared_stages = n_shared_stages
        self.own_width = own_width
        self.max_tasks = max_tasks

    def build(self, *, n_tasks: int, units: tuple[int, ...], dropout: float) -> Trunk:
        """Return one stack of layers for all tasks."""
        self._checked()
        return one_trunk(n_tasks, units, dropout)

    def split(self, filters: tuple[int, ...], n_tasks: int) -> tuple[tuple, tuple]:
        """Return the filters of shared and of own stages; see `Sharing.split`.

        Raises
        ------
        TypeError, ValueError
            If a parameter is not allowed.
        """
        n_shared, width, max_tasks = self._checked()
        if not 1 < n_tasks <= max_tasks:
            return filters, ()
        return filters[:n_shared], tuple(max(1, round(width * n)) for n in filters[n_shared:])

    def _checked(self):
        return (
            as_count("n_shared_stages", self.n_shared_stages),
            as_number("own_width", self.own_width, low=0, high=1, closed="right"),
            as_count("max_tasks", self.max_tasks),
        )
