"""Blocks of rows that are computed two at a time."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from skmtl._threads import thread_share
from skmtl.training import backend


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
    blocks = iter(blocks)
    yield from map(compute, islice(blocks, 1) if _pays() else blocks)
    with ThreadPoolExecutor(2) as pool:
        running = deque(pool.submit(compute, block) for block in islice(blocks, 2))
        while running:
            yield running.popleft().result()
            running.extend(pool.submit(compute, block) for block in islice(blocks, 1))


def _pays() -> bool:
    return backend.SHARES_THREADS and thread_share() > 1 and backend.device_memory() is None
