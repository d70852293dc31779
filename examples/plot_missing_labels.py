"""
When one task runs out of labels
================================

Labels cost money, and often one task has fewer of them than another. Here more and more labels of
the group are hidden at random, while the subgroup keeps all its labels. Does the other task help?
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from skmtl import MultiTaskClassifier
from skmtl.comparison import single_task_baselines
from skmtl.datasets import load_emoji
from skmtl.metrics import task_scorers
from skmtl.model_selection import MultiTaskStratifiedKFold

# %%
# The texts of the emoji, and two tasks: 6 groups, and the 47 subgroups of these groups. A missing
# label is None, and needs no further preparation. Some subgroups have no labels from the start.
X, y = load_emoji()
X = X[["text"]]
print(y.isna().sum())


def hide(labels, share):
    """Return the labels without a share of those of the group."""
    labels = labels.copy()
    labels.loc[np.random.default_rng(0).random(len(labels)) < share, "group"] = None
    return labels


# %%
# scikit-learn's splitters stratify one column, and refuse missing labels in it. This one spreads
# the classes of both tasks over the folds, and the missing labels as well. That matters most where
# labels are rare, so the folds are made for that case and used for the others. Labels of the group
# in each:
rare = hide(y, 0.9)
folds = MultiTaskStratifiedKFold(n_splits=2, shuffle=True, random_state=0)
splits = list(folds.split(X, rare))
counts = {
    f"fold {number}": rare["group"].iloc[test].fillna("(missing)").value_counts()
    for number, (_, test) in enumerate(splits)
}
print(pd.DataFrame(counts))

# %%
# One network for both tasks, and the same network once per task. They are fitted on the remaining
# labels, and scored on all labels of the other fold.
model = MultiTaskClassifier(epochs=15, random_state=0)
techniques = {"one network for both": model, "one network per task": single_task_baselines(model)}
scorers = task_scorers(["group", "subgroup"])
rows = []
for share in (0.0, 0.6, 0.9):
    hidden = hide(y, share)
    for name, technique in techniques.items():
        for train, test in splits:
            technique.fit(X.iloc[train], hidden.iloc[train])
            for task in y:
                score = scorers[f"{task}_accuracy"](technique, X.iloc[test], y.iloc[test])
                rows.append((task, name, share, score))
runs = pd.DataFrame(rows, columns=["task", "technique", "share hidden", "accuracy"])
means = runs.groupby(["task", "technique", "share hidden"])["accuracy"].mean()
print(means.unstack("share hidden").round(3))

# %%
# What the shared layers learn from the subgroups helps the group as well: the fewer labels it has,
# the more it gains from the other task. The subgroup, which has all of its labels, gains nothing.
figure, axes = plt.subplots(1, 2, figsize=(9, 4), sharey=True, layout="constrained")
for ax, task in zip(axes, y, strict=True):
    for name in techniques:
        curve = means[task, name]
        ax.plot(100 * curve.index, curve, "o-", label=name)
    ax.set(title=task, xlabel="labels of the group hidden (%)", ylim=(0, 1))
    ax.grid(alpha=0.3)
axes[0].set_ylabel("accuracy on the other fold")
axes[1].legend(loc="lower left")
plt.show()
