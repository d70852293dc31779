"""Gradient aggregation: the task gradients of the shared variables to one gradient."""

from ._base import GradientAggregator, GradientMatrixAggregator
from ._cagrad import CAGrad
from ._mean import MeanAggregator
from ._mgda import MGDA
from ._pcgrad import PCGrad
from ._sum import SumAggregator

GRADIENT_AGGREGATORS = {
    "cagrad": CAGrad,
    "mean": MeanAggregator,
    "mgda": MGDA,
    "pcgrad": PCGrad,
    "sum": SumAggregator,
}

__all__ = [
    "GRADIENT_AGGREGATORS",
    "MGDA",
    "CAGrad",
    "GradientAggregator",
    "GradientMatrixAggregator",
    "MeanAggregator",
    "PCGrad",
    "SumAggregator",
]
