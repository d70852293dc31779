"""The benchmark for a GPU runs through where there is none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "examples" / "benchmarks" / "gpu.py"


def run(*arguments):
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(SCRIPT.parents[2])}
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments], capture_output=True, text=True, env=environment
    )


def cells_of(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.slow
def test_smoke():
    done = run("--smoke")
    assert done.returncode == 0, done.stderr
    first, _, head, _, *rows = done.stdout.splitlines()
    assert first.startswith("no card | ")
    table = [dict(zip(cells_of(head), cells_of(row), strict=True)) for row in rows]
    assert [row["backbones"] for row in table] == ["trained", "frozen"]
    assert all(float(row["rows/s in training"]) > 0 for row in table)
    assert float(table[0]["times Keras' fit"]) > 0


@pytest.mark.slow
def test_without_a_card_it_says_so():
    done = run()
    assert done.returncode == 1
    assert done.stderr.count("There is no CUDA device") == 1
