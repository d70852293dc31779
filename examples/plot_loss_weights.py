"""
Choose loss weights by cross-validation
=======================================

Weights of the task losses say which task matters. `GridSearchCV` tries a grid of them, the Pareto
front shows what one task pays for the other, and a rule picks one that the data can tell apart from
equal weights, or else equal weights.
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
# The texts of the emoji. ``total`` is the number of tasks, so that equal weights are 1 and 1, as in
# a network without loss weights.
X, y = load_emoji()
X = X[["text"]]
grid = loss_weight_grid(TASKS, 7, spacing="log", ratio=30.0, total=2.0)
for weights in grid:
    print({task: round(weight, 2) for task, weight in weights.items()})


# %%
# Differences between candidates are often smaller than their noise. The one-standard-error rule
# takes, of all candidates within one standard error of the best, the cheapest. Here "cheap" means
# near to equal weights: without evidence for something else, that is what one would use.
def distance_from_equal(params):
    """Return how far the ratio of the weights is from 1, on a log scale."""
    weights = params["loss_weights"]
    return abs(math.log(weights["group"] / weights["subgroup"]))


search = GridSearchCV(
    MultiTaskClassifier(epochs=12, random_state=0),
    {"loss_weights": grid},
    cv=MultiTaskStratifiedKFold(n_splits=3, shuffle=True, random_state=0),
    scoring=task_scorers(TASKS),
    refit=OneStandardErrorRule(distance_from_equal),
).fit(X, y)

# %%
# Loss weights don't change the compiled program, so all candidates share one for each fold.
scores = search.cv_results_["mean_test_mean_accuracy"]
print(f"best mean accuracy  {scores.max():.3f} with {grid[scores.argmax()]}")
print(f"chosen by the rule  {scores[search.best_index_]:.3f} with {search.best_params_}")

# %%
# The candidates that no other one beats on both tasks, as numbers and as a picture.
print(pareto_front(search.cv_results_, TASKS).drop(columns="params").round(3))
display = ParetoFrontDisplay.from_cv_results(search.cv_results_, TASKS)
display.ax_.set_title("Mean accuracy of each candidate, ± its standard error over the folds")
plt.show()
