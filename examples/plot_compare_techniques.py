"""
Which technique to use, and what it costs
=========================================

Ten techniques learn the two tasks of the emoji, the group (6 classes) and the subgroup (47), on the
same folds with the same seeds: linear models, one network per task, and one network for both with
equal, learned and adapted loss weights or with the task gradients combined.

It prints a table with intervals, the gain over one network per task and its corrected p-value, and
the costs, and saves ``compare_techniques.png``. About eight minutes on two cores. With a file name
as its argument it keeps every finished run there, and goes on from it when started again:
``python plot_compare_techniques.py runs.jsonl``.
"""

import sys

import matplotlib

matplotlib.use("Agg")
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skmtl import MultiTaskClassifier
from skmtl.comparison import compare_techniques, single_task_baselines
from skmtl.datasets import load_emoji
from skmtl.display import ComparisonDisplay
from skmtl.preprocessing import JiebaTokenizer

EPOCHS = 20

# %%
# Subgroups with few emoji have no label: a missing label leaves its row out of its task, in every
# technique. `single_task_baselines` makes one model per task of any classifier, so that also
# scikit-learn's, which know one task and no missing labels, can take part.
X, y = load_emoji()

words = make_pipeline(JiebaTokenizer(output="str"), TfidfVectorizer(analyzer=str.split))
linear = make_pipeline(
    ColumnTransformer([("words", words, "text")]), LogisticRegression(C=10.0, max_iter=1000)
)


def network(**options):
    """Return one network for both tasks."""
    return MultiTaskClassifier(epochs=EPOCHS, **options)


techniques = {
    "one network per task": single_task_baselines(network()),
    "linear on words, per task": single_task_baselines(linear),
    "one network, equal weights": network(),
    "weights 1 : 3": network(loss_weights={"group": 0.5, "subgroup": 1.5}),
    "uncertainty weighting": network(loss_weights="uncertainty"),
    "dynamic weight average": network(loss_weights="dwa"),
    "random loss weighting": network(loss_weights="rlw"),
    "PCGrad": network(gradient_aggregator="pcgrad"),
    "CAGrad": network(gradient_aggregator="cagrad"),
    "UPGrad": network(gradient_aggregator="upgrad"),
}

# %%
# Two repetitions of three folds. The first technique is the baseline. The folds keep the classes
# of both tasks evenly spread; intervals and p-values allow for the rows that training sets share,
# and p-values for the number of techniques.
comparison = compare_techniques(
    techniques, X, y, cv=3, n_repeats=2, results_path=sys.argv[1] if len(sys.argv) > 1 else None
)
print()
print(comparison)

# %%
# The picture: scores with intervals and every run behind them, and the seconds of a fit.
display = ComparisonDisplay.from_comparison(comparison)
display.figure_.savefig("compare_techniques.png", dpi=110)
print("Saved compare_techniques.png")
