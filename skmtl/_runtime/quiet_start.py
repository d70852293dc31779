"""Import Keras without the start-up lines that its backend writes to standard error.

TensorFlow tells of oneDNN, missing GPU drivers and CPU instructions before any Python code could
ask it not to. Importing this module first starts it silently. Where it has been imported before,
its lines are somebody else's wish. Environment and standard error are as before afterwards.

A worker of joblib or Dask gets its share of the cores (see `_threads`). Numerical libraries take it
from the environment; TensorFlow must be told, once in a process and before its first operation.
So must it and JAX be told to take a GPU's memory as they need it, and not all of it: several
workers share a card.
"""

import multiprocessing
import os
import sys
from contextlib import suppress

from skmtl._runtime.threads import thread_share

# what the backends read while they start, unless somebody has decided otherwise
_START = {"TF_CPP_MIN_LOG_LEVEL": "3", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}


def _import_keras():
    ours = [name for name in _START if name not in os.environ]
    os.environ.update({name: _START[name] for name in ours})
    sys.stderr.flush()
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import keras  # an ImportError is a Python exception and passes through

        _take_share()
        _grow_memory()
        keras.ops.zeros(1)  # the first operation looks for devices, and says so
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)
        for name in ours:
            del os.environ[name]


def _take_share():
    """Tell TensorFlow, where it is there and new, how many threads a worker may have."""
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is None or not _is_worker():
        return
    if not os.environ.get("OMP_NUM_THREADS"):
        return
    threading = tensorflow.config.threading
    if threading.get_intra_op_parallelism_threads() or threading.get_inter_op_parallelism_threads():
        return  # somebody has decided
    try:
        threading.set_intra_op_parallelism_threads(thread_share())
        threading.set_inter_op_parallelism_threads(thread_share())
    except RuntimeError:
        pass  # it has started


def _is_worker() -> bool:
    # a spawned process that still imports the main script has no parent yet
    return multiprocessing.parent_process() is not None or "__mp_main__" in sys.modules


def _grow_memory():
    """Tell TensorFlow, where it is there and new, to leave memory of a GPU to other processes."""
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is None:
        return
    if os.environ.get("TF_FORCE_GPU_ALLOW_GROWTH"):
        return  # somebody has decided
    for device in tensorflow.config.list_physical_devices("GPU"):
        # unless it has started, or somebody has set a limit
        with suppress(RuntimeError, ValueError):
            tensorflow.config.experimental.set_memory_growth(device, True)


if "tensorflow" not in sys.modules and "keras" not in sys.modules:
    _import_keras()
else:
    _take_share()
    _grow_memory()
