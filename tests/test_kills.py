"""A small version of the kill campaign of examples/benchmarks/reliability.py."""

import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[1] / "examples" / "benchmarks"


@pytest.fixture(scope="module")
def kills():
    sys.path.insert(0, str(EXAMPLES))
    try:
        import _kills

        _kills.preload()
        yield _kills
    finally:
        sys.path.remove(str(EXAMPLES))


@pytest.mark.slow  # processes are killed one after the other
def test_killed_saves_leave_the_old_file_or_the_new_one(kills, tmp_path):
    assert kills.kill_saves(tmp_path, 4) == 4


@pytest.mark.slow
def test_killed_writers_of_a_feature_cache_lose_nothing_finished(kills, tmp_path):
    assert kills.kill_cache_writers(tmp_path, 4) == 4


@pytest.mark.slow
def test_killed_fits_go_on_to_the_same_bits(kills, tmp_path):
    assert kills.kill_fits(tmp_path, 2) == 2
