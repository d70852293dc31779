"""Loss weighting: task losses to weighted losses, at the price of one backward pass."""

import skmtl._runtime.quiet_start  # isort: skip  # noqa: F401

from skmtl.weighting._base import LossWeighting, StepObservation
from skmtl.weighting._dwa import DynamicWeightAverage
from skmtl.weighting._famo import FAMO
from skmtl.weighting._fixed import FixedLossWeights
from skmtl.weighting._gls import GeometricLossStrategy
from skmtl.weighting._gradnorm import GradNorm
from skmtl.weighting._imtl_l import IMTLL
from skmtl.weighting._rlw import RandomLossWeighting
from skmtl.weighting._stch import SmoothTchebycheff
from skmtl.weighting._uncertainty import UncertaintyWeighting
from skmtl.weighting._uw_so import SoftOptimalUncertainty

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
    "uw_so": SoftOptimalUncertainty,
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
    "SoftOptimalUncertainty",
    "StepObservation",
    "UncertaintyWeighting",
]
