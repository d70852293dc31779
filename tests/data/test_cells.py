"""What a cell is, and how an error names it."""

import datetime
import pathlib

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from skmtl.data.cells import as_objects, is_missing, kind_of_cell, missing_mask
from skmtl.exceptions import describe


@pytest.mark.parametrize("cell", [None, float("nan"), np.float32("nan"), pd.NA, pd.NaT])
def test_what_is_missing(cell):
    assert is_missing(cell)


@pytest.mark.parametrize(
    "cell", ["", "nan", "None", 0, 0.0, False, np.float32(1), b"", [], np.array([np.nan])]
)
def test_what_is_there(cell):
    assert not is_missing(cell)


def test_the_mask_has_an_entry_per_cell():
    mask = missing_mask(as_objects(["a", None, float("nan"), ""]))
    assert mask.dtype == bool
    assert mask.tolist() == [False, True, True, False]


def test_cells_that_are_arrays_of_one_size_stay_cells():
    images = [np.zeros((2, 2)), np.ones((2, 2))]
    for column in (images, pd.Series(images), np.array(images)):
        cells = as_objects(column)
        assert cells.shape == (2,)
        assert [cell.tolist() for cell in cells] == [image.tolist() for image in images]


def test_an_object_array_is_not_copied():
    cells = np.array(["a", None], object)
    assert as_objects(cells) is cells
    assert as_objects(np.array([1, 2])).dtype == object


def test_a_description_is_short_and_names_the_type():
    assert describe("a") == "str 'a'"
    assert describe(np.zeros((2, 3), np.float32)) == "an array of shape (2, 3) and dtype float32"
    assert describe("x" * 58) == f"str '{'x' * 58}'"
    assert describe("x" * 59) == f"str '{'x' * 58}…"
    assert describe(list(range(9)), limit=5) == "list [0, …"


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("很好", "text"),
        ("photo.PNG", "image"),
        ("scan.tif", "image"),
        ("png", "text"),
        (b"\x89PNG", "image"),
        (pathlib.Path("a"), "image"),
        (Image.new("RGB", (2, 2)), "image"),
        (np.zeros((2, 2)), "image"),
        (np.zeros((2, 2, 3)), "image"),
        (np.zeros((1, 2, 2, 3)), "other"),
        ({"bytes": b"", "path": None}, "image"),
        ({"a": 1}, "other"),
        (np.array([1, 2]), "ids"),
        (np.array(["很", "好"]), "tokens"),
        (np.array(["很", "好"], object), "tokens"),
        (np.array([0.5, 2]), "other"),
        (np.array(3), "other"),
        (["很", "好"], "tokens"),
        (("很", "好"), "tokens"),
        ([], "tokens"),
        (["很", 3], "other"),
        ({"很"}, "other"),
        (datetime.date(2020, 1, 1), "date"),
        (np.datetime64("2020"), "date"),
        (np.timedelta64(1, "s"), "date"),
        (3, "number"),
        (np.float32(3), "number"),
        (np.bool_(True), "number"),
        (1j, "other"),
    ],
)
def test_the_kind_of_a_cell(cell, kind):
    assert kind_of_cell(cell) == kind
