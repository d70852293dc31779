"""Pairs of overlaid digits."""

import numpy as np
import pytest

from skmtl.datasets import fetch_mnist, make_multi_mnist


def make_digits(n_digits):
    """Return images that show which digit they are: one pixel, as bright as the digit."""
    images = np.zeros((n_digits, 28, 28), np.uint8)
    images[:, 0, 27] = np.arange(1, n_digits + 1)
    return images, np.arange(1, n_digits + 1)


def test_left_digit_is_top_left_and_right_digit_bottom_right():
    X, y = make_multi_mnist(*make_digits(20), random_state=0)
    canvases = np.stack(list(X["image"]))
    assert canvases.shape == (20, 36, 36, 1)
    assert canvases.dtype == np.uint8
    assert (canvases[:, 0, 27, 0] == y["left"]).all()
    assert (canvases[:, 8, 35, 0] == y["right"]).all()
    assert (canvases.reshape(20, -1) > 0).sum() == 40


def test_the_brighter_pixel_wins():
    images = np.stack([np.full((28, 28), 10, np.uint8), np.full((28, 28), 20, np.uint8)])
    X, y = make_multi_mnist(images, [1, 2], random_state=0)
    for canvas, left in zip(X["image"], y["left"], strict=True):
        assert canvas[0, 0, 0] == 10 * left
        assert canvas[35, 35, 0] == 30 - 10 * left
        assert canvas[18, 18, 0] == 20
        assert canvas[0, 35, 0] == 0


@pytest.mark.parametrize("n_samples", [None, 7, 20, 53])
def test_number_of_canvases_and_no_digit_with_itself(n_samples):
    X, y = make_multi_mnist(*make_digits(20), n_samples=n_samples, random_state=1)
    assert len(X) == len(y) == (n_samples or 20)
    assert (y["left"] != y["right"]).all()
    counts = y["left"].value_counts()
    assert counts.max() <= -(-len(y) // 20)


def test_same_seed_same_canvases_and_inputs_unchanged():
    images, labels = make_digits(10)
    before = images.copy()
    first, again, other = (make_multi_mnist(images, labels, random_state=s)[1] for s in (0, 0, 1))
    assert first.equals(again)
    assert not first.equals(other)
    assert (images == before).all()


def test_real_digits(mnist_path):
    images, labels = fetch_mnist(path=mnist_path)
    X, y = make_multi_mnist(images[:200], labels[:200], random_state=0)
    assert set(y["left"]) == set(y["right"]) == set(range(10))
    # Two digits have more ink than one.
    assert np.mean([canvas.sum() for canvas in X["image"]]) > 1.5 * images[:200].sum() / 200


@pytest.mark.parametrize(
    ("images", "labels", "options", "error", "message"),
    [
        (np.zeros((3, 28), np.uint8), [0, 1, 2], {}, ValueError, r"shape .*; got \(3, 28\)"),
        (np.zeros((1, 28, 28), np.uint8), [0], {}, ValueError, "n_digits >= 2"),
        (np.zeros((2, 28, 28)), [0, 1], {}, TypeError, "images must be uint8; got float64"),
        (np.zeros((2, 28, 28), np.uint8), [0], {}, ValueError, r"2 in all; got shape \(1,\)"),
        (
            np.zeros((2, 28, 28), np.uint8),
            [0, 1],
            {"n_samples": 0},
            ValueError,
            "n_samples must be an int >= 1; got 0",
        ),
    ],
)
def test_errors(images, labels, options, error, message):
    with pytest.raises(error, match=message):
        make_multi_mnist(images, labels, **options)
