"""Gradient aggregation: the task gradients of the shared variables to one gradient."""

import skmtl._quiet_start  # isort: skip  # noqa: F401

from ._aligned_mtl import AlignedMTL
from ._base import GradientAggregator, GradientMatrixAggregator
from ._cagrad import CAGrad
from ._db_mtl import DBMTL
from ._dualproj import DualProj
from ._fairgrad import FairGrad
from ._graddrop import GradDrop
from ._gradvac import GradVac
from ._imtl_g import IMTLG
from ._mean import MeanAggregator
from ._mgda import MGDA
from ._nash_mtl import NashMTL
from ._pcgrad import PCGrad
from ._sum import SumAggregator
from ._upgrad import UPGrad

GRADIENT_AGGREGATORS = {
    "aligned_mtl": AlignedMTL,
    "cagrad": CAGrad,
    "db_mtl": DBMTL,
    "dualproj": DualProj,
    "fairgrad": FairGrad,
    "graddrop": GradDrop,
    "gradvac": GradVac,
    "imtl_g": IMTLG,
    "mean": MeanAggregator,
    "mgda": MGDA,
    "nash_mtl": NashMTL,
    "pcgrad": PCGrad,
    "sum": SumAggregator,
    "upgrad": UPGrad,
}

__all__ = [
    "DBMTL",
    "GRADIENT_AGGREGATORS",
    "IMTLG",
    "MGDA",
    "AlignedMTL",
    "CAGrad",
    "DualProj",
    "FairGrad",
    "GradDrop",
    "GradVac",
    "GradientAggregator",
    "GradientMatrixAggregator",
    "MeanAggregator",
    "NashMTL",
    "PCGrad",
    "SumAggregator",
    "UPGrad",
]
