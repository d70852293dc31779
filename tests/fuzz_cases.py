"""Odd cells, and the check that every fuzz test makes."""

import copy
import re
import traceback
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, settings
from sklearn.utils import validation

import skmtl
from skmtl import MultiTaskClassifier

HOME = Path(skmtl.__file__).parent
PLACE = re.compile(r"\b(X|y|rows?|columns?|tasks?)\b")

# one small shape each: a program is compiled once, and every table is then quick
FUZZ = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
LABELS = [
    "a", "b", "None", "nan", "NaN", "", " ", "\ud800", "\x00", "猫", "🐱", "a\u0301", "-1", "True",
    None, float("nan"), pd.NA, pd.NaT, 0, 1, -1, 2**63, 10**30, True, False, 1.5, 2.0, float("inf"),
    -0.0, 1 + 2j, b"a", (1, 2), np.float32(1), np.str_("a"), np.datetime64("2020-01-01"), object(),
    [1], {"a": 1},
]  # fmt: skip
TEXTS = [
    "好", "坏 天气", "", " ", "\n", "None", "nan", "\ud800", "\x00", "🐱", "a" * 5000, "好" * 3000,
    None, float("nan"), pd.NA, 3, 3.5, True, b"text", ["好", "坏"], [], np.str_("好"), ("好",),
]  # fmt: skip


def pixels(shape=(4, 4, 3), dtype=np.uint8, value=7):
    return np.full(shape, value).astype(dtype)


IMAGES = [
    pixels(), pixels(value=200), None, float("nan"), pd.NA, pixels((4, 4)), pixels((5, 4, 3)),
    pixels((4, 4, 1)), pixels((4, 4, 4)), pixels((4, 4, 5)), pixels((0, 4, 3)), pixels((4, 0, 3)),
    pixels((4,)), pixels(()), pixels((1, 4, 4, 3)), pixels(dtype=np.float32), pixels(dtype=np.int64),
    pixels(dtype=bool), pixels(dtype=np.float16), pixels(dtype=complex), pixels(dtype="U3"),
    pixels(value=-3, dtype=np.int64), pixels(value=300, dtype=np.int64),
    pixels(value=np.nan, dtype=np.float32), pixels(value=np.inf, dtype=np.float64),
    pixels().tolist(), "no/such/file.png", b"no image", b"", "", 3, object(),
    pixels((8, 8, 3))[::2, ::2], np.asfortranarray(pixels()), pixels()[::-1],
]  # fmt: skip


def estimator():
    return MultiTaskClassifier(
        epochs=1, random_state=0, batch_size=8, image_backbone="small_cnn",
    ).set_params(image_backbone__filters=(2,), text_backbone__embedding_dim=4, tokenizer__max_len=4)  # fmt: skip


def snapshot(table):
    return copy.deepcopy(table)


def same(a, b) -> bool:
    """Return whether two tables are the same, cell by cell."""
    if isinstance(a, pd.DataFrame | pd.Series):
        same_names = repr(list(a.axes[-1])) == repr(list(b.axes[-1]))
        kinds = [a.dtypes] if isinstance(a, pd.Series) else list(a.dtypes)
        others = [b.dtypes] if isinstance(b, pd.Series) else list(b.dtypes)
        return same_names and kinds == others and same(a.to_numpy(object), b.to_numpy(object))
    if isinstance(a, np.ndarray):
        if type(b) is not type(a) or a.shape != b.shape or a.dtype != b.dtype:
            return False
        if a.dtype == object:
            return all(same(x, y) for x, y in zip(a.ravel(), b.ravel(), strict=True))
        return a.tobytes() == b.tobytes()
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return type(a) is type(b) and (type(a) is object or repr(a) == repr(b))


def judge(error):
    """Assert that an error is raised by skmtl itself and says where it is.

    The one exception are scikit-learn's checks of arrays: its estimator checks ask for their words.
    """
    assert type(error) in (ValueError, TypeError), f"not ours: {error!r}"
    raised = Path(traceback.extract_tb(error.__traceback__)[-1].filename)
    if raised == Path(validation.__file__):
        return
    assert raised.is_relative_to(HOME), f"raised in {raised}: {error!r}"
    assert PLACE.search(str(error)), f"names no parameter, column, task or row: {error!r}"


def check(X, y, model=None):
    """Fit and predict; anything but success or an error of ours fails. Return whether it worked."""
    model = estimator() if model is None else model
    before, X_before, y_before = dict(vars(model)), snapshot(X), snapshot(y)
    try:
        model.fit(X, y)
    except (ValueError, TypeError) as error:
        judge(error)
        assert vars(model) == before, "a half-fitted estimator"
        worked = False
    else:
        worked = True
        n_rows = len(X)
        predicted = model.predict(X)
        assert len(predicted) == n_rows
        probabilities = model.predict_proba(X)
        probabilities = probabilities if isinstance(probabilities, list) else [probabilities]
        for task in probabilities:
            assert task.shape[0] == n_rows
            assert np.isfinite(task).all()
            np.testing.assert_allclose(task.sum(axis=1), 1, atol=1e-4)
    assert same(X, X_before), "X was changed"
    assert same(y, y_before), "y was changed"
    return worked


def column(cells, n, seed):
    """Return an object column whose cells are mostly good ones."""
    values = np.empty(n, object)
    for row in range(n):
        values[row] = cells[(row * 7 + seed) % len(cells)]
    return values


def table(n=8):
    images, texts = column([pixels(), pixels(value=90)], n, 0), column(["好", "坏 天气"], n, 0)
    X = pd.DataFrame({"image": images, "text": texts}, dtype=object)
    y = pd.DataFrame({"a": ["x", "y"] * (n // 2), "b": [0, 1, 2, 1] * (n // 4)})
    return X, y.astype(object)
