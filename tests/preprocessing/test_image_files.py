import base64
import io
import os

import numpy as np
import pytest
from PIL import Image, ImageFile

from skmtl.preprocessing import load_image

PIXELS = np.random.default_rng(0).integers(0, 256, (16, 24, 3), dtype=np.uint8)


def encode(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
def test_base64_text_is_named_in_a_short_error(prefix):
    text = prefix + base64.b64encode(encode(Image.fromarray(PIXELS))).decode() * 20
    with pytest.raises(ValueError, match=r"photo row 3 is a text .*base64, .*b64decode") as caught:
        load_image(text, row=3, column="photo")
    assert len(str(caught.value)) < 200


def test_long_names_and_reasons_are_shortened():
    with pytest.raises(
        ValueError, match=r"row 0 is a path without a file: 'a.*….*\.png'"
    ) as caught:
        load_image("a_very_long_name/" * 200 + ".png", row=0)
    assert len(str(caught.value)) < 300


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_only_regular_files_are_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match=r"row 0 must be a regular file; '.*pipe' is a pipe"):
        load_image(tmp_path / "pipe", row=0)  # it would wait for a writer
    with pytest.raises(ValueError, match="row 0 must be a regular file; '/dev/zero' is a pipe"):
        load_image("/dev/zero", row=0)


def test_a_dict_holds_bytes_or_a_path(tmp_path):
    content = encode(Image.fromarray(PIXELS))
    (tmp_path / "one.png").write_bytes(content)
    for cell in ({"bytes": content, "path": None}, {"bytes": None, "path": "one.png"}):
        np.testing.assert_array_equal(load_image(cell, row=0, folder=tmp_path), PIXELS)
    assert load_image({"bytes": None, "path": None}, row=0) is None
    with pytest.raises(TypeError, match=r"row 0 must be a path, .* a dict of 'bytes' and 'path'"):
        load_image({"pixels": content}, row=0)


class Heif(ImageFile.ImageFile):
    """Stands for the plug-in of a format that Pillow does not know."""

    format = "HEIF_TEST"

    def _open(self):
        assert self.fp.read(8) == b"heiftest"
        self._size, self._mode = (2, 1), "L"
        self.tile = [ImageFile._Tile("raw", (0, 0, 2, 1), 8, ("L", 0, 1))]


def test_the_format_of_a_plug_in_is_taken(monkeypatch):
    content = b"heiftest" + bytes([7, 9])
    with pytest.raises(
        ValueError, match=r"row 0 is not an image in a known format.* JPEG, .*plug-in"
    ):
        load_image(content, row=0)
    for registry in ("OPEN", "ID"):
        monkeypatch.setattr(Image, registry, getattr(Image, registry).copy())
    Image.register_open(Heif.format, Heif, lambda prefix: prefix.startswith(b"heiftest"))
    assert load_image(content, row=0).tolist() == [[[7], [9]]]
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 5 5\n%%EndComments\n"
    with pytest.raises(ValueError, match="row 0 is not an image in a known format"):
        load_image(eps, row=0)  # Pillow would run Ghostscript
