import struct
import threading

import numpy as np
import pytest
from peak_memory import peak_memory
from PIL import Image

from skmtl.preprocessing import load_image
from skmtl.preprocessing._decoding_limits import PixelBudget


def tiff(width, height, tile):
    """A grey TIFF of one tile, (width, length), which holds a single byte."""
    tags = [
        (256, width), (257, height), (258, 8), (259, 8), (262, 1), (277, 1),
        (322, tile[0]), (323, tile[1]), (324, 8), (325, 4),
    ]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return (
        b"II*\0"
        + struct.pack("<I", 16)
        + b"\0" * 8
        + struct.pack("<H", len(tags))
        + entries
        + b"\0" * 4
    )


def test_a_tile_may_not_be_far_larger_than_its_image():
    def refuse():
        with pytest.raises(ValueError, match="row 0 has 1 x 1 pixels in tiles of 32000 x 32000"):
            load_image(tiff(1, 1, (32_000, 32_000)), row=0)

    assert peak_memory(refuse) < 2**20


def test_usual_strips_and_tiles_are_read(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (50, 30), dtype=np.uint8)
    for options in ({}, {"compression": "tiff_lzw"}, {"tiffinfo": {278: 2**31 - 1}}):
        Image.fromarray(pixels).save(tmp_path / "a.tiff", **options)
        np.testing.assert_array_equal(load_image(tmp_path / "a.tiff", row=0)[..., 0], pixels)
    # a tile of 64 x 64 around an image of 5 x 3, as tools that write whole tiles make it
    with pytest.raises(ValueError, match="row 0 cannot be decoded"):
        load_image(tiff(5, 3, (64, 64)), row=0)  # the pixels are not there, the tile is allowed


def test_images_are_decoded_together_only_while_they_fit():
    budget, alive, most = PixelBudget(10), [0], []
    lock = threading.Lock()

    def decode(n_pixels):
        with budget.reserve(n_pixels):
            with lock:
                alive[0] += n_pixels
                most.append(alive[0])
            barrier.wait(0.05) if n_pixels == 5 else None
            with lock:
                alive[0] -= n_pixels

    barrier = threading.Barrier(2)  # two of five pixels do run together
    threads = [threading.Thread(target=decode, args=(n,)) for n in (5, 5, 7, 20, 8, 3, 12, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    assert max(most) == 20  # an image larger than the budget is alone
    assert all(pixels <= 10 or pixels in (12, 20) for pixels in most)


def test_room_is_given_back_after_an_error():
    budget = PixelBudget(10)
    for _ in range(3):
        with pytest.raises(KeyError, match="broken"), budget.reserve(10):
            raise KeyError("broken")
