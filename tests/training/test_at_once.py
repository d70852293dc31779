"""Blocks two at a time: order, errors, and where it does not pay."""

import threading

import pytest

from skmtl.training import at_once as module
from skmtl.training.at_once import two_at_once


def set_up(monkeypatch, memory=None, n_threads=2, shares_threads=True):
    """Set what decides whether blocks are computed at once."""
    monkeypatch.setattr(module, "thread_share", lambda: n_threads)
    monkeypatch.setattr(module.backend, "device_memory", lambda: memory)
    monkeypatch.setattr(module.backend, "SHARES_THREADS", shares_threads)


def test_the_first_block_is_computed_alone_and_then_two_at_once(monkeypatch):
    set_up(monkeypatch)
    together, running, lock = threading.Barrier(2, timeout=30), [0, 0], threading.Lock()

    def compute(block):
        with lock:
            running[0] += 1
            running[1] = max(running)
        if block == 0:
            assert threading.current_thread() is threading.main_thread()
        else:
            together.wait()  # breaks, if nobody else comes
        with lock:
            running[0] -= 1
        return -block

    assert list(two_at_once(compute, range(9))) == [-block for block in range(9)]
    assert running == [0, 2]


@pytest.mark.parametrize("alone", [{"memory": 2**33}, {"n_threads": 1}, {"shares_threads": False}])
def test_where_it_does_not_pay_one_block_is_computed_after_the_other(monkeypatch, alone):
    set_up(monkeypatch, **alone)
    threads = list(two_at_once(lambda _: threading.get_ident(), range(4)))
    assert set(threads) == {threading.get_ident()}


def test_an_error_comes_in_its_place_and_no_more_blocks_are_asked_for(monkeypatch):
    set_up(monkeypatch)
    asked, seen = [], []

    def blocks():
        for block in range(20):
            asked.append(block)
            yield block

    def compute(block):
        if block == 3:
            raise ValueError("no third block")
        return block

    with pytest.raises(ValueError, match="no third block"):
        seen.extend(two_at_once(compute, blocks()))
    assert seen == [0, 1, 2]
    assert asked == [0, 1, 2, 3, 4]
