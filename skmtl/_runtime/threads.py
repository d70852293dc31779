"""How many threads this process may use, and how they share work."""

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import joblib


def thread_share() -> int:
    """Return the number of threads that the process may use.

    joblib and Dask give each of their workers its share of the cores in OMP_NUM_THREADS; without
    it, there is one thread per core.
    """
    share = os.environ.get("OMP_NUM_THREADS", "")
    cores = joblib.cpu_count()
    return min(cores, int(share)) if share.isdigit() and int(share) > 0 else cores


def in_threads(compute, items, n_threads) -> list:
    """Return ``compute(item)`` of all items, in order; each thread takes the next item.

    The calling thread is not woken for every item: where an item takes a fraction of a millisecond,
    that would slow the others down.

    Parameters
    ----------
    compute : callable
        From an item to its result. After an error no more items are taken; of several errors, that
        of the first item is raised.
    items : sequence
        What to compute.
    n_threads : int
        Number of threads.

    Examples
    --------
    >>> in_threads(abs, [-1, 2, -3], 2)
    [1, 2, 3]
    """
    results, failed = [None] * len(items), {}
    line = iter(range(len(items)))

    def work():
        for place in line:  # shared by all threads: each takes the next item
            try:
                results[place] = compute(items[place])
            except Exception as error:
                failed[place] = error
            if failed:
                return

    with ThreadPoolExecutor(n_threads) as pool:
        try:
            for one in [pool.submit(work) for _ in range(n_threads)]:
                one.result()
        finally:  # after Ctrl-C no more are taken
            deque(line, maxlen=0)
    if failed:  # all items before the first of these were computed
        raise failed.pop(min(failed))
    return results
