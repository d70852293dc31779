"""Campaign against broken files: mutated models and cache files, kills while the disk is full.

    python examples/benchmarks/hostile_files.py [--each 1] [--caches 3000] [--kills 40] [--seed 0]

Every field of the files of twelve models is removed or replaced, `each` times: `load` refuses the
file with a ModelFileError, or returns a model that predicts, within a second of processor time and
64 MiB. Mutated cache files give right features or none. The full disk is a small tmpfs (as root),
or a limit on the size of files. Whatever goes wrong is printed, and the campaign ends with an
error.
"""

import argparse
import os
import sys
import tempfile

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import _full_disk
from _cache_mutations import attack_caches
from _model_mutations import MODELS, attack_models


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="*", default=[*MODELS])
    parser.add_argument("--each", type=int, default=1)
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
    wrong = []
    for name in options.models:
        with tempfile.TemporaryDirectory() as folder:
            counts, some = attack_models(folder, name, options.each, options.seed)
        print(f"{name}: {dict(counts)}, {len(some)} wrong", flush=True)
        wrong += some
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
