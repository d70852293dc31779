"""Searches and comparisons on the machines of a Dask cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import joblib

__all__ = ["dask_workers"]


@contextmanager
def dask_workers(client: Any) -> Iterator[Any]:
    """Let joblib work on a Dask cluster such that a worker that dies costs time and nothing else.

    Within it, whatever takes `n_jobs` (GridSearchCV, cross_validate, `compare_techniques`) works on
    the cluster. joblib's own ``parallel_config("dask")`` does so too, but leaves large arguments,
    rows and indices, on one worker each: if that one dies, what needs them fails. Here every worker
    has a copy while the block lasts, so each needs memory for the whole table. Dask gives the
    unfinished work of a dead worker to the others.

    Parameters
    ----------
    client : dask.distributed.Client
        Of the cluster.

    Yields
    ------
    None
        The cluster is used until the block ends.

    Examples
    --------
    >>> from skmtl._runtime.dask import dask_workers
    >>> from dask.distributed import Client  # doctest: +SKIP
    >>> with Client("127.0.0.1:8786") as client, dask_workers(client):  # doctest: +SKIP
    ...     search.fit(X, y)
    """
    removes_copies = client.amm.running()
    client.amm.stop()  # it would take away the copies
    client.scatter = partial(client.scatter, broadcast=True)
    try:
        with joblib.parallel_config("dask", client=client):
            yield
    finally:
        del client.scatter  # the class has its own
        if removes_copies:
            client.amm.start()
