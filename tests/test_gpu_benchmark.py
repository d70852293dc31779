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


@pytest.mark.slow
def test_smoke():
    done = run("--smoke")
    assert done.returncode == 0, done.stderr
    first, *lines = done.stdout.splitlines()
    assert first.startswith("no card | ")
    settings = [line.split(" | ")[0] for line in lines]
    assert settings == [
        f"{state}, {precision}"
        for state in ("frozen", "trained")
        for precision in ("float32", "mixed_float16")
    ]
    assert all(float(line.split(" | ")[1].removesuffix(" rows/s")) > 0 for line in lines)


def test_without_a_card_it_says_so():
    done = run()
    assert done.returncode == 1
    assert "There is no CUDA device" in done.stderr
