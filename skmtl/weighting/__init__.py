"""Loss weighting: task losses to weighted losses, at the price of one backward pass."""

import skmtl._quiet_start  # isort: skip  # noqa: F401

from ._base import LossWeighting, StepObservation
from ._dwa import DynamicWeightAverage
from ._famo import FAMO
from ._fixed import FixedLossWeights
from ._gls import GeometricLossStrategy
from ._gradnorm import GradNorm
from ._imtl_l import IMTLL
from ._rlw import RandomLossWeighting
from ._stch import SmoothTchebycheff
from ._uncertainty import UncertaintyWeighting

LOSS_WEIGHTINGS = {
    "dwa": DynamicWeightAverage,
    "famo": FAMO,
    "fixed": FixedLossWeights,
    "gls": GeometricLossStrategy,
    "gradnorm": GradNorm,
    "imtl_l": IMTLL,
    "rlw": RandomLossWeighting,
    "stch": SmoothTchebycheff,
    "uncertainty": UncertaintyWeighting,
}

__all__ = [
    "FAMO",
    "IMTLL",
    "LOSS_WEIGHTINGS",
    "DynamicWeightAverage",
    "FixedLossWeights",
    "GeometricLossStrategy",
    "GradNorm",
    "LossWeighting",
    "RandomLossWeighting",
    "SmoothTchebycheff",
    "StepObservation",
    "UncertaintyWeighting",
]
