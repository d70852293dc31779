"""
Choose loss weights by cross-validation
=======================================

Weights of the task losses say which task matters. ``GridSearchCV`` tries a grid of them, the Pareto
front shows how much one task loses where the other gains, and a rule keeps equal weights unless
others are clearly better.
"""

import math

import matplotlib.pyplot as plt
from sklearn.model_selection import GridSearchCV

from skmtl import MultiTaskClassifier
from skmtl.datasets import load_emoji
from skmtl.display import ParetoFrontDisplay
from skmtl.metrics import task_scorers
from skmtl.model_selection import (
    MultiTaskStratifiedKFold,
    OneStandardErrorRule,
    loss_weight_grid,
    pareto_front,
)

TASKS = ["group", "subgroup"]

# %%
# The texts of the emoji, and a network so small that the tasks compete for it: 24 numbers per word.
# With the default of 256 there is room for both tasks, and the weights matter less. ``total`` is
# the number of tasks, so that equal weights are 1 and 1, as in a network without loss weights.
X, y = load_emoji()
X = X[["text"]]
model = MultiTaskClassifier(epochs=20, random_state=0)
model.set_params(text_backbone__embedding_dim=24)

grid = loss_weight_grid(TASKS, 7, spacing="log", ratio=8.0, total=2.0)
for weights in grid:
    print({task: round(weight, 2) for task, weight in weights.items()})


# %%
# Differences between candidates are often smaller than the noise. Of all candidates within one
# standard error of the best, the one-standard-error rule takes the cheapest. Here "cheap" means
# close to equal weights, the choice without evidence for another one.
def distance_from_equal(params):
    """Return how far the ratio of the weights is from 1, on a log scale."""
    weights = params["loss_weights"]
    return abs(math.log(weights["group"] / weights["subgroup"]))


search = GridSearchCV(
    model,
    {"loss_weights": grid},
    cv=MultiTaskStratifiedKFold(n_splits=3, shuffle=True, random_state=0),
    scoring=task_scorers(TASKS),
    refit=OneStandardErrorRule(distance_from_equal),
).fit(X, y)

# %%
# Loss weights do not change the compiled program, so all candidates of a fold share one. If the
# rule has not kept equal weights, the difference is larger than the noise.
scores = search.cv_results_["mean_test_mean_accuracy"]
for what, number in (
    ("equal weights", 3),
    ("best", scores.argmax()),
    ("chosen by the rule", search.best_index_),
):
    weights = " : ".join(f"{weight:.2f}" for weight in grid[number].values())
    print(f"{what:18}  weights {weights}, mean accuracy {scores[number]:.3f}")

# %%
# The candidates that no other one beats on both tasks, as a table and as a figure.
print(pareto_front(search.cv_results_, TASKS).drop(columns="params").round(3))
display = ParetoFrontDisplay.from_cv_results(search.cv_results_, TASKS)
display.ax_.set(xlabel="accuracy of the group", ylabel="accuracy of the subgroup")
plt.show()
