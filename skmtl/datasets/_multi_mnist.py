"""Two overlaid digits in one image: the multi-task benchmark MultiMNIST."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from skmtl._runtime.checks import as_count
from skmtl._runtime.types import RandomState

_SIZE = 28
_CANVAS = 36


def make_multi_mnist(
    images: ArrayLike,
    labels: ArrayLike,
    *,
    n_samples: int | None = None,
    random_state: RandomState = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Overlay pairs of digits: one at the top left, another one at the bottom right.

    The two tasks are to read the left and the right digit. As in Sener & Koltun (2018,
    arXiv:1810.04650), after Sabour et al. (2017, arXiv:1710.09829), each digit is paired with
    another one drawn at random. The images keep their 36 x 36 pixels, where the paper's code
    scales them down to 28 x 28.

    Split the digits before pairing them, and make one table of each part: a digit that occurs in
    training and test images makes a test easier than it is.

    Parameters
    ----------
    images : array-like of shape (n_digits, 28, 28), uint8
        Digits as from `fetch_mnist`.
    labels : array-like of shape (n_digits,)
        What the digits are.
    n_samples : int, default=None
        Number of images. None makes one for each digit; then, and for fewer, no digit is on
        the left twice.
    random_state : int, RandomState instance or None, default=None
        Seed of the pairing.

    Returns
    -------
    X : DataFrame of shape (n_samples, 1)
        Column "image": uint8 arrays of shape (36, 36, 1), the brighter of both digits' pixels.
    y : DataFrame of shape (n_samples, 2)
        Columns "left" and "right".

    Raises
    ------
    TypeError, ValueError
        If the digits are not uint8 images of 28 x 28 pixels, there are less than two, or
        `n_samples` is no positive int.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.datasets import make_multi_mnist
    >>> images = np.zeros((10, 28, 28), np.uint8)
    >>> X, y = make_multi_mnist(images, np.arange(10), random_state=0)
    >>> X.loc[0, "image"].shape, list(y.columns)
    ((36, 36, 1), ['left', 'right'])
    """
    images, labels = np.asarray(images), np.asarray(labels)
    if images.shape[1:] != (_SIZE, _SIZE) or len(images) < 2:
        raise ValueError(
            f"images must have shape (n_digits, 28, 28) with n_digits >= 2; got {images.shape}."
        )
    if images.dtype != np.uint8:
        raise TypeError(f"images must be uint8; got {images.dtype}.")
    if labels.shape != (len(images),):
        raise ValueError(
            f"labels must have one entry per image, {len(images)} in all; got shape {labels.shape}."
        )
    n_digits = len(images)
    n_samples = n_digits if n_samples is None else n_samples
    as_count("n_samples", n_samples)
    rng = check_random_state(random_state)
    rounds = [rng.permutation(n_digits) for _ in range(-(-n_samples // n_digits))]
    left = np.concatenate(rounds)[:n_samples]
    # Any other digit: 1 to n_digits - 1 places further on.
    right = (left + rng.randint(1, n_digits, n_samples)) % n_digits
    canvases = np.zeros((n_samples, _CANVAS, _CANVAS, 1), np.uint8)
    canvases[:, :_SIZE, :_SIZE, 0] = images[left]
    corner = canvases[:, -_SIZE:, -_SIZE:, 0]
    np.maximum(corner, images[right], out=corner)
    X = pd.DataFrame({"image": pd.Series(list(canvases), dtype=object)})
    return X, pd.DataFrame({"left": labels[left], "right": labels[right]})
