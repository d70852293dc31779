"""Workers take their share of the cores, and no more."""

import os
import subprocess
import sys
import threading
import time

import joblib
import pytest
from joblib.externals.loky import get_reusable_executor

from skmtl._runtime.threads import in_threads, thread_share


@pytest.mark.parametrize("share", ["", "0", "all", "-2"])
def test_without_a_share_there_is_a_thread_per_core(monkeypatch, share):
    monkeypatch.setenv("OMP_NUM_THREADS", share)
    assert thread_share() == joblib.cpu_count()


def test_a_share_is_never_more_than_the_cores(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert thread_share() == 1
    monkeypatch.setenv("OMP_NUM_THREADS", "100000")
    assert thread_share() == joblib.cpu_count()


@pytest.mark.parametrize("n_threads", [1, 3, 20])
@pytest.mark.parametrize("n_items", [0, 1, 9])
def test_threads_compute_all_items_in_order(n_threads, n_items):
    items = list(range(n_items))
    assert in_threads(lambda item: -item, items, n_threads) == [-item for item in items]


def test_several_threads_compute_at_once():
    together = threading.Barrier(3, timeout=30)  # breaks, if there are fewer
    assert sorted(in_threads(lambda _: together.wait(), range(3), 3)) == [0, 1, 2]


def test_the_error_of_the_first_item_is_raised_and_no_more_are_taken():
    taken = []

    def compute(item):
        taken.append(item)
        if item >= 5:
            time.sleep(0.05 * (9 - item))  # later ones fail sooner
            raise ValueError(f"item {item}")

    with pytest.raises(ValueError, match="item 5"):
        in_threads(compute, range(100), 3)
    assert max(taken) < 10


def tensorflow_threads():
    """Return the process, its threads within and between operations, and its environment."""
    import tensorflow as tf

    import skmtl.training  # noqa: F401

    threading = tf.config.threading
    return (
        os.getpid(),
        threading.get_intra_op_parallelism_threads(),
        threading.get_inter_op_parallelism_threads(),
        dict(os.environ),
    )


@pytest.mark.slow
def test_tensorflow_in_a_joblib_worker_takes_the_worker_s_share(monkeypatch):
    pytest.importorskip("tensorflow", reason="other backends read the environment by themselves")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    before = tensorflow_threads()
    # workers of another test may have started TensorFlow in their own way
    get_reusable_executor().shutdown(wait=True)
    with joblib.parallel_config("loky", n_jobs=2, inner_max_num_threads=1):
        seen = joblib.Parallel()(joblib.delayed(tensorflow_threads)() for _ in range(4))
    for process, within, between, environment in seen:
        assert process != os.getpid()
        assert (within, between) == (1, 1)
        assert environment["OMP_NUM_THREADS"] == "1"
    assert tensorflow_threads() == before  # this process keeps what it had


SCRIPT = """
import multiprocessing, os
import skmtl.training  # at the top, so that a worker imports it with the script
import tensorflow as tf


def threads(_):
    return tf.config.threading.get_intra_op_parallelism_threads()


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print("own", threads(0), "worker", *pool.map(threads, [0]))
"""


@pytest.mark.slow
def test_a_worker_that_imports_skmtl_with_the_script_takes_its_share(tmp_path):
    pytest.importorskip("tensorflow", reason="other backends read the environment by themselves")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    environment = {n: v for n, v in os.environ.items() if n != "OMP_NUM_THREADS"}
    run = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, timeout=300
    )
    assert "own 0 worker 1" in run.stdout, run.stderr
