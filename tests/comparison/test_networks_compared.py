"""Networks take part in a comparison like any other estimator."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier

from skmtl import MultiTaskClassifier
from skmtl.comparison import compare_techniques, single_task_baselines
from skmtl.display import TrainingCurvesDisplay


@pytest.mark.slow
def test_networks_with_missing_cells_and_labels(small_table):
    X, y = small_table
    network = MultiTaskClassifier(epochs=1, loss_weights={"colour": 1.0, "mood": 2.0})
    techniques = {
        "per task": single_task_baselines(network),
        "both": network,
        "majority": single_task_baselines(DummyClassifier()),
    }
    comparison = compare_techniques(techniques, X, y, cv=2, verbose=0, raise_errors=True)
    summary = comparison.summary
    assert (summary["n_runs"] == 2).all()
    both, per_task = summary.loc["both", "n_parameters"], summary.loc["per task", "n_parameters"]
    assert both < per_task < 2 * both
    assert summary[["colour", "mood"]].notna().all(axis=None)


@pytest.mark.slow
def test_one_network_per_task_is_the_network_on_that_task(small_table):
    X, y = small_table
    network = MultiTaskClassifier(epochs=2, random_state=0, task_columns={"mood": "text"})
    both = single_task_baselines(network).fit(X, y)
    keep = y["mood"].notna()
    network.set_params(task_columns={"mood": "text"}).fit(X[keep], y["mood"][keep])
    np.testing.assert_array_equal(both.predict_proba(X)[1], network.predict_proba(X))
    assert both.task_names_ == ["colour", "mood"]


@pytest.mark.slow
def test_training_curves_of_a_network(small_table):
    pytest.importorskip("matplotlib").use("agg")
    import matplotlib.pyplot as plt

    X, y = small_table
    network = MultiTaskClassifier(epochs=2, random_state=0, gradient_aggregator="pcgrad").fit(X, y)
    display = TrainingCurvesDisplay.from_estimator(network)
    curves = display.curves
    assert list(curves) == ["loss", "accuracy", "gradient weight", "gradient cosine"]
    np.testing.assert_array_equal(curves["loss"]["mood"], network.history_["mood_loss"])
    assert list(curves["gradient cosine"]) == ["colour | mood"]
    plt.close(display.figure_)
