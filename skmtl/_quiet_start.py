"""Import Keras without the start-up lines that its backend writes to standard error.

TensorFlow tells of oneDNN, missing GPU drivers and CPU instructions before any Python code could
ask it not to. Importing this module first starts it silently. Where it has been imported before,
its lines are somebody else's wish. Environment and standard error are as before afterwards.
"""

import os
import sys

_LEVEL = "TF_CPP_MIN_LOG_LEVEL"


def _import_keras():
    before = os.environ.get(_LEVEL)
    os.environ.setdefault(_LEVEL, "3")
    sys.stderr.flush()
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import keras  # an ImportError is a Python exception and passes through

        keras.ops.zeros(1)  # the first operation looks for devices, and says so
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)
        if before is None:
            del os.environ[_LEVEL]


if "tensorflow" not in sys.modules and "keras" not in sys.modules:
    _import_keras()
