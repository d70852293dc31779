"""Kill campaign: processes killed at random moments while they save, cache and keep checkpoints.

    python examples/benchmarks/reliability.py [--saves 80] [--caches 80] [--fits 60] [--seed 0]
    python examples/benchmarks/reliability.py --images 5000 [--seed 0]
    python examples/benchmarks/reliability.py --interrupts 20 [--seed 0]

Prints how many kills each part survived, and stops with an error at the first loss. The second
command kills nothing: it reads mutated image files of all formats. The third one sends SIGINT to
processes while they build networks. Malicious archives are in
tests/persistence/test_hostile_archives.py, the tables in tests/test_fuzz.py.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import _image_mutations
import _interrupts
import _kills


def read_mutated_images(n_mutants, seed):
    """Print how many mutated image files were read and how many were refused."""
    with tempfile.TemporaryDirectory() as folder:
        counts = _image_mutations.mutate_images(Path(folder), n_mutants, seed)
    print(
        f"{n_mutants} mutated images: {counts['read']} read, {counts['refused']} refused with "
        f"the row named; at most {counts['seconds']:.1f} s and {counts['memory']} MiB more memory"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--saves", type=int, default=80)
    parser.add_argument("--caches", type=int, default=80)
    parser.add_argument("--fits", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--images", type=int, default=0)
    parser.add_argument("--interrupts", type=int, default=0)
    options = parser.parse_args()
    if options.images:
        read_mutated_images(options.images, options.seed)
        return
    if options.interrupts:
        counts = _interrupts.interrupt_builds(options.interrupts, seed=options.seed)
        print(f"{options.interrupts} processes that got SIGINT while they built networks: {counts}")
        return
    _kills.preload()
    parts = {
        "save": (_kills.kill_saves, options.saves, "the old file or the new one, byte by byte"),
        "feature cache": (
            _kills.kill_cache_writers,
            options.caches,
            "every finished row, no other",
        ),
        "checkpoint": (_kills.kill_fits, options.fits, "every finished epoch, the same final bits"),
    }
    total = 0
    for name, (campaign, n_kills, what) in parts.items():
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            n_kills = campaign(Path(folder), n_kills, options.seed)
        total += n_kills
        print(
            f"{name:14} {n_kills:4} kills, nothing lost ({what}), {time.monotonic() - start:.0f} s",
            flush=True,
        )
    print(f"{'all':14} {total:4} kills")


if __name__ == "__main__":
    main()
