"""Campaign against broken files: mutated models and cache files, kills while the disk is full.

    python examples/benchmarks/hostile_files.py [--models 400] [--caches 3000] [--kills 40]

Every field of a real model file is changed in turn: `load` refuses the file with a ModelFileError,
or returns a model that predicts, within a second of processor time and 64 MiB. Mutated cache files
give right features or none. The full disk is a small tmpfs (as root), or a limit on the size of
files. The first violation stops the campaign with an error.
"""

import argparse
import copy
import json
import os
import random
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import _full_disk
import numpy as np
import pandas as pd

MAX_SECONDS = 1.0
MAX_BYTES = 64 * 2**20
WRONG = [
    None, True, -1, 0, 1, 10**9, 2**70, 0.5, -1e300, "", "x", "x" * 100_000, "/etc/passwd", [],
    [[]], {}, {"$": "dict", "of": {}}, {"$": "tuple", "values": []},
    {"$": "tuple", "values": [10**9]},
    {"$": "float", "value": "nan"}, {"$": "array", "number": 0}, {"$": "array", "number": 10**9},
    {"$": "path", "value": "/proc/self/environ"}, {"$": "bytes", "value": "?"}, {"$": "unknown"},
    {"$": "cells", "dtype": "<U9", "shape": [2], "values": ["a", "b"]}, [0] * 10_000,
]  # fmt: skip


def fitted_model():
    """Return a fitted classifier of images and texts, and its table."""
    from skmtl import MultiTaskClassifier

    rng = np.random.default_rng(0)
    images = np.empty(12, object)
    images[:] = list(rng.integers(0, 255, (12, 6, 6, 3), np.uint8))
    X = pd.DataFrame({"image": images, "text": ["好 天气", "坏", "天气"] * 4})
    y = pd.DataFrame({"a": ["x", "y"] * 6, "b": [0, 1, 2] * 4})
    model = MultiTaskClassifier(epochs=1, random_state=np.random.RandomState(0), trunk_units=(4,))
    model.set_params(
        image_backbone__filters=(2,), text_backbone__embedding_dim=4, tokenizer__max_len=4,
        loss_weights="dwa", sharing="mmoe", sharing__n_experts=2,
    )  # fmt: skip
    return model.fit(X, y), X


def places(node, path=()):
    """Yield the path of every value within JSON."""
    yield path
    parts = dict(enumerate(node)) if isinstance(node, list) else node
    if isinstance(parts, dict):
        for key, part in parts.items():
            yield from places(part, (*path, key))


def mutated(manifest, path, wrong, *, is_removed):
    """Return a copy of JSON with one value replaced or removed."""
    manifest = copy.deepcopy(manifest)
    *parents, last = path
    node = manifest
    for key in parents:
        node = node[key]
    if is_removed:
        del node[last]
    else:
        node[last] = wrong
    return manifest


def measure(call):
    """Return what a call returns or raises, its processor seconds, and by how much memory grew."""
    if os.path.exists("/proc/self/clear_refs"):
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts from here
    before, start = _memory("VmRSS"), time.process_time()
    try:
        result = call()
    except Exception as error:
        result = error
    return result, time.process_time() - start, _memory("VmHWM") - before


def _memory(field) -> int:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:  # elsewhere than on Linux memory is not watched
        return 0
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def attack_models(folder, model, X, n_files, seed) -> Counter:
    """Load files with one changed value each; return how many were refused and how many loaded."""
    import skmtl
    from skmtl.exceptions import ModelFileError

    rng, path = random.Random(seed), Path(folder) / "model.skmtl"
    skmtl.save(model, path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    skmtl.load(path).predict(X[:1])
    manifest = json.loads(members["skmtl.json"])
    fields = [path for path in places(manifest) if path]
    rng.shuffle(fields)
    outcomes, worst = Counter(), (0.0, 0)
    for number in range(n_files):
        field, wrong = fields[number % len(fields)], rng.choice(WRONG)
        changed = mutated(manifest, field, wrong, is_removed=rng.random() < 0.15)
        members["skmtl.json"] = json.dumps(changed).encode()
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        what = f"{'.'.join(map(str, field))} = {repr(wrong)[:60]}"
        result, seconds, n_bytes = measure(lambda: skmtl.load(path))
        if isinstance(result, ModelFileError):
            outcomes["refused"] += 1
        elif isinstance(result, Exception):
            raise AssertionError(f"{what}: {result!r}") from result
        elif hasattr(result, "predict"):
            try:
                assert len(result.predict(X[:1])) == 1, what
            except Exception as error:
                raise AssertionError(f"{what}: loads, but {error!r}") from error
            outcomes["predicts"] += 1
        else:
            raise AssertionError(f"{what}: loads as {result!r}")
        assert seconds < MAX_SECONDS, f"{what}: {seconds:.1f} s"
        assert n_bytes < MAX_BYTES, f"{what}: {n_bytes / 2**20:.0f} MiB"
        worst = max(worst[0], seconds), max(worst[1], n_bytes)
    print(f"model files: at most {worst[0]:.2f} s of processor time, {worst[1] / 2**20:.0f} MiB")
    outcomes["fields"] = len(fields)
    return outcomes


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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=400)
    parser.add_argument("--caches", type=int, default=3000)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    _full_disk.preload()
    for name in _full_disk.PARTS:
        with _full_disk.small_disk() as (folder, kind):
            n_kills = _full_disk.kill_on_full_disk(name, folder, options.kills // 4, options.seed)
        print(f"{name}: {n_kills} kills on a full disk ({kind}), nothing lost", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        print("cache files:", dict(attack_caches(folder, options.caches, options.seed)), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        outcomes = attack_models(folder, *fitted_model(), options.models, options.seed)
    print("model files:", dict(outcomes), flush=True)


if __name__ == "__main__":
    main()
