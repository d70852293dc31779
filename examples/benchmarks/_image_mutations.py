"""Mutated image files: each is read, or refused with an error that names its row.

Used by reliability.py. The files are decoded in forked processes, so a crash or a hang is found and
named by the number of its mutant.
"""

import io
import os
import random
import resource
import signal
import time
import warnings

import numpy as np
from PIL import Image

from skmtl.preprocessing import load_image

SECONDS = 10  # a mutant that takes longer hangs
PER_PROCESS = 250
KINDS = [
    ("JPEG", {"quality": 80}), ("JPEG", {"progressive": True, "quality": 95}),
    ("PNG", {}), ("PNG", {"optimize": True}),
    ("WEBP", {"quality": 60}), ("WEBP", {"lossless": True}),
    ("GIF", {}), ("BMP", {}), ("PPM", {}), ("JPEG2000", {}),
    ("AVIF", {"quality": 60}), ("AVIF", {"quality": 100, "subsampling": "4:4:4"}),
    ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}), ("TIFF", {"compression": "tiff_deflate"}),
    ("TIFF", {"compression": "jpeg"}), ("TIFF", {"compression": "packbits"}),
]  # fmt: skip
MODES = {
    "JPEG": ["RGB", "L", "CMYK"], "PNG": ["RGB", "L", "P", "RGBA", "LA", "I;16", "1"],
    "WEBP": ["RGB", "RGBA"], "GIF": ["P", "L"], "BMP": ["RGB", "L", "1"], "PPM": ["RGB", "L"],
    "JPEG2000": ["RGB", "L", "RGBA"], "AVIF": ["RGB", "RGBA"],
    "TIFF": ["RGB", "L", "RGBA", "I;16", "F", "1"],
}  # fmt: skip


def make_files():
    """Return the names and contents of whole files, all formats, with and without EXIF data."""
    rng = np.random.default_rng(0)
    smooth = np.cumsum(rng.integers(-3, 4, (48, 64, 3)), axis=1) + 128
    plain = Image.fromarray(smooth.clip(0, 255).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.init()
    files = []
    for kind, options in KINDS:
        if kind not in Image.SAVE:
            continue
        for mode in MODES[kind]:
            image = plain.convert("L").convert("I;16") if mode == "I;16" else plain.convert(mode)
            for extra in ({}, {"exif": exif}):
                buffer = io.BytesIO()
                try:
                    image.save(buffer, kind, **options, **extra)
                except (OSError, ValueError, KeyError):  # a format without this mode
                    continue
                files.append((f"{kind} {mode} {options}", buffer.getvalue()))
    frames = [plain, plain.transpose(Image.Transpose.ROTATE_180)]
    for kind in ("GIF", "WEBP", "AVIF", "PNG", "TIFF"):
        if kind not in Image.SAVE_ALL:
            continue
        buffer = io.BytesIO()
        frames[0].save(buffer, kind, save_all=True, append_images=frames)
        files.append((f"{kind} of several frames", buffer.getvalue()))
    return files


def mutate(content, rng) -> bytes:
    """Return a file with a few changes, most of them near its head."""
    content = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 4])):
        near = min(len(content), rng.choice([16, 64, 256, *[len(content)] * 3]))
        place = rng.randrange(near)
        kind = rng.randrange(7)
        if kind == 0:
            content[place] ^= 1 << rng.randrange(8)
        elif kind == 1:
            content[place] = rng.choice([0, 1, 127, 128, 255])
        elif kind == 2:
            content[place : place + 4] = rng.choice(
                [b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\x40\0"]
            )
        elif kind == 3:
            del content[max(1, place) :]
        elif kind == 4:
            content[place:place] = rng.randbytes(rng.choice([1, 4, 100]))
        elif kind == 5:
            del content[place : place + rng.choice([1, 4, 100])]
        else:
            content[place : place + 100] = content[place : place + 200]
        content = content or bytearray(b"\0")
    return bytes(content)


def make_mutant(files, number, seed):
    """Return the name and the content of one mutant."""
    rng = random.Random(f"{seed} {number}")
    name, content = files[number % len(files)]
    return name, mutate(content, rng)


def read(content, number) -> str:
    """Read a mutant: "read", "refused", or what is wrong with how it was refused."""
    try:
        pixels = load_image(content, row=number)
    except ValueError as error:
        text = str(error)
        is_named = text.startswith(f"image row {number} ") and len(text) < 1000
        return "refused" if is_named else f"unclear error: {text[:200]}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "read" if pixels.ndim == 3 and pixels.dtype in (np.uint8, np.float32) else "odd pixels"


def read_mutants(files, numbers, seed, file):
    """Read some mutants, in this process, and write a line for each."""
    warnings.simplefilter("ignore")
    for number in numbers:
        name, content = make_mutant(files, number, seed)
        os.write(file, f"{number}\t{name}\t".encode())
        signal.alarm(SECONDS)
        start, before = time.monotonic(), _most_memory()
        outcome = read(content, number)
        signal.alarm(0)
        grown = _most_memory() - before
        line = f"{outcome!r}\t{time.monotonic() - start:.3f}\t{grown}\n"
        os.write(file, line.encode("utf-8", "backslashreplace"))


def mutate_images(folder, n_mutants, seed) -> dict:
    """Read mutants of all formats; raise at the first crash, hang or other error than ours.

    Parameters
    ----------
    folder : Path
        For the outcomes.
    n_mutants, seed : int
        How many, and which.

    Returns
    -------
    dict
        Counts of "read" and "refused", the longest "seconds" and the largest "memory" in MiB.
    """
    files = make_files()
    for number, (name, content) in enumerate(files):
        assert read(content, number) == "read", f"the whole file cannot be read: {name}"
    counts = {"read": 0, "refused": 0, "seconds": 0.0, "memory": 0}
    for first in range(0, n_mutants, PER_PROCESS):
        path = folder / f"{first}"
        file = os.open(path, os.O_CREAT | os.O_WRONLY)
        child = os.fork()
        if child == 0:
            read_mutants(files, range(first, min(first + PER_PROCESS, n_mutants)), seed, file)
            os._exit(0)
        os.close(file)
        _, status = os.waitpid(child, 0)
        lines = path.read_text(encoding="utf-8").splitlines()
        assert status == 0, f"ended by {os.waitstatus_to_exitcode(status)}: {lines[-1]}"
        for line in lines:
            outcome, seconds, memory = line.split("\t")[2:]
            outcome = outcome.strip("'\"")
            assert outcome in counts, line
            counts[outcome] += 1
            counts["seconds"] = max(counts["seconds"], float(seconds))
            counts["memory"] = max(counts["memory"], int(memory) // 1024)
    return counts


def _most_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
