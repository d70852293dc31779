"""Everything that shapes a network."""

from dataclasses import dataclass
from functools import cached_property

from skmtl.columns import BranchSpec
from skmtl.labels import Head
from skmtl.sharing import Sharing


@dataclass(frozen=True)
class NetworkSpec:
    """Everything that shapes a network; specifications with equal keys build equal networks.

    Parameters
    ----------
    branches : tuple of BranchSpec
        One per modality.
    heads : tuple of Head
        The head of each task.
    visible : tuple of frozenset of str
        For each task, the modalities that it may see.
    sharing : Sharing
        How the tasks share the trunk.
    fusion : {"weighted", "late", "concat", "mean"}
        How the branches come together.
    trunk_units : tuple of int
        Widths of the trunk's layers.
    trunk_dropout : float
        Share of each trunk layer's outputs that is dropped while training.
    precision : str or None
        Keras dtype policy, such as "mixed_float16"; None for the default.
    """

    branches: tuple[BranchSpec, ...]
    heads: tuple[Head, ...]
    visible: tuple[frozenset, ...]
    sharing: Sharing
    fusion: str
    trunk_units: tuple[int, ...]
    trunk_dropout: float
    precision: str | None = None

    @cached_property
    def key(self) -> tuple:
        """What is equal for equal networks: their text, and the class of the sharing scheme.

        A class that is defined once more, as in a notebook, has the text of the one before.
        """
        parts = [branch.key for branch in self.branches]
        parts += [[head.key for head in self.heads], [sorted(names) for names in self.visible]]
        parts += [self.sharing.key, self.fusion, self.trunk_units, self.trunk_dropout]
        parts += [self.precision]
        return repr(parts), type(self.sharing)
