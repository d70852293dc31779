"""MNIST: downloaded once, or read from a local file."""

import hashlib
import os
import tempfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import numpy as np

from skmtl._runtime.types import PathLike

# The copy that keras.datasets.mnist uses.
_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"


def fetch_mnist(
    *, data_home: PathLike | None = None, path: PathLike | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Load the MNIST digits, downloading them on first use.

    Parameters
    ----------
    data_home : str or path, default=None
        Folder that holds, or will hold, ``mnist.npz``. None is the folder of Keras,
        ``~/.keras/datasets``, so that a copy fetched by Keras is used.
    path : str or path, default=None
        A local ``.npz`` file, read instead of downloading. It holds the arrays ``x_train``,
        ``y_train``, ``x_test`` and ``y_test``, or ``x`` and ``y``.

    Returns
    -------
    X : ndarray of shape (n_samples, 28, 28), uint8
        The images; the test images follow the training images.
    y : ndarray of shape (n_samples,), int64
        The digits.

    Raises
    ------
    OSError
        If there is no such file, or no local copy and no network.
    ValueError
        If the file is not a MNIST archive, or the download is damaged.

    Examples
    --------
    >>> from skmtl.datasets import fetch_mnist
    >>> X, y = fetch_mnist()  # doctest: +SKIP
    >>> X.shape  # doctest: +SKIP
    (70000, 28, 28)
    """
    if path is None:
        folder = Path.home() / ".keras" / "datasets" if data_home is None else Path(data_home)
        path = folder.expanduser() / "mnist.npz"
        if not path.exists():
            _download(path)
    return _read(Path(path))


def _read(path):
    if not path.exists():
        raise FileNotFoundError(f"path must be a MNIST .npz file; there is none at {str(path)!r}.")
    try:
        with np.load(path) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (ValueError, zipfile.BadZipFile, AttributeError) as error:
        raise ValueError(f"{str(path)!r} is not a readable .npz archive: {error}.") from error
    if {"x", "y"} <= arrays.keys():
        X, y = arrays["x"], arrays["y"]
    elif {"x_train", "y_train", "x_test", "y_test"} <= arrays.keys():
        X = np.concatenate([arrays["x_train"], arrays["x_test"]])
        y = np.concatenate([arrays["y_train"], arrays["y_test"]])
    else:
        raise ValueError(
            f"{str(path)!r} must hold the arrays x_train, y_train, x_test and y_test, or x and y; "
            f"it holds {', '.join(sorted(arrays))}."
        )
    return X, y.astype(np.int64)


def _download(path):
    try:
        with urllib.request.urlopen(_URL, timeout=30) as response:
            content = response.read()
    except (urllib.error.URLError, OSError) as error:
        raise OSError(
            f"MNIST is neither at {str(path)!r} nor reachable at {_URL} ({error}). Give a local "
            "copy with fetch_mnist(path=...)."
        ) from error
    if hashlib.sha256(content).hexdigest() != _SHA256:
        raise ValueError(f"The MNIST archive downloaded from {_URL} is damaged: wrong SHA-256.")
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside the target and renamed, so that no reader ever sees half a file.
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
