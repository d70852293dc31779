"""Loss weighting: task losses to weighted losses, at the price of one backward pass."""

from ._base import LossWeighting, StepObservation
from ._dwa import DynamicWeightAverage
from ._fixed import FixedLossWeights
from ._uncertainty import UncertaintyWeighting

LOSS_WEIGHTINGS = {
    "dwa": DynamicWeightAverage,
    "fixed": FixedLossWeights,
    "uncertainty": UncertaintyWeighting,
}

__all__ = [
    "LOSS_WEIGHTINGS",
    "DynamicWeightAverage",
    "FixedLossWeights",
    "LossWeighting",
    "StepObservation",
    "UncertaintyWeighting",
]
