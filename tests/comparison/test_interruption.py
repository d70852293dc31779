"""A comparison that was killed goes on where it was."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
from fake_techniques import NoisyRule, make_table
from skmtl.comparison import ComparisonInterrupted, compare_techniques

results_path, log, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
X, y = make_table()
techniques = {
    name: NoisyRule(error, seconds=0.0, log=log) for name, error in [("a", 0.1), ("b", 0.3)]
}
import fake_techniques, time
fake_techniques.time.sleep = lambda _, sleep=time.sleep: sleep(seconds)
try:
    comparison = compare_techniques(
        techniques, X, y, cv=3, n_repeats=2, results_path=results_path, verbose=0
    )
    print("finished", len(comparison.runs))
except ComparisonInterrupted as interrupt:
    print("interrupted", len(interrupt.comparison.runs))
    raise
"""


def start(tmp_path, seconds):
    environment = dict(os.environ)
    here = str(Path(__file__).parent)
    environment["PYTHONPATH"] = os.pathsep.join([here, environment.get("PYTHONPATH", "")])
    arguments = [tmp_path / "runs.jsonl", tmp_path / "log", seconds]
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *map(str, arguments)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def lines_of(path):
    return path.read_text().splitlines() if path.exists() else []


def wait_for(condition, process, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_only_what_is_missing_is_done_again(tmp_path, how):
    results, log = tmp_path / "runs.jsonl", tmp_path / "log"
    process = start(tmp_path, 1.0)
    wait_for(lambda: len(lines_of(results)) >= 3, process)
    process.send_signal(how)
    out, err = process.communicate(timeout=300)
    assert process.returncode != 0
    done = [json.loads(line) for line in lines_of(results)]
    assert 3 <= len(done) < 12
    assert all(run["error"] is None for run in done)
    begun = lines_of(log)
    assert len(begun) in (len(done), len(done) + 1)  # one more if it was in the middle of a fit
    if how == signal.SIGINT:
        assert f"interrupted {2 * len(done)}" in out
        assert "KeyboardInterrupt" in err or "ComparisonInterrupted" in err

    again = start(tmp_path, 0.0)
    out, err = again.communicate(timeout=300)
    assert again.returncode == 0, err
    assert "finished 24" in out
    assert len(lines_of(results)) == 12
    redone = lines_of(log)[len(begun) :]
    assert len(redone) == 12 - len(done)
    assert len(set(lines_of(log))) == 12
    assert not set(redone) & set(begun[: len(done)])
