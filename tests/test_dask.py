"""Searches and comparisons on the workers of a Dask cluster, one of which is killed."""

import os
import signal
import threading
import time

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV, cross_validate

from skmtl import MultiTaskClassifier
from skmtl.comparison import compare_techniques

distributed = pytest.importorskip(
    "dask.distributed", reason="needs the extra dask: pip install 'skmtl[dask]'"
)
pytestmark = pytest.mark.slow

OPTIONS = {"epochs": 2, "random_state": 0, "batch_size": 16}


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "image": list(rng.integers(0, 256, (60, 8, 8, 3), dtype=np.uint8)),
            "text": [f"词 {row % 7}" for row in range(60)],
        }
    )
    return X, pd.DataFrame({"a": np.arange(60) % 3, "b": np.arange(60) % 2})


def scores_of(search):
    results = search.cv_results_
    return {name: results[name].tolist() for name in results if "_test_" in name}


def kill_one_that_works(client, killed):
    """Kill a worker process as soon as it has something to do."""
    processes = client.run(os.getpid)
    while not killed:
        for worker, tasks in client.processing().items():
            if tasks and worker in processes:
                os.kill(processes[worker], signal.SIGKILL)
                killed.append(worker)
                return
        time.sleep(0.02)


def test_a_search_that_loses_a_worker_gives_the_same_result(client, table):
    X, y = table
    search = GridSearchCV(
        MultiTaskClassifier(**OPTIONS),
        {"loss_weights": [None, [1, 2], [2, 1]], "branch_units": [8, 16]},
        cv=3,
        error_score="raise",
    )
    expected = scores_of(search.fit(X, y))
    best = search.predict_proba(X)
    killed = []
    killer = threading.Thread(target=kill_one_that_works, args=(client, killed))
    killer.start()
    with joblib.parallel_config("dask"):
        search.fit(X, y)
    killer.join()
    assert len(killed) == 1
    assert scores_of(search) == expected
    for ours, theirs in zip(search.predict_proba(X), best, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.usefixtures("client")
def test_cross_validation_and_comparison_give_the_same_scores(table, tmp_path):
    X, y = table
    techniques = {
        "alike": MultiTaskClassifier(**OPTIONS),
        "uncertainty": MultiTaskClassifier(loss_weights="uncertainty", **OPTIONS),
    }

    def validate():
        return cross_validate(techniques["alike"], X, y, cv=2)["test_score"].tolist()

    def compare(**options):
        compared = compare_techniques(techniques, X, y, cv=2, verbose=0, **options).runs
        assert compared["error"].isna().all()
        return compared[["technique", "fold", "task", "score"]].to_dict("records")

    expected = validate(), compare()
    pids = set()
    with joblib.parallel_config("dask"):
        assert (validate(), compare(results_path=tmp_path / "runs.jsonl")) == expected
        pids.update(joblib.Parallel()(joblib.delayed(os.getpid)() for _ in range(8)))
    assert os.getpid() not in pids  # it was the workers that worked
    assert len((tmp_path / "runs.jsonl").read_text().splitlines()) == 4
    assert compare(results_path=tmp_path / "runs.jsonl") == expected[1]


def threads():
    import skmtl.training  # noqa: F401

    import tensorflow as tf  # isort: skip

    return tf.config.threading.get_intra_op_parallelism_threads()


def test_workers_take_their_share_of_the_cores(client):
    pytest.importorskip("tensorflow", reason="other backends read the environment by themselves")
    assert set(client.run(threads).values()) == {1}
