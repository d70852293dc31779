"""What one cell of an image column holds, and opening it: a path, encoded bytes or an image."""

import io
import os
import re
import stat
from contextlib import contextmanager
from functools import lru_cache

import numpy as np
from PIL import Image, UnidentifiedImageError

from skmtl.data.cells import is_missing
from skmtl.exceptions import describe

# Tried in this order. EPS, PDF and the like are left out: Pillow runs other programs to read them.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000", "MPO", "PPM")
_LONGEST_NAME = 200  # in error texts
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{100,}={0,2}\s*")


def unwrap(cell, folder=None):
    """Return the cell behind a ``{"bytes", "path"}`` dict, paths in `folder`; None if missing."""
    if isinstance(cell, dict) and cell.keys() <= {"bytes", "path"}:
        content = cell.get("bytes")
        cell = cell.get("path") if is_missing(content) else content
    if is_missing(cell):
        return None
    if folder is not None and isinstance(cell, str | os.PathLike):
        return os.path.join(os.fspath(folder), os.fspath(cell))
    return cell


def is_array(cell) -> bool:
    """Return whether a cell is an array of any library."""
    if isinstance(cell, np.ndarray):
        return True
    return hasattr(cell, "__array__") and not isinstance(cell, str | bytes | Image.Image)


@contextmanager
def open_image(cell, where):
    """Give the Pillow image of a path, of encoded bytes or of itself; nothing is decoded yet."""
    if isinstance(cell, Image.Image):
        yield cell
        return
    if isinstance(cell, str | os.PathLike):
        source = _open_file(cell, where)
    elif isinstance(cell, bytes | bytearray | memoryview):
        source = io.BytesIO(cell)
    else:
        raise TypeError(
            f"{where} must be a path, encoded bytes, a dict of 'bytes' and 'path', a PIL image or "
            f"an array of pixels; got {describe(cell)}."
        )
    with source:
        formats = _known_formats(len(Image.OPEN))
        try:
            image = Image.open(source, formats=formats)
        except UnidentifiedImageError:
            raise ValueError(
                f"{where} is not an image in a known format: {_name(cell)}. Known are "
                f"{', '.join(formats)}, and what a Pillow plug-in registers in this process."
            ) from None
        except Exception as error:  # decoders raise anything on a damaged file
            raise unreadable(where, "read", cell, error) from error
        yield image


def _open_file(path, where):
    try:
        file = open(path, "rb", opener=_open_at_once)  # noqa: SIM115 (the caller closes it)
    except FileNotFoundError:
        raise ValueError(_no_file(path, where)) from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        if _is_base64(path):
            raise ValueError(_no_file(path, where)) from None
        raise unreadable(where, "read", path, getattr(error, "strerror", error)) from error
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise ValueError(f"{where} must be a regular file; {_name(path)} is a pipe or a device.")
    return file


def _open_at_once(path, flags):
    # a pipe without a writer would be waited for
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _no_file(path, where) -> str:
    if _is_base64(path):
        return (
            f"{where} is a text of {len(path)} characters that looks like base64, {path[:20]!r}…; "
            "decode it to bytes with base64.b64decode."
        )
    return f"{where} is a path without a file: {_name(path)}."


def _is_base64(path) -> bool:
    if not isinstance(path, str):
        return False
    return path.startswith("data:image") or bool(_BASE64.fullmatch(path))


def unreadable(where, verb, cell, reason) -> ValueError:
    return ValueError(f"{where} cannot be {verb}, {_name(cell)}: {_shorten(str(reason))}.")


def _name(cell) -> str:
    """Return how an error calls a cell."""
    if isinstance(cell, str | os.PathLike):
        return repr(_shorten(os.fspath(cell)))
    return describe(cell) if isinstance(cell, Image.Image) else f"{len(cell)} encoded bytes"


def _shorten(text) -> str:
    if len(text) <= _LONGEST_NAME:
        return text
    half = _LONGEST_NAME // 2
    return f"{text[:half]}…{text[-half:]}"


@lru_cache(maxsize=1)
def _known_formats(n_registered) -> tuple:  # noqa: ARG001 (a plug-in changes the number)
    """Return the formats to try: ours, and those of plug-ins that are no part of Pillow."""
    Image.init()
    ours = [name for name in _FORMATS if name in Image.OPEN]
    plug_ins = [n for n in Image.OPEN if not Image.OPEN[n][0].__module__.startswith("PIL.")]
    return (*ours, *plug_ins)
