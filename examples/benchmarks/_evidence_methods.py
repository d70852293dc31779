"""The methods of the evidence, and two that the library does not have."""

import numpy as np
from keras import config, ops

from skmtl.aggregation import GRADIENT_AGGREGATORS, GradientMatrixAggregator, PCGrad, UPGrad
from skmtl.weighting import LOSS_WEIGHTINGS, LossWeighting


class EqualGradients(LossWeighting):
    """Weights found in the first steps of a run, and fixed from then on.

    The mean norm of each weighted task gradient on the last shared layer is the same, as AutoScale
    chooses weights by the magnitude of gradients (arXiv:2508.13979).
    """

    needs_gradient_norms = True

    def __init__(self, *, n_steps=200):
        self.n_steps = n_steps

    def initial_state(self, n_tasks):
        zeros = np.zeros(n_tasks, config.floatx())
        return {"norms": zeros, "n_seen": zeros}

    def weigh(self, losses, present, state, *, seed):  # noqa: ARG002
        means = state["norms"] / ops.maximum(state["n_seen"], 1.0)
        inverse = 1.0 / ops.maximum(means, 1e-6)
        weights = ops.where(state["n_seen"] > 0, inverse / ops.mean(inverse), 1.0)
        return weights * losses

    def update(self, state, observation):
        learns = ops.logical_and(observation.present, state["n_seen"] < self.n_steps)
        new = ops.cast(learns, state["norms"].dtype)
        norms = ops.where(learns, observation.gradient_norms, 0.0)
        return {"norms": state["norms"] + norms, "n_seen": state["n_seen"] + new}


class OnMomentum(GradientMatrixAggregator):
    """An aggregator of the momenta of the task gradients, not of the gradients themselves.

    The optimizer's own momentum is to be off (arXiv:2604.08939).
    """

    def __init__(self, inner=None, *, momentum=0.9):
        self.inner = inner
        self.momentum = momentum

    def initial_state(self, n_tasks, n_parameters):
        return {"means": np.zeros((n_tasks, n_parameters), config.floatx())}

    def aggregate(self, gradients, present, state, *, seed):
        means = self.momentum * state["means"] + (1 - self.momentum) * gradients
        means = ops.where(present[:, None], means, state["means"])
        gramian = ops.matmul(means, ops.transpose(means))
        weights, _ = self.inner.weigh(gramian, present, {}, seed=seed)
        return ops.matmul(weights[None], means)[0], {"means": means}


WEIGHTINGS = tuple(name for name in LOSS_WEIGHTINGS if name != "fixed")
AGGREGATORS = tuple(name for name in GRADIENT_AGGREGATORS if name != "sum")  # plain training
METHODS = {
    "a network per task": {"sharing": "none"},
    "equal weights": {},
    **{f"{name} weights": {"loss_weights": name} for name in WEIGHTINGS},
    "weights by gradients": {"loss_weights": EqualGradients()},
    **{name: {"gradient_aggregator": name} for name in AGGREGATORS},
    **{
        f"{name} on momentum": {
            "gradient_aggregator": OnMomentum(inner),
            "optimizer__beta_1": 0.0,
        }
        for name, inner in {"pcgrad": PCGrad(), "upgrad": UPGrad()}.items()
    },
}
