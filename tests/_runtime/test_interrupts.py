"""A signal that arrives while a network is built is handled when it is built."""

import os
import signal
import threading
from contextlib import contextmanager

import pytest

from skmtl._runtime.interrupts import interrupts_held


@contextmanager
def handler_of(number, handler):
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def test_ctrl_c_waits_for_the_end_of_the_block():
    before, reached = signal.getsignal(signal.SIGINT), []
    with pytest.raises(KeyboardInterrupt, match=r"^$"), interrupts_held():  # noqa: PT012
        signal.raise_signal(signal.SIGINT)
        reached.append("end")
    assert reached == ["end"]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_is_heeded_at_once():
    before, reached = signal.getsignal(signal.SIGINT), []
    with pytest.raises(KeyboardInterrupt, match=r"^$"), interrupts_held():  # noqa: PT012
        signal.raise_signal(signal.SIGINT)
        reached.append("between")
        signal.raise_signal(signal.SIGINT)
        reached.append("end")
    assert reached == ["between"]
    assert signal.getsignal(signal.SIGINT) is before


def test_blocks_may_be_nested():
    reached = []
    with pytest.raises(KeyboardInterrupt, match=r"^$"), interrupts_held():  # noqa: PT012
        with interrupts_held():
            signal.raise_signal(signal.SIGINT)
        reached.append("end")
    assert reached == ["end"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGUSR1")
def test_every_signal_with_a_handler_is_held():
    seen = []
    with handler_of(signal.SIGUSR1, lambda *_: seen.append("handled")):
        with interrupts_held():
            signal.raise_signal(signal.SIGUSR1)
            seen.append("end")
        assert seen == ["end", "handled"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGUSR1")
def test_all_that_arrived_are_handled_even_if_one_raises():
    seen = []
    with handler_of(signal.SIGUSR1, lambda *_: seen.append("handled")):
        with pytest.raises(KeyboardInterrupt, match=r"^$"), interrupts_held():  # noqa: PT012
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGUSR1)
        assert seen == ["handled"]


def test_an_ignored_signal_stays_ignored():
    with handler_of(signal.SIGINT, signal.SIG_IGN):
        with interrupts_held():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN


def test_other_threads_leave_handlers_alone():
    before, seen = signal.getsignal(signal.SIGINT), []

    def work():
        with interrupts_held():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
