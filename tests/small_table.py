"""A small table whose two tasks can be learned."""

import numpy as np
import pandas as pd


def make_small_table(n_samples, seed=0, missing=0.2):
    """Make a table whose two tasks can be learned: colour from the image, mood from the text."""
    rng = np.random.default_rng(seed)
    colour = rng.integers(0, 3, n_samples)
    mood = rng.integers(0, 2, n_samples)
    images, texts = np.empty(n_samples, object), np.empty(n_samples, object)
    words = [("好 开心", "棒 快乐"), ("坏 难过", "差 伤心")]
    for row in range(n_samples):
        pixels = rng.integers(0, 60, (8, 8, 3))
        pixels[..., colour[row]] += 180
        images[row] = pixels.astype(np.uint8)
        texts[row] = words[mood[row]][rng.integers(2)]
    X = pd.DataFrame({"image": images, "text": texts})
    y = pd.DataFrame(
        {
            "colour": np.array(["red", "green", "blue"], object)[colour],
            "mood": np.array(["up", "down"], object)[mood],
        }
    )
    for frame in (X, y):
        for column in frame:
            frame.loc[rng.random(n_samples) < missing, column] = None
    return X, y
