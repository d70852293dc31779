"""A table of every kind of column, and labels of every kind that one column each decides."""

import numpy as np
import pandas as pd

TASKS = {"grade": "ordinal", "weight": "number"}


def make_mixed_table(n_samples, seed=0, missing=0.0):
    """Return X with an image, a text, two numbers and a category, and y with five labels.

    The bright corner of the image decides "corner", a word of the text "mood", the number "price"
    the class "cost", the number "weight" and the ordinal "grade", the category the tags.
    """
    rng = np.random.default_rng(seed)
    corner, mood = rng.integers(0, 2, n_samples), rng.integers(0, 2, n_samples)
    price, noise = rng.normal(size=n_samples), rng.normal(size=n_samples)
    brand = rng.integers(0, 3, n_samples)
    images, texts = np.empty(n_samples, object), np.empty(n_samples, object)
    others = np.array(["一", "二", "三", "四"])
    for row in range(n_samples):
        pixels = rng.integers(0, 40, (16, 16, 3))
        pixels[-4:, -4:] += 200 * corner[row]
        images[row] = pixels.astype(np.uint8)
        words = [*rng.choice(others, 3, replace=False), ("好", "坏")[mood[row]]]
        texts[row] = " ".join(rng.permutation(words))
    X = pd.DataFrame({"photo": images, "title": texts, "price": price, "noise": noise})
    X["brand"] = np.array(["a", "b", "c"], object)[brand]
    tags = np.empty(n_samples, object)
    tags[:] = [("first", "all") if b == 0 else ("all",) if b == 1 else () for b in brand]
    y = pd.DataFrame(
        {
            "corner": np.array(["dark", "bright"], object)[corner],
            "mood": np.array(["up", "down"], object)[mood],
            "cost": np.array(["low", "high"], object)[(price > 0).astype(int)],
            "weight": 10 * price + 50,
            "grade": np.digitize(price, [-0.7, 0.7]),
            "tags": tags,
        }
    )
    for frame in (X, y):
        for column in frame:
            if missing:
                frame[column] = frame[column].astype(object)
                frame.loc[rng.random(n_samples) < missing, column] = None
    X = X.astype({"price": float, "noise": float})
    return X, y
