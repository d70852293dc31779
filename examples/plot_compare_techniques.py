"""
Which technique to use, and what it costs
=========================================

Techniques learn the two tasks of the emoji, the group (6 classes) and the subgroup (47), on the
same folds with the same seeds: linear models, one network per task, and one network for both with
equal or learned loss weights or with the task gradients combined.

It prints a table with intervals, the gain over one network per task and its corrected p-value, and
the costs, and draws them. Here five techniques get only the texts, once on three folds.
``python plot_compare_techniques.py --full`` compares nine on images and texts, twice on
three folds, which takes minutes, and saves ``compare_techniques.png``. With a file name it keeps
every finished run there, and continues from it when started again: ``--full runs.jsonl``.
"""

import argparse
import sys

import matplotlib.pyplot as plt
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skmtl import MultiTaskClassifier
from skmtl.comparison import compare_techniques, single_task_baselines
from skmtl.datasets import load_emoji
from skmtl.display import ComparisonDisplay
from skmtl.preprocessing import JiebaTokenizer

SHORT = (
    "one network per task",
    "linear on words, per task",
    "one network, equal weights",
    "uncertainty weighting",
    "UPGrad",
)


# %%
# The techniques. ``single_task_baselines`` fits any classifier once per task, so that those of
# scikit-learn, which take one task and no missing labels, can be compared, too.
def make_techniques(full=False):
    """Return the techniques by name; the first one is the baseline."""
    training = {"epochs": 15} if full else {"epochs": 8, "learning_rate": 0.006}

    def network(**options):
        return MultiTaskClassifier(**training, **options)

    words = make_pipeline(JiebaTokenizer(output="str"), TfidfVectorizer(analyzer=str.split))
    linear = make_pipeline(
        ColumnTransformer([("words", words, "text")]), LogisticRegression(C=10.0, max_iter=1000)
    )
    techniques = {
        "one network per task": single_task_baselines(network()),
        "linear on words, per task": single_task_baselines(linear),
        "one network, equal weights": network(),
        "weights 1 : 3": network(loss_weights={"group": 0.5, "subgroup": 1.5}),
        "uncertainty weighting": network(loss_weights="uncertainty"),
        "dynamic weight average": network(loss_weights="dwa"),
        "random loss weighting": network(loss_weights="rlw"),
        "PCGrad": network(gradient_aggregator="pcgrad"),
        "UPGrad": network(gradient_aggregator="upgrad"),
    }
    return techniques if full else {name: techniques[name] for name in SHORT}


# %%
# Three folds, over which the classes of both tasks are spread evenly; repeated if asked. Subgroups
# with few emoji have no label: a missing label leaves its row out of that task, for every
# technique. Intervals and p-values account for the rows that training sets share, and p-values for
# the number of techniques. The figure shows scores with intervals and every run, and the seconds of
# a fit.
def compare(techniques, X, y, **options):
    """Compare techniques, print the table, and return the display."""
    comparison = compare_techniques(techniques, X, y, cv=3, **options)
    print()
    print(comparison)
    return ComparisonDisplay.from_comparison(comparison)


def main(arguments):
    """Run the comparison that the command line asks for, and save the figure."""
    parser = argparse.ArgumentParser(description="Compare techniques on the emoji.")
    parser.add_argument("results_path", nargs="?", help="a file that keeps the finished runs")
    parser.add_argument("--full", action="store_true", help="nine techniques, images too")
    options = parser.parse_args(arguments)
    X, y = load_emoji()
    if not options.full:
        X = X[["text"]]
    n_repeats = 2 if options.full else 1
    techniques = make_techniques(options.full)
    display = compare(techniques, X, y, n_repeats=n_repeats, results_path=options.results_path)
    if options.full:
        display.figure_.savefig("compare_techniques.png", dpi=110)
        print("Saved compare_techniques.png")
    plt.show()


if __name__ == "__main__":
    main(sys.argv[1:])
