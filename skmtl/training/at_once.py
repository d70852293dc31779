"""Blocks of rows, computed while others are read, or two at a time."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from skmtl._runtime.threads import thread_share
from skmtl.data.lazy import read_ahead
from skmtl.training import backend


def computed(compute, prepare, blocks, *, is_lazy):
    """Yield ``compute(prepare(block))`` of all blocks, in order, with no core idle.

    Parameters
    ----------
    compute : callable
        What takes most of the time, unless blocks are lazy.
    prepare : callable
        From a block to what `compute` takes.
    blocks : iterable
        Rows.
    is_lazy : bool
        Whether `prepare` reads from elsewhere, and so keeps the cores busy: then the next block is
        read while one is computed. Otherwise two are computed at once.

    Examples
    --------
    >>> list(computed(abs, int, ["-1", "2"], is_lazy=True))
    [1, 2]
    """
    if is_lazy:
        return map(compute, read_ahead(prepare, blocks))
    return two_at_once(compute, map(prepare, blocks))


def two_at_once(compute, blocks):
    """Yield ``compute(block)`` of all blocks, in order; two are computed at once where that pays.

    What one thread does alone, from call to call and between the operations of a network, leaves
    cores idle; a second block takes them. It does not pay with one core; on a card, which has its
    own queue and scarce memory; and where each calling thread brings threads of its own.

    Parameters
    ----------
    compute : callable
        From a block to what is yielded. The first block is computed alone, so that what is compiled
        for it is there for the others.
    blocks : iterable
        What to compute; two at most have been asked for, and not been computed yet.

    Examples
    --------
    >>> list(two_at_once(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    if not _pays():
        yield from map(compute, blocks)
        return
    blocks = iter(blocks)
    yield from map(compute, islice(blocks, 1))
    with ThreadPoolExecutor(2) as pool:
        running = deque(pool.submit(compute, block) for block in islice(blocks, 2))
        while running:
            yield running.popleft().result()
            running.extend(pool.submit(compute, block) for block in islice(blocks, 1))


def _pays() -> bool:
    return backend.SHARES_THREADS and thread_share() > 1 and backend.device_memory() is None
