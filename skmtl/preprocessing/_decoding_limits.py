"""What decoders of image files may allocate: by image, by TIFF tile, and all together."""

import os
import threading
from contextlib import contextmanager, nullcontext

from skmtl.preprocessing._pixels import MAX_PIXELS

_TILE_SIDES = ((322, 323), (256, 278))  # TIFF tags: tile width and length; width, rows per strip
_MAX_TILE_PIXELS = 2**22  # 2,048 x 2,048; a tile may be larger than a small image


class PixelBudget:
    """Let threads decode at the same time only while their images fit into a number of pixels.

    An image that is larger than the budget is decoded while no other one is.
    """

    def __init__(self, capacity):
        self._capacity = capacity
        self._used = 0
        self._changed = threading.Condition()

    @contextmanager
    def reserve(self, n_pixels):
        """Wait until there is room for an image, and hold the room meanwhile."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._used == 0 or self._used + n_pixels <= self._capacity
            )
            self._used += n_pixels
        try:
            yield
        finally:
            with self._changed:
                self._used -= n_pixels
                self._changed.notify_all()


_SMALL = 2**20
_budget, _no_reservation = PixelBudget(MAX_PIXELS), nullcontext()


def reserve_pixels(n_pixels):
    """Return a context that holds room for an image in this process' budget.

    Small images need none: there are no more of them at once than threads.
    """
    return _no_reservation if n_pixels <= _SMALL else _budget.reserve(n_pixels)


def check_tiles(image, where):
    """Raise if a TIFF names tiles that are far larger than its image: each is allocated whole."""
    tags = getattr(image, "tag_v2", None)
    if tags is None:
        return
    for across, down in _TILE_SIDES:
        # rows per strip may be 2**32 - 1, which stands for all
        width, height = tags.get(across, 1), tags.get(down, 1)
        if down == 278:
            height = min(height, image.height)
        if width * height > max(_MAX_TILE_PIXELS, 2 * image.width * image.height):
            raise ValueError(
                f"{where} has {image.width} x {image.height} pixels in tiles of {width} x "
                f"{height}; larger tiles than the image are allowed up to {_MAX_TILE_PIXELS} "
                "pixels."
            )


def _renew_budget():
    global _budget
    _budget = PixelBudget(MAX_PIXELS)


if hasattr(os, "register_at_fork"):
    # a thread that holds room does not exist in the child, so it would never give it back
    os.register_at_fork(after_in_child=_renew_budget)
