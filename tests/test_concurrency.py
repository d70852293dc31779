"""One estimator in several threads and processes, one folder cache in two processes."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from small_table import make_small_table

import skmtl
from skmtl.backbones.feature_cache import FolderFeatureCache, cached_features


@pytest.fixture(scope="module")
def fitted():
    X, y = make_small_table(60)
    return skmtl.MultiTaskClassifier(epochs=1, random_state=0).fit(X, y), X


def predict_file(path, n_samples):
    """In another process: load and predict."""
    X, _ = make_small_table(n_samples)
    return skmtl.load(path).predict_proba(X)


def test_threads_predict_the_same_bits(fitted):
    model, X = fitted
    expected = model.predict_proba(X)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: model.predict_proba(X), range(40)))
    for probabilities in found:
        for a, b in zip(probabilities, expected, strict=True):
            np.testing.assert_array_equal(a, b)


def test_threads_fit_the_same_bits(fitted):
    model, X = fitted
    _, y = make_small_table(60)

    def fit(_):
        return skmtl.MultiTaskClassifier(epochs=1, random_state=0).fit(X, y).predict_proba(X)

    with ThreadPoolExecutor(2) as pool:
        for probabilities in pool.map(fit, range(4)):
            for a, b in zip(probabilities, model.predict_proba(X), strict=True):
                np.testing.assert_array_equal(a, b)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_workers_predict_the_same_bits(method, fitted, tmp_path):
    model, X = fitted
    model.save(tmp_path / "m")
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        found = list(pool.map(predict_file, [tmp_path / "m"] * 2, [60] * 2))
    for probabilities in found:
        for a, b in zip(probabilities, model.predict_proba(X), strict=True):
            np.testing.assert_array_equal(a, b)


def fill(folder, seed):
    """In another process: compute features of overlapping rows."""
    rows = np.random.default_rng(seed).integers(0, 50, (200, 1))
    found = cached_features(FolderFeatureCache(folder), b"double", rows, lambda x: 2.0 * x)
    return bool((found == 2.0 * rows).all())


@pytest.mark.slow
def test_two_processes_share_a_feature_cache(tmp_path):
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        assert all(pool.map(fill, [tmp_path] * 8, range(8)))
    rows = np.arange(50)[:, None]

    def refuse(_rows):
        raise AssertionError("a feature was computed again")

    seen = np.unique([np.random.default_rng(s).integers(0, 50, (200, 1)) for s in range(8)])
    cached_features(FolderFeatureCache(tmp_path), b"double", rows[seen], refuse)
