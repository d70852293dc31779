"""Searches and comparisons on the workers of a Dask cluster, one of which is killed."""

import os
import signal
import threading
import time

import joblib
import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, cross_validate
from small_table import make_small_table

from skmtl import MultiTaskClassifier
from skmtl._runtime.dask import dask_workers
from skmtl.comparison import compare_techniques

distributed = pytest.importorskip(
    "dask.distributed", reason="needs the extra dask: pip install dask distributed"
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
    # as many rows as it takes for indices to be scattered too
    X, y = make_small_table(400, missing=0)
    return X, y


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
    killed = []
    killer = threading.Thread(target=kill_one_that_works, args=(client, killed))
    killer.start()
    with dask_workers(client):
        search.fit(X, y)
    killer.join()
    assert len(killed) == 1
    assert scores_of(search) == expected


def test_cross_validation_and_comparison_give_the_same_scores(client, table, tmp_path):
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
    with dask_workers(client):
        assert (validate(), compare(results_path=tmp_path / "runs.jsonl")) == expected
        pids.update(joblib.Parallel()(joblib.delayed(os.getpid)() for _ in range(8)))
    assert os.getpid() not in pids  # it was the workers that worked
    assert len((tmp_path / "runs.jsonl").read_text().splitlines()) == 4
    assert compare(results_path=tmp_path / "runs.jsonl") == expected[1]


def test_the_client_is_as_before_afterwards(client):
    scatter, removes_copies = client.scatter, client.amm.running()

    def work():
        with dask_workers(client):
            (data,) = client.scatter([np.zeros(10)])
            assert len(client.who_has(data)[data.key]) == 2
            assert not client.amm.running()
            raise KeyError("inside")

    with pytest.raises(KeyError, match="inside"):
        work()
    assert client.scatter == scatter
    assert client.amm.running() == removes_copies


def threads():
    import skmtl.training  # noqa: F401

    import tensorflow as tf  # isort: skip

    return tf.config.threading.get_intra_op_parallelism_threads()


def test_workers_take_their_share_of_the_cores(client):
    pytest.importorskip("tensorflow", reason="other backends read the environment by themselves")
    assert set(client.run(threads).values()) == {1}
