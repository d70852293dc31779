"""Import Keras without the messages that its backend writes to standard error at the start.

TensorFlow writes about oneDNN, missing GPU drivers and CPU instructions. TF_CPP_MIN_LOG_LEVEL
silences most of it, but not the four lines that TensorFlow 2.21 writes before its log is ready, and
every worker of a search writes them again. So standard error is closed, too, while Keras is
imported. If TensorFlow or Keras was imported before, nothing is silenced. Afterwards standard error
and the environment are restored, except TF_ENABLE_ONEDNN_OPTS: TensorFlow reads it repeatedly, and
workers must compute like their parent.

A worker of joblib or Dask gets its share of the cores (see `threads`). Numerical libraries take it
from the environment; TensorFlow has to be configured, once in a process and before its first
operation. TensorFlow and JAX are also set to take the memory of a GPU only as they need it, since
several workers may share a GPU.
"""

import multiprocessing
import os
import sys
from contextlib import contextmanager, suppress

from skmtl._runtime.threads import thread_share

# variables that the backends read while they start; those that the user has set are kept
_START = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
}


def _import_keras():
    # TensorFlow leaves it off where there is no AVX-512, and a fit with images takes 1.4 times
    # as long (docs/design.md)
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    ours = [name for name in _START if name not in os.environ]
    os.environ.update({name: _START[name] for name in ours})
    try:
        with _standard_error_closed():
            import keras  # an ImportError is a Python exception and passes through

            _take_share()
            _grow_memory()
            keras.ops.zeros(1)  # the first operation looks for devices, and writes about them
    finally:
        for name in ours:
            del os.environ[name]


@contextmanager
def _standard_error_closed():
    """Discard what is written to the file descriptor 2, also by C++ code."""
    try:
        stderr = os.dup(2)
    except OSError:  # a process without standard error, such as a service
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    if sys.stderr is not None:
        sys.stderr.flush()
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)


def _take_share():
    """Set how many threads TensorFlow may use in a worker, if it has not started yet."""
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is None or not _is_worker():
        return
    if not os.environ.get("OMP_NUM_THREADS"):
        return
    threading = tensorflow.config.threading
    if threading.get_intra_op_parallelism_threads() or threading.get_inter_op_parallelism_threads():
        return  # the user has set it
    with suppress(RuntimeError):  # it has started
        threading.set_intra_op_parallelism_threads(thread_share())
        threading.set_inter_op_parallelism_threads(thread_share())


def _is_worker() -> bool:
    # a spawned process that still imports the main script has no parent yet
    return multiprocessing.parent_process() is not None or "__mp_main__" in sys.modules


def _grow_memory():
    """Let TensorFlow take GPU memory only as needed, if it has not started yet."""
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is None:
        return
    if os.environ.get("TF_FORCE_GPU_ALLOW_GROWTH"):
        return  # the user has set it
    for device in tensorflow.config.list_physical_devices("GPU"):
        # unless it has started, or the user has set a limit
        with suppress(RuntimeError, ValueError):
            tensorflow.config.experimental.set_memory_growth(device, True)


if "tensorflow" not in sys.modules and "keras" not in sys.modules:
    _import_keras()
else:
    _take_share()
    _grow_memory()
