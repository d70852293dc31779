"""How tasks share layers: one small class per scheme."""

import skmtl._quiet_start  # isort: skip  # noqa: F401

from skmtl.sharing._base import Sharing, Trunk
from skmtl.sharing.hard import HardSharing
from skmtl.sharing.none import NoSharing

SHARINGS = {
    "hard": HardSharing,
    "none": NoSharing,
}

__all__ = ["SHARINGS", "HardSharing", "NoSharing", "Sharing", "Trunk"]
