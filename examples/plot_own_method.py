"""
Write a loss weighting and an aggregator
========================================

A loss weighting turns task losses into weighted losses; an aggregator turns the inner products of
the task gradients into weights. Both are small classes, and work wherever a built-in method does:
in ``fit``, in a grid search, in a comparison, and with missing labels.
"""

import matplotlib.pyplot as plt
import numpy as np
from keras import ops
from sklearn.base import clone
from sklearn.model_selection import train_test_split

from skmtl import MultiTaskClassifier
from skmtl.aggregation import GradientAggregator
from skmtl.datasets import load_emoji
from skmtl.display import TrainingCurvesDisplay
from skmtl.weighting import LossWeighting


# %%
# A weighting: the task whose loss has fallen least since its first epoch gets the largest weight.
# What it learns is in the state, a dictionary of arrays that the training loop keeps. ``end_epoch``
# is plain NumPy; ``weigh`` is part of the compiled step, and so uses ``keras.ops``.
class CatchUp(LossWeighting):
    """Weights in proportion to ``(loss / first loss) ** power``."""

    def __init__(self, *, power=1.0):
        self.power = power

    def initial_state(self, n_tasks):
        return {"weights": np.ones(n_tasks, "float32"), "first": np.zeros(n_tasks, "float32")}

    def weigh(self, losses, present, state, *, seed):  # noqa: ARG002
        return state["weights"] * losses

    def end_epoch(self, state, losses, present):  # noqa: ARG002
        losses = np.asarray(losses)
        first = np.where(state["first"] == 0, losses, state["first"])
        left = (losses / np.where(first == 0, 1, first)) ** self.power
        return {"weights": len(left) * left / max(left.sum(), 1e-9), "first": first}


# %%
# An aggregator: every task gradient is scaled to the same length, the mean of all lengths. The
# diagonal of the Gramian holds the squared lengths; a task without a label in the batch has a row
# of zeros.
class EqualLengths(GradientAggregator):
    """Sum of the task gradients after bringing them to the same length."""

    def weigh(self, gramian, present, state, *, seed):  # noqa: ARG002
        lengths = ops.sqrt(ops.diagonal(gramian))
        usable = lengths > 0
        n_usable = ops.maximum(ops.sum(ops.cast(usable, lengths.dtype)), 1)
        mean = ops.sum(lengths) / n_usable
        return ops.where(usable, mean / ops.where(usable, lengths, 1), 0), state


# %%
# Both are estimators, so ``loss_weights__power`` can be searched. They also combine. On the emoji,
# all four techniques are about equally good.
X, y = load_emoji()
X_train, X_test, y_train, y_test = train_test_split(
    X[["text"]], y, test_size=0.3, stratify=y["group"], random_state=0
)
equal = MultiTaskClassifier(epochs=12, random_state=0)
models = {
    "equal weights": equal,
    "new weighting": clone(equal).set_params(loss_weights=CatchUp()),
    "new aggregator": clone(equal).set_params(gradient_aggregator=EqualLengths()),
    "both": clone(equal).set_params(
        loss_weights=CatchUp(power=2.0), gradient_aggregator=EqualLengths()
    ),
}
for name, model in models.items():
    print(f"{name:15} mean accuracy {model.fit(X_train, y_train).score(X_test, y_test):.3f}")

# %%
# The history, epoch by epoch: what the weighting did (loss weight), what the aggregator did after
# it (gradient weight), and whether the tasks agree (the cosine of their gradients). Where the
# weighting gives the group less weight, the aggregator gives it more in the shared layers.
figure, axes = plt.subplots(2, 3, figsize=(11, 6), layout="constrained")
axes[1, 2].remove()
TrainingCurvesDisplay.from_estimator(models["both"], ax=axes.ravel()[:5])
plt.show()
