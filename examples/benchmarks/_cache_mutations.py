"""Mutated files of a feature cache: each row is right, or missing.

Used by hostile_files.py.
"""

import random
from collections import Counter
from pathlib import Path

import numpy as np


def attack_caches(folder, n_files, seed) -> Counter:
    """Read mutated cache files; return how many rows were right and how many missing."""
    from skmtl.backbones import FolderFeatureCache

    rng, folder = random.Random(seed), Path(folder)
    draw = np.random.default_rng(seed)
    keys, features = [draw.bytes(16) for _ in range(8)], draw.normal(size=(8, 12)).astype("f4")
    FolderFeatureCache(folder).put_many(keys, features)
    (path,) = folder.iterdir()
    whole, outcomes = path.read_bytes(), Counter()
    for _ in range(n_files):
        path.write_bytes(mutated_bytes(bytearray(whole), rng))
        for expected, found in zip(
            features, FolderFeatureCache(folder).get_many(keys), strict=True
        ):
            assert found is None or np.array_equal(found, expected), "a wrong feature"
            outcomes["missing rows" if found is None else "right rows"] += 1
    return outcomes


def mutated_bytes(data, rng) -> bytes:
    """Return bytes of which some are changed, missing, or there twice."""
    place, length = rng.randrange(len(data)), rng.choice([1, 1, 2, 8, 64])
    kind = rng.choice(["flip", "set", "cut", "drop", "double", "header"])
    if kind == "flip":
        data[place] ^= 1 << rng.randrange(8)
    elif kind == "set":
        data[place : place + length] = bytes(rng.randrange(256) for _ in range(length))
    elif kind == "cut":
        del data[place:]
    elif kind == "drop":
        del data[place : place + length]
    elif kind == "double":
        data[place:place] = data[place : place + length]
    else:
        digits = [i for i, byte in enumerate(data[:120]) if chr(byte).isdigit()]
        data[rng.choice(digits)] = ord(rng.choice("0123456789-.eN"))
    return bytes(data)
