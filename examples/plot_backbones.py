"""
Frozen backbones, computed once
===============================

A pretrained backbone that is left as it is gives the same feature for the same picture in every
fold and for every candidate. So it computes each distinct picture once, and what is left to train
is small.
"""

import time

import matplotlib.pyplot as plt
from sklearn.model_selection import GridSearchCV

from skmtl import MultiTaskClassifier
from skmtl.backbones import MemoryFeatureCache
from skmtl.datasets import load_emoji
from skmtl.metrics import task_scorers
from skmtl.model_selection import MultiTaskStratifiedKFold, loss_weight_grid

# %%
# 300 emoji, with pictures and texts. Any architecture of ``keras.applications`` is a backbone by
# its name. This one is frozen, and the branch of the texts is trained as usual.
#
# ``weights=None`` are random weights, so that this example downloads nothing. For real ones leave
# that line out, and Keras downloads those of ImageNet on first use, or give it the path of a
# weights file.
X, y = load_emoji()
X = X.sample(300, random_state=0)
y = y.loc[X.index]
cache = MemoryFeatureCache()
model = MultiTaskClassifier(
    image_backbone="mobilenet_v2",
    image_size=(96, 96),
    freeze_backbones={"image": True, "text": False},
    feature_cache=cache,
    epochs=8,
    random_state=0,
)
model.set_params(image_backbone__weights=None)

# %%
# The default, ``feature_cache=None``, is a cache in memory that the whole process shares; a
# folder's name is one that processes share. The cache made here is the same, but it can be asked
# how many rows went through the backbone: each of them is kept once.
steps = {}


def measure(name, action, n_fits=1):
    """Run something; note the seconds of a fit, and the rows that went through the backbone."""
    before, start = len(cache), time.perf_counter()
    action()
    steps[name] = (time.perf_counter() - start) / n_fits, len(cache) - before
    print(f"{name}: {steps[name][0]:.1f} s a fit, {steps[name][1]} rows through the backbone")


measure("first fit", lambda: model.fit(X, y))
measure("second fit", lambda: model.fit(X, y))

# %%
# A search over 3 candidates and 3 folds, and the fit of the best one: 10 fits. Not one picture goes
# through the backbone again.
search = GridSearchCV(
    model,
    {"loss_weights": loss_weight_grid(list(y), 3)},
    cv=MultiTaskStratifiedKFold(n_splits=3, shuffle=True, random_state=0),
    scoring=task_scorers(list(y)),
    refit="mean_accuracy",
)
measure("search, 10 fits", lambda: search.fit(X, y), n_fits=10)

# %%
# Without the cache, each fit and each prediction of the search would send its rows through the
# backbone. What is left of a fit is the branch of the texts and the heads, and, as the vocabulary
# is another one in each fold, a program to compile.
figure, axes = plt.subplots(1, 2, figsize=(9, 3), sharey=True, layout="constrained")
names = list(steps)
for ax, column, label in (
    (axes[0], 0, "seconds per fit"),
    (axes[1], 1, "rows through the backbone"),
):
    values = [steps[name][column] for name in names]
    bars = ax.barh(names, values, color=["tab:orange", "tab:blue", "tab:blue"])
    ax.bar_label(bars, fmt="{:.1f}" if column == 0 else "{:.0f}", padding=3)
    ax.set_xlabel(label)
    ax.margins(x=0.15)
axes[0].invert_yaxis()
figure.suptitle("A frozen MobileNetV2 and 300 pictures")
plt.show()
