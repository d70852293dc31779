import time
from pathlib import Path

import numpy as np

import skmtl.datasets
from skmtl.datasets import load_emoji


def test_cells_are_raw_images_and_texts():
    X, y = load_emoji()
    assert X.columns.tolist() == ["image", "text"]
    assert X.shape == y.shape == (1026, 2)
    assert all(cell.shape == (32, 32, 3) and cell.dtype == np.uint8 for cell in X["image"])
    assert all(isinstance(cell, str) and cell.strip() for cell in X["text"])


def test_image_and_text_of_a_row_belong_together():
    X, _ = load_emoji()
    red = X["image"][X["text"].str.startswith("红苹果 ").idxmax()].reshape(-1, 3)
    green = X["image"][X["text"].str.startswith("青苹果 ").idxmax()].reshape(-1, 3)
    assert np.subtract(*red.mean(axis=0)[:2]) > 20  # redder than green
    assert np.subtract(*green.mean(axis=0)[:2]) < 0


def test_rare_subgroups_are_missing_labels():
    _, y = load_emoji()
    assert y["group"].notna().all()
    assert y["group"].nunique() == 6
    counts = y["subgroup"].value_counts()
    assert len(counts) == 47
    assert counts.min() >= 8
    missing = y["subgroup"].isna()
    assert missing.sum() == 97
    assert all(label is None for label in y["subgroup"][missing])


def test_every_call_returns_its_own_arrays():
    first, _ = load_emoji()
    first["image"][0][:] = 0
    second, _ = load_emoji()
    assert second["image"][0].any()


def test_loads_quickly():
    load_emoji()
    start = time.perf_counter()
    load_emoji()
    assert time.perf_counter() - start < 0.5


def test_both_notices_lie_beside_the_data():
    folder = Path(skmtl.datasets.__file__).parent / "emoji"
    assert "Apache License" in (folder / "LICENSE-NotoEmoji").read_text()
    assert "UNICODE LICENSE V3" in (folder / "LICENSE-CLDR").read_text()
