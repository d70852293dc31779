"""
From data to a grid search
==========================

An emoji has an image, a Chinese text and two labels: a group (6 classes) and a subgroup (47).
This script compares one network for both tasks with one network per task and with linear models,
and searches the loss weights, with scikit-learn's tools.

It prints a table and saves ``quickstart.png``. About a minute on two cores.
"""

import time

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skmtl import MultiTaskClassifier
from skmtl.datasets import load_emoji
from skmtl.metrics import task_scorers
from skmtl.model_selection import MultiTaskStratifiedKFold, loss_weight_grid
from skmtl.preprocessing import ImageNormalizer, JiebaSequencer, JiebaTokenizer

TASKS = ["group", "subgroup"]
EPOCHS, LEARNING_RATE = 6, 0.008  # few and large steps, so that it takes a minute

# %%
# The data: a table with an image column and a text column, and a label column per task. Some
# subgroups are too small to learn; their labels are missing, which needs no further preparation.
X, y = load_emoji()
print(f"{len(X)} emoji; labels: {y.notna().sum().to_dict()}")

folds = MultiTaskStratifiedKFold(n_splits=3, shuffle=True, random_state=0)
scorers = task_scorers(TASKS)

# %%
# The Pipeline: images and texts are prepared, then go into one network with two branches. Half the
# size is enough to recognise an emoji, and takes a quarter of the work.
prepare = ColumnTransformer(
    [
        ("image", ImageNormalizer(size=16, scaling="unit"), ["image"]),
        ("text", JiebaSequencer(max_len=32), ["text"]),
    ]
).set_output(transform="pandas")
network = MultiTaskClassifier(epochs=EPOCHS, learning_rate=LEARNING_RATE, random_state=0)
model = Pipeline([("prepare", prepare), ("network", network)])
rows = []


def add(technique, scores, parameters, seconds):
    """Keep one row of the table: mean and standard deviation over the folds."""
    rows.append(
        {
            "technique": technique,
            **{t: f"{np.mean(scores[t]):.3f} ± {np.std(scores[t]):.3f}" for t in TASKS},
            "parameters": parameters,
            "fit seconds per fold": round(seconds, 1),
        }
    )
    return {task: float(np.mean(scores[task])) for task in TASKS}


# %%
# Linear baselines, one for images and one for texts. scikit-learn takes no missing labels, so they
# are a separate class in training; the scorers leave them out.
def pixels(column):
    """Return grey images of 16 x 16 pixels as rows of numbers."""
    normalizer = ImageNormalizer(size=16, mode="grey", scaling="unit")
    return np.stack([image.ravel() for image in normalizer.fit_transform(column)])


linear = {
    "linear, images only": Pipeline(
        [
            ("pixels", ColumnTransformer([("pixels", FunctionTransformer(pixels), "image")])),
            ("ridge", MultiOutputClassifier(RidgeClassifier(alpha=100.0))),
        ]
    ),
    "linear, texts only": Pipeline(
        [
            (
                "words",
                ColumnTransformer(
                    [
                        (
                            "words",
                            make_pipeline(
                                JiebaTokenizer(output="str"), TfidfVectorizer(analyzer=str.split)
                            ),
                            "text",
                        )
                    ]
                ),
            ),
            ("logistic", MultiOutputClassifier(LogisticRegression(C=10.0, solver="newton-cg"))),
        ]
    ),
}
found = {}
for name, pipeline in linear.items():
    scores, started = {task: [] for task in TASKS}, time.perf_counter()
    for train, test in folds.split(X, y):
        pipeline.fit(X.iloc[train], y.iloc[train].fillna("missing"))
        for task in TASKS:
            scores[task].append(scorers[f"{task}_accuracy"](pipeline, X.iloc[test], y.iloc[test]))
    n_weights = sum(m.coef_.size + m.intercept_.size for m in pipeline[-1].estimators_)
    found[name] = add(name, scores, n_weights, (time.perf_counter() - started) / 3)
    print(f"{name}: {found[name]}")

# %%
# The same network, once per task.
single = {task: [] for task in TASKS}
seconds = parameters = 0
for task in TASKS:
    scoring = {task: task_scorers([task])["mean_accuracy"]}
    result = cross_validate(model, X, y[[task]], cv=folds, scoring=scoring, return_estimator=True)
    single[task] = result[f"test_{task}"]
    seconds += result["fit_time"].mean()
    parameters += result["estimator"][0]["network"].n_parameters_
found["one network per task"] = add("one network per task", single, parameters, seconds)
print(f"one network per task: {found['one network per task']}")

# %%
# One network for both tasks, over a grid of loss weights.
search = GridSearchCV(
    model,
    {"network__loss_weights": loss_weight_grid(TASKS, 3)},
    cv=folds,
    scoring=scorers,
    refit="mean_accuracy",
).fit(X, y)
results = pd.DataFrame(search.cv_results_)
for _, result in results.iterrows():
    weights = result["param_network__loss_weights"]
    name = "one network, weights " + " : ".join(f"{weights[task]:.2f}" for task in TASKS)
    scores = {
        task: [result[f"split{fold}_test_{task}_accuracy"] for fold in range(3)] for task in TASKS
    }
    n_weights = search.best_estimator_["network"].n_parameters_
    found[name] = add(name, scores, n_weights, result["mean_fit_time"])

print()
print(pd.DataFrame(rows).to_string(index=False))
print(f"\nBest mean accuracy with loss weights {search.best_params_['network__loss_weights']}.")

# %%
# The figure: accuracy on one task against accuracy on the other. Up and to the right is better.
figure, axes = plt.subplots(figsize=(7, 5), layout="constrained")
grid = [name for name in found if name.startswith("one network, weights")]
axes.plot(
    [found[name]["group"] for name in grid],
    [found[name]["subgroup"] for name in grid],
    "o-",
    label="one network, by the loss weight of the group",
)
for name in grid:
    axes.annotate(
        name.removeprefix("one network, weights ").partition(" ")[0],
        (found[name]["group"], found[name]["subgroup"]),
        textcoords="offset points",
        xytext=(12, 0),
        va="center",
        fontsize=9,
        bbox={"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none"},
    )
for name, marker in (("one network per task", "s"), ("linear, texts only", "^")):
    place = found[name]["group"], found[name]["subgroup"]
    axes.plot(*place, marker, markersize=11, markerfacecolor="none", markeredgewidth=2, label=name)
axes.set(xlabel="accuracy of the group", ylabel="accuracy of the subgroup")
axes.set_title("Emoji: two tasks, one network")
figure.legend(loc="outside lower center", ncols=3, fontsize=9)
axes.grid(alpha=0.3)
axes.margins(0.15)
figure.savefig("quickstart.png", dpi=120)
print("Saved quickstart.png")
