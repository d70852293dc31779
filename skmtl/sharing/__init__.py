"""How tasks share layers: one small class per scheme."""

import skmtl._runtime.quiet_start  # isort: skip  # noqa: F401

from skmtl.sharing._base import Sharing, Trunk
from skmtl.sharing.cgc import CGC
from skmtl.sharing.cross_stitch import CrossStitch
from skmtl.sharing.hard import HardSharing
from skmtl.sharing.mmoe import MMoE
from skmtl.sharing.none import NoSharing
from skmtl.sharing.ple import PLE
from skmtl.sharing.split import SplitSharing

SHARINGS = {
    "split": SplitSharing,
    "hard": HardSharing,
    "none": NoSharing,
    "cross_stitch": CrossStitch,
    "mmoe": MMoE,
    "cgc": CGC,
    "ple": PLE,
}

__all__ = [
    "CGC",
    "PLE",
    "SHARINGS",
    "CrossStitch",
    "HardSharing",
    "MMoE",
    "NoSharing",
    "Sharing",
    "SplitSharing",
    "Trunk",
]
