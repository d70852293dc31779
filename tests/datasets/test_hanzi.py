from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import skmtl.datasets
from skmtl.datasets import load_hanzi

FOLDER = Path(skmtl.datasets.__file__).parent / "hanzi"


@pytest.fixture(scope="module")
def hanzi():
    return load_hanzi(return_groups=True)


def test_columns_and_labels_have_the_kinds_that_the_docstring_names(hanzi):
    X, y, _ = hanzi
    assert X.dtypes.astype(str).to_dict() == {
        "image": "object",
        "definition": "object",
        "words": "object",
        "log_frequency": "float64",
        "n_words": "int64",
        "cantonese_tone": "category",
        "korean_initial": "category",
    }
    assert y.dtypes.astype(str).to_dict() == {
        **dict.fromkeys(["radical", "tone", "initial", "level", "corner"], "object"),
        "strokes": "int64",
        "charsets": "object",
    }
    assert X.shape == y.shape == (14_564, 7)
    assert all(cell.shape == (32, 32) and cell.dtype == np.uint8 for cell in X["image"])
    for name in ("definition", "words"):
        assert {type(cell) for cell in X[name]} == {str, type(None)}
    for name in ("radical", "tone", "initial", "level", "corner"):
        assert {type(cell) for cell in y[name]} == {str, type(None)}
    assert {type(cell) for cell in y["charsets"]} == {list, type(None)}
    assert all(cell for cell in y["charsets"].dropna())


def test_shares_of_missing_cells(hanzi):
    X, y, _ = hanzi
    assert X.isna().mean().round(3).to_dict() == {
        "image": 0,
        "definition": 0.006,
        "words": 0.524,
        "log_frequency": 0.308,
        "n_words": 0,
        "cantonese_tone": 0.004,
        "korean_initial": 0.49,
    }
    assert y.isna().mean().round(3).to_dict() == {
        "radical": 0.177,
        "tone": 0.001,
        "initial": 0.001,
        "level": 0.481,
        "corner": 0.119,
        "strokes": 0,
        "charsets": 0.055,
    }


def test_numbers_of_classes(hanzi):
    X, y, _ = hanzi
    counts = y["radical"].value_counts()
    assert len(counts) == 55
    assert counts.min() >= 50
    names = ["tone", "initial", "level", "corner"]
    assert y[names].nunique().to_list() == [5, 24, 3, 10]
    assert X["cantonese_tone"].cat.categories.to_list() == list("123456")
    assert X["korean_initial"].cat.categories.size == 16
    assert y["strokes"].min() == 1
    assert {tag for tags in y["charsets"].dropna() for tag in tags} == {
        "Big5",
        "GB 2312",
        "HKSCS",
        "JIS X 0208",
        "JIS X 0213",
        "KPS 9566",
        "KS C 5601",
    }


def test_rows_are_in_the_order_of_the_file(hanzi):
    X, _, groups = hanzi
    assert X.index.equals(pd.RangeIndex(14_564))
    assert X["definition"][0] == "one; a, an; alone"
    assert X["definition"][3] == "seven"
    assert groups[[0, 1, 3]].to_list() == ["一", "丁", "七"]


def test_glyph_and_row_belong_together(hanzi):
    X, y, _ = hanzi
    one = X["image"][0] > 128  # the character 一, a single horizontal line
    assert one.any(axis=0).sum() > 20
    assert one.any(axis=1).sum() < 6
    ink = X["image"].map(np.mean)
    assert ink.corr(y["strokes"]) > 0.7
    assert not X["image"].iloc[-1][:, 0].any()  # cut at the border of a glyph


def test_groups_hold_variants_and_come_only_on_demand(hanzi):
    _, _, groups = hanzi
    assert groups.notna().all()
    assert groups.nunique() == 10_600
    assert len(load_hanzi()) == 2


def test_every_call_returns_its_own_arrays(hanzi):
    first, labels = load_hanzi()
    first["image"][0][:] = 0
    labels["charsets"][0].clear()
    second, y = load_hanzi()
    assert second["image"][0].any()
    assert y["charsets"][0]
    assert hanzi[0]["image"][0].any()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("LICENSE-Unihan", "UNICODE LICENSE V3"),
        ("LICENSE-jieba", "The MIT License"),
        ("LICENSE-NotoSansCJK", "SIL Open Font License"),
    ],
)
def test_notices_lie_beside_the_data(name, words):
    assert words in (FOLDER / name).read_text(encoding="utf-8")


def test_the_package_stays_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 4_500_000
