"""How many threads this process may use."""

import os

import joblib


def thread_share() -> int:
    """Return the number of threads that the process may use.

    joblib and Dask give each of their workers its share of the cores in OMP_NUM_THREADS; without
    it, there is one thread per core.
    """
    told = os.environ.get("OMP_NUM_THREADS", "")
    cores = joblib.cpu_count()
    return min(cores, int(told)) if told.isdigit() and int(told) > 0 else cores
