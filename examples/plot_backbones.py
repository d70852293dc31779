"""
Frozen backbones, computed once
===============================

A frozen backbone gives the same features for the same image, in every fold and for every candidate.
So each distinct image is computed once, and only a small part is left to train.
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
# 300 emoji, with images and texts. Every architecture of ``keras.applications`` is a backbone by
# name. This one is frozen; the text branch is trained as usual.
#
# ``weights=None`` gives random weights, so that this example downloads nothing. Without that line,
# Keras downloads the weights of ImageNet on first use; the path of a weights file works as well.
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
# The default, ``feature_cache=None``, is a cache in memory that the whole process shares; a folder
# is one that processes share. The cache made here is in memory, too. Its length says how many rows
# went through the backbone: each is kept once.
steps = {}


def measure(name, action, n_fits=1):
    """Run an action; keep the seconds per fit and the rows that went through the backbone."""
    before, start = len(cache), time.perf_counter()
    action()
    steps[name] = (time.perf_counter() - start) / n_fits, len(cache) - before
    print(f"{name}: {steps[name][0]:.1f} s a fit, {steps[name][1]} rows through the backbone")


measure("first fit", lambda: model.fit(X, y))
measure("second fit", lambda: model.fit(X, y))

# %%
# A search over 3 candidates and 3 folds, and a final fit of the best one: 10 fits. No image goes
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
# backbone. A fit now trains the text branch and the heads, and compiles a program for each fold,
# because the vocabulary differs.
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
figure.suptitle("A frozen MobileNetV2 and 300 images")
plt.show()
