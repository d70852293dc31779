"""Frames and arrays of every kind: dtypes, layouts, names, shapes; see `test_fuzz`."""

import itertools

import numpy as np
import pandas as pd
import pytest
from fuzz_cases import FUZZ, check, estimator, judge, pixels, table
from hypothesis import given
from hypothesis import strategies as st

NAMES = [
    ["image", "text"], ["text", "image"], ["image", "image"], ["text", "text"], [0, 1], ["", " "],
    [None, "text"], [("a", "image"), ("a", "text")], ["IMAGE", "Text"], ["图片", "文本"],
    ["c__image", "c__text"], ["image", 3], [np.nan, np.nan], ["a/b", "a{b}"], ["image\n", "%s"],
]  # fmt: skip


@pytest.mark.parametrize("names", NAMES, ids=str)
def test_strange_names_of_columns(names):
    X, y = table()
    X.columns = pd.Index(names, tupleize_cols=False)
    check(X, y)


@pytest.mark.parametrize("names", NAMES, ids=str)
def test_strange_names_of_tasks(names):
    X, y = table()
    y.columns = pd.Index(names, tupleize_cols=False)
    check(X, y)


@pytest.mark.slow
def test_more_columns():
    X, y = table()
    for extra in (1.5, "word", None, pixels()):
        wide = X.copy()
        wide["extra"] = [extra] * 8
        check(wide, y)


def frame_of(kind):
    X, y = table()
    if kind == "categories":
        return X.astype({"text": "category"}), y.astype("category")
    if kind == "nullable":
        return X.astype({"text": "string"}), y.astype({"a": "string", "b": "Int64"})
    if kind == "arrow":
        return X.astype({"text": "string[pyarrow]"}), y.astype({"a": "string[pyarrow]", "b": "int64[pyarrow]"})  # fmt: skip
    if kind == "polars":
        polars = pytest.importorskip("polars")
        return (
            polars.DataFrame(
                {
                    "image": polars.Series(list(X["image"]), dtype=polars.Object),
                    "text": list(X["text"]),
                }
            ),
            polars.DataFrame({"a": list(y["a"]), "b": list(y["b"])}),
        )
    if kind == "bools":
        return X, y.assign(a=y["a"] == "x", b=pd.array([True, None, False, True] * 2, "boolean"))[
            ["a", "b"]
        ]
    if kind == "dates":
        return X, y.assign(a=pd.date_range("2020", periods=8))
    if kind == "sparse":
        return X, y.assign(b=pd.arrays.SparseArray([0, 1] * 4))
    if kind == "duplicates":
        return X.iloc[[0] * 8], y
    if kind == "index":
        return X.set_index(pd.Index([1] * 8)), y.set_index(pd.date_range("2020", periods=8))
    return X.iloc[::-1], y.iloc[::-1]


@pytest.mark.parametrize(
    "kind",
    ["categories", "nullable", "arrow", "polars", "bools", "dates", "sparse", "duplicates", "index", "reversed"],
)  # fmt: skip
def test_frames_of_every_kind(kind):
    pytest.importorskip("pyarrow")
    X, y = frame_of(kind)
    if kind == "polars":
        estimator().fit(X, y).predict(X)
        return
    assert check(X, y) == (kind != "dates")


def numbers(kind, tmp_path):
    X = np.random.default_rng(0).normal(size=(12, 3))
    if kind == "fortran":
        return np.asfortranarray(X)
    if kind == "strided":
        return np.repeat(X, 2, axis=0)[::2]
    if kind == "negative_stride":
        return X[::-1]
    if kind == "read_only":
        X.flags.writeable = False
        return X
    if kind == "mapped":
        np.save(tmp_path / "X.npy", X)
        return np.load(tmp_path / "X.npy", mmap_mode="r")
    if kind == "big_endian":
        return X.astype(">f8")
    if kind == "masked":
        return np.ma.masked_greater(X, 1)
    if kind == "matrix":
        return [list(row) for row in X]
    if kind == "nan":
        X[3, 1] = np.nan
    if kind == "infinite":
        X[3, 1] = np.inf
    if kind == "huge":
        X[3, 1] = 1e300
    if kind == "no_columns":
        return X[:, :0]
    if kind == "no_rows":
        return X[:0]
    if kind == "one_row":
        return X[:1]
    if kind in ("complex64", "object", "U", "S", "float16", "bool", "datetime64[D]"):
        return X.astype(int).astype(kind) if kind[0] == "d" else X.astype(kind)
    return X


