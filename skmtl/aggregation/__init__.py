"""Gradient aggregation: the task gradients of the shared variables to one gradient."""

import skmtl._runtime.quiet_start  # isort: skip  # noqa: F401

from skmtl.aggregation._aligned_mtl import AlignedMTL
from skmtl.aggregation._base import GradientAggregator, GradientMatrixAggregator
from skmtl.aggregation._cagrad import CAGrad
from skmtl.aggregation._db_mtl import DBMTL
from skmtl.aggregation._dualproj import DualProj
from skmtl.aggregation._fairgrad import FairGrad
from skmtl.aggregation._graddrop import GradDrop
from skmtl.aggregation._gradvac import GradVac
from skmtl.aggregation._imtl_g import IMTLG
from skmtl.aggregation._mean import MeanAggregator
from skmtl.aggregation._mgda import MGDA
from skmtl.aggregation._nash_mtl import NashMTL
from skmtl.aggregation._pcgrad import PCGrad
from skmtl.aggregation._sum import SumAggregator
from skmtl.aggregation._upgrad import UPGrad

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
