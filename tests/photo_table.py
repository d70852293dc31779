"""A table in a file with image paths beside it, numbers, categories, and labels of every kind."""

import numpy as np
import pandas as pd
from PIL import Image


def make_photo_table(folder, n_rows=40, seed=0):
    """Write images of 16 x 16 pixels into ``folder/photos``; return the table.

    The colour of an image decides "colour", the number "price" the class "cheap" and the number
    "weight". Row 3 has a broken image, row 4 none, row 5 no "colour".
    """
    rng = np.random.default_rng(seed)
    photos = folder / "photos"
    photos.mkdir()
    colour = rng.integers(0, 3, n_rows)
    colour[:3] = range(3)
    price = rng.normal(size=n_rows).round(2)
    for row in range(n_rows):
        pixels = rng.integers(0, 60, (16, 16, 3))
        pixels[..., colour[row]] += 180
        Image.fromarray(pixels.astype(np.uint8)).save(photos / f"{row}.png")
    (photos / "3.png").write_bytes(b"no image")
    frame = pd.DataFrame(
        {
            "id": [f"a{row}" for row in range(n_rows)],
            "photo": [f"photos/{row}.png" for row in range(n_rows)],
            "title": [
                f"一个 {word} {row}" for row, word in enumerate(["好", "坏"] * (n_rows // 2))
            ],
            "price": price,
            "shop": ["north", "south"] * (n_rows // 2),
            "colour": np.array(["red", "green", "blue"], object)[colour],
            "cheap": np.where(price > 0, "no", "yes"),
            "weight": (3 * price + 10.25).round(2),
        }
    )
    frame["photo"] = frame["photo"].astype(object)
    frame["colour"] = frame["colour"].astype(object)
    frame.loc[4, "photo"] = None
    frame.loc[5, "colour"] = None
    return frame