KINDS = [
    "plain", "fortran", "strided", "negative_stride", "read_only", "mapped", "big_endian", "masked",
    "matrix", "nan", "infinite", "huge", "no_columns", "no_rows", "one_row", "complex64", "object",
    "U", "S", "float16", "bool", "datetime64[D]",
]  # fmt: skip
FINE = {"plain", "fortran", "strided", "negative_stride", "read_only", "mapped", "big_endian", "object", "float16", "bool", "matrix"}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_of_every_kind(kind, tmp_path):
    X = numbers(kind, tmp_path)
    worked = check(X, np.array([0, 1] * 6)[: len(X)])
    assert worked or kind not in FINE


@pytest.mark.parametrize("kind", ["fortran", "strided", "negative_stride", "read_only", "mapped", "big_endian"])  # fmt: skip
def test_stacks_of_images_of_every_kind(kind, tmp_path):
    X = np.random.default_rng(0).integers(0, 255, (12, 4, 4, 3), np.uint8)
    if kind == "big_endian":
        X = X.astype(">f4") / 255
    elif kind == "fortran":
        X = np.asfortranarray(X)
    elif kind == "strided":
        X = np.repeat(X, 2, axis=2)[:, :, ::2]
    elif kind == "negative_stride":
        X = X[:, ::-1]
    elif kind == "mapped":
        np.save(tmp_path / "X.npy", X)
        X = np.load(tmp_path / "X.npy", mmap_mode="r")
    else:
        X.flags.writeable = False
    y = np.array([0, 1] * 6)
    y.flags.writeable = False
    assert check(X, y)


SHAPES = [
    (), (0,), (8,), (8, 0), (8, 4), (0, 4, 4, 3), (8, 4, 4), (8, 0, 4, 3), (8, 4, 4, 0),
    (8, 4, 4, 7), (8, 4, 4, 3, 1), (8, 1, 1, 1), (8, 1, 300, 3), (8, 2, 2, 2),
]  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "dtype"),
    list(zip(SHAPES, itertools.cycle(["uint8", "float32", "int64"]), strict=False)),
)
def test_arrays_of_every_shape(shape, dtype):
    X = np.zeros(shape, dtype)
    check(X if shape else X.item(), np.array([0, 1] * 4)[: len(X) if shape else 8])


@pytest.mark.slow
@FUZZ
@given(st.data())
def test_patterns_of_missing_cells_and_labels(data):
    X, y = table()
    n = len(X)
    for frame in (X, y):
        for position in range(2):
            for row in data.draw(st.sets(st.integers(0, n - 1))):
                frame.iat[row, position] = data.draw(st.sampled_from([None, float("nan"), pd.NA]))
    check(X, y)


TARGETS = [
    None, 3, "a", {"a": 1}, [], [[]], [1, 2], [1] * 8, [[1, 2]] * 8, [[1], [2, 3]] * 4,
    np.zeros((8, 0)), np.zeros((8, 2, 2)), np.arange(8.0) + 0.5, np.arange(7), [None] * 8,
    pd.Series(["a", "b"] * 4, name=("x", 1)), pd.DataFrame(), iter([1, 2]), np.array(5), "ab" * 4,
    [{"a": 1}] * 8, np.array([1 + 1j, 2] * 4), pd.Series([pd.Timestamp("2020")] * 8),
]  # fmt: skip


@pytest.mark.parametrize("y", TARGETS, ids=lambda y: type(y).__name__)
def test_targets_of_every_shape(y):
    if hasattr(y, "__next__"):
        y = list(y)
    check(table()[0], y)


@pytest.mark.parametrize("X", [None, 3, "a", {"image": [1]}, [], [[]], [None] * 8, ["好"] * 8, [b"x"] * 8, [object()] * 8, [3] * 8, [[1, 2], [3]] * 4, pd.DataFrame(), pd.Series(["好"] * 8), range(8), {1, 2}], ids=lambda X: type(X).__name__)  # fmt: skip
def test_inputs_of_every_shape(X):
    model, y = estimator(), np.array([0, 1] * 4)
    before = dict(vars(model))
    try:
        model.fit(X, y)
    except (ValueError, TypeError) as error:
        judge(error)
        assert vars(model) == before
    else:
        assert len(model.predict(X)) == 8


def test_one_row_and_enormous_images():
    X, y = table()
    check(X[:1], y[:1])
    X.iat[0, 0] = np.broadcast_to(np.uint8(3), (10**6, 10**6, 3))
    images, y = X[["image"]], y
    model = estimator()
    with pytest.raises(ValueError, match=r"row|image"):
        model.fit(images, y)


def test_a_failed_fit_leaves_the_last_one(small_table):
    X, y = small_table
    model = estimator().fit(X, y)
    before = model.predict_proba(X)[0]
    with pytest.raises(ValueError, match="same number of rows"):
        model.fit(X, y[:30])
    np.testing.assert_array_equal(model.predict_proba(X)[0], before)
