"""Features of frozen backbones are computed once, and no damage gives wrong ones."""

import copy
import json
import multiprocessing
import os
import pickle
import signal
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

from skmtl.backbones._feature_file import open_features
from skmtl.backbones.feature_cache import (
    FeatureCache,
    FolderFeatureCache,
    MemoryFeatureCache,
    _row_keys,
    as_feature_cache,
    cached_features,
)

RNG = np.random.default_rng(0)


class Encoder:
    """Doubles rows and remembers how many it was given."""

    def __init__(self):
        self.n_rows = 0

    def __call__(self, rows):
        self.n_rows += len(rows)
        return rows.reshape(len(rows), -1).astype(np.float32) * 2


@pytest.fixture(params=["memory", "folder"])
def cache(request, tmp_path):
    return MemoryFeatureCache() if request.param == "memory" else FolderFeatureCache(tmp_path)


# -- each distinct row once ----------------------------------------------------------------


@given(st.lists(st.lists(st.integers(0, 5), max_size=12), min_size=1, max_size=6))
def test_each_distinct_row_is_computed_once(calls):
    cache, encoder = MemoryFeatureCache(), Encoder()
    for numbers in calls:
        rows = np.array(numbers, np.int32).reshape(-1, 1)
        features = cached_features(cache, b"x", rows, encoder)
        np.testing.assert_array_equal(features.ravel(), 2 * rows.ravel())
    assert encoder.n_rows == len({number for numbers in calls for number in numbers})


def test_a_hit_is_the_same_bits(cache):
    rows = RNG.normal(size=(20, 3, 2))
    first = cached_features(cache, b"x", rows, Encoder())
    second = cached_features(cache, b"x", rows[::-1], None)
    np.testing.assert_array_equal(first, second[::-1])
    assert first.dtype == second.dtype == np.float32


@pytest.mark.parametrize(
    "change",
    [
        lambda _, rows: (b"other weights", rows),
        lambda identity, rows: (identity, rows + 1),
        lambda identity, rows: (identity, rows.astype(np.uint32)),
        lambda identity, rows: (identity, rows.reshape(1, 4, 1)),
    ],
    ids=["identity", "content", "dtype", "shape"],
)
def test_whatever_features_depend_on_is_in_the_key(cache, change):
    rows = np.zeros((1, 2, 2), np.int32)
    encoder = Encoder()
    cached_features(cache, b"weights", rows, encoder)
    cached_features(cache, *change(b"weights", rows), encoder)
    assert encoder.n_rows == 2


def test_no_rows(cache):
    assert len(cached_features(cache, b"x", np.zeros((0, 3)), None)) == 0


def test_threads_wait_for_each_other_instead_of_computing_twice(cache):
    rows, encoder = np.arange(50).reshape(-1, 1), Encoder()

    def slowly(missing):
        time.sleep(0.05)
        return encoder(missing)

    threads = [
        threading.Thread(target=cached_features, args=(cache, b"x", rows, slowly)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert encoder.n_rows == 50


# -- memory --------------------------------------------------------------------------------


def test_memory_is_bounded_and_the_longest_unused_goes_first():
    cache, encoder = MemoryFeatureCache(max_bytes=3 * 8), Encoder()
    rows = np.arange(10, dtype=np.int32).reshape(5, 2)
    for row in (0, 1, 2, 0, 3):  # 1 is unused for longest when 3 comes
        cached_features(cache, b"x", rows[[row]], encoder)
    assert len(cache) == 3
    assert encoder.n_rows == 4
    cached_features(cache, b"x", rows[[0, 2, 3]], encoder)
    assert encoder.n_rows == 4
    cached_features(cache, b"x", rows[[1]], encoder)
    assert encoder.n_rows == 5


def test_a_cache_of_no_bytes_keeps_nothing():
    cache, encoder = MemoryFeatureCache(max_bytes=0), Encoder()
    for _ in range(2):
        cached_features(cache, b"x", np.ones((3, 1)), encoder)
    assert encoder.n_rows == 2
    assert len(cache) == 0


def test_what_a_caller_does_to_features_does_not_reach_the_cache(cache):
    rows = np.ones((1, 2))
    for _ in range(2):
        features = cached_features(cache, b"x", rows, Encoder())
        np.testing.assert_array_equal(features, [[2, 2]])
        features[:] = 0


# -- folder --------------------------------------------------------------------------------


def test_another_cache_on_the_same_folder_computes_nothing(tmp_path):
    rows = RNG.normal(size=(7, 4))
    first = cached_features(FolderFeatureCache(tmp_path / "new"), b"x", rows, Encoder())
    second = cached_features(FolderFeatureCache(tmp_path / "new"), b"x", rows, None)
    np.testing.assert_array_equal(first, second)


def test_rows_that_another_process_wrote_meanwhile_are_seen(tmp_path):
    ours, theirs = FolderFeatureCache(tmp_path), FolderFeatureCache(tmp_path)
    cached_features(ours, b"x", np.zeros((1, 2)), Encoder())
    cached_features(theirs, b"x", np.ones((1, 2)), Encoder())
    np.testing.assert_array_equal(cached_features(ours, b"x", np.ones((1, 2)), None), [[2, 2]])


def test_features_of_several_widths_share_a_folder(tmp_path):
    cache = FolderFeatureCache(tmp_path)
    for width in (2, 3):
        cached_features(cache, b"x", np.ones((2, width)), Encoder())
    fresh = FolderFeatureCache(tmp_path)
    assert cached_features(fresh, b"x", np.ones((2, 3)), None).shape == (2, 3)


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"not an array"])
def test_a_damaged_file_is_computed_again(tmp_path, content):
    cached_features(FolderFeatureCache(tmp_path), b"x", np.ones((1, 2)), Encoder())
    for file in tmp_path.iterdir():
        file.write_bytes(content)
    encoder = Encoder()
    cached_features(FolderFeatureCache(tmp_path), b"x", np.ones((1, 2)), encoder)
    assert encoder.n_rows == 1


def test_a_cut_off_file_is_computed_again(tmp_path):
    rows = RNG.normal(size=(50, 8))
    cached_features(FolderFeatureCache(tmp_path), b"x", rows, Encoder())
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-100])
    encoder = Encoder()
    features = cached_features(FolderFeatureCache(tmp_path), b"x", rows, encoder)
    np.testing.assert_array_equal(features, Encoder()(rows))
    assert encoder.n_rows == 50


def test_no_damage_gives_wrong_features(tmp_path):
    rows = RNG.normal(size=(6, 3))
    right = cached_features(FolderFeatureCache(tmp_path), b"x", rows, Encoder())
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    n_header = whole.index(b"\n") + 1
    rng = np.random.default_rng(0)
    places = [*range(n_header), *rng.integers(n_header, len(whole), 300)]
    n_missed = 0
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= rng.integers(1, 256)
        file.write_bytes(damaged)
        found = FolderFeatureCache(tmp_path).get_many(_row_keys(b"x", rows))
        for one, expected in zip(found, right, strict=True):
            assert one is None or np.array_equal(one, expected)
        n_missed += any(one is None for one in found)
    assert n_missed == len(places)  # every damage is noticed
    for end in rng.integers(0, len(whole), 50):
        file.write_bytes(whole[:end])
        encoder = Encoder()
        cached_features(FolderFeatureCache(tmp_path), b"x", rows, encoder)
        assert encoder.n_rows == 6
        for other in set(tmp_path.iterdir()) - {file}:
            other.unlink()


@pytest.mark.parametrize(
    "header",
    [
        {"dtype": "O"},
        {"dtype": "float32,float32"},
        {"dtype": ["float32"]},
        {"shape": [2**50]},
        {"shape": [-1]},
        {"shape": 3},
        {"n_rows": True},
        {"n_rows": 10**30},
        {"format": "skmtl features 2"},
    ],
)
def test_a_malformed_header_is_a_miss(tmp_path, header):
    good = {"format": "skmtl features 1", "n_rows": 1, "shape": [1], "dtype": "float32"}
    path = tmp_path / "a.features"
    path.write_bytes(json.dumps(good).encode() + b"\n" + bytes(16 + 8 + 4))
    assert open_features(path) is not None
    path.write_bytes(json.dumps(good | header).encode() + b"\n" + bytes(16 + 8 + 4))
    assert open_features(path) is None


def test_what_is_no_file_is_a_miss(tmp_path):
    (tmp_path / "folder.features").mkdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.features")  # opening it would wait for ever
    (tmp_path / "link.features").symlink_to(tmp_path / "nothing")
    assert FolderFeatureCache(tmp_path).get_many([b"k" * 16]) == [None]


def test_a_file_that_was_deleted_is_computed_again(tmp_path):
    rows = np.ones((1, 2))
    cache, encoder = FolderFeatureCache(tmp_path), Encoder()
    for n_encoded in (1, 2):
        for _ in range(2):  # the second time from the file
            cached_features(cache, b"x", rows, encoder)
            assert encoder.n_rows == n_encoded
        for file in tmp_path.iterdir():
            file.unlink()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask for files")
def test_files_follow_the_umask_so_that_a_folder_can_be_shared(tmp_path):
    before = os.umask(0o002)
    try:
        cached_features(FolderFeatureCache(tmp_path / "shared"), b"x", np.ones((1, 2)), Encoder())
    finally:
        os.umask(before)
    (file,) = (tmp_path / "shared").iterdir()
    assert oct(file.stat().st_mode & 0o777) == "0o664"


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "bfloat16"])
def test_features_come_back_in_their_dtype(tmp_path, dtype):
    features = np.array([[0.5, -1.0], [3.0, 4.0]]).astype(dtype)
    FolderFeatureCache(tmp_path).put_many([b"a" * 16, b"b" * 16], features)
    found = FolderFeatureCache(tmp_path).get_many([b"b" * 16, b"a" * 16])
    assert [one.dtype.name for one in found] == [dtype, dtype]
    np.testing.assert_array_equal(np.stack(found).astype(float), [[3.0, 4.0], [0.5, -1.0]])


def write_for_ever(folder):
    cache = FolderFeatureCache(folder)
    for number in range(10**9):
        cached_features(cache, b"x", np.full((40, 500), number) + np.arange(40)[:, None], Encoder())


def test_writers_at_once_and_a_kill_at_any_moment_leave_only_right_features(tmp_path):
    context = multiprocessing.get_context("fork" if hasattr(os, "fork") else "spawn")
    processes = [context.Process(target=write_for_ever, args=(tmp_path,)) for _ in range(3)]
    for process in processes:
        process.start()
    deadline = time.monotonic() + 20
    while len(list(tmp_path.glob("*.features"))) < 20 and time.monotonic() < deadline:
        time.sleep(0.01)
    for process in processes:
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    assert list(tmp_path.glob("*.features"))
    rows = np.full((30, 500), 0) + np.arange(30)[:, None]
    encoder = Encoder()
    features = cached_features(FolderFeatureCache(tmp_path), b"x", rows, encoder)
    np.testing.assert_array_equal(features, 2 * rows)
    assert encoder.n_rows == 0


# -- as a parameter ------------------------------------------------------------------------


def test_a_copy_is_the_cache_itself(cache):
    assert copy.deepcopy(cache) is cache
    assert clone(cache, safe=False) is cache


def test_pickling(tmp_path):
    memory, folder = MemoryFeatureCache(max_bytes=99), FolderFeatureCache(tmp_path)
    memory.put_many([b"k" * 16], np.ones((1, 2)))
    other = pickle.loads(pickle.dumps(memory))
    assert other.max_bytes == 99
    assert len(other) == 0
    assert pickle.loads(pickle.dumps(folder)).folder == tmp_path


def test_as_feature_cache(tmp_path):
    assert as_feature_cache(None) is as_feature_cache(None)
    assert isinstance(as_feature_cache(str(tmp_path)), FolderFeatureCache)
    cache = MemoryFeatureCache()
    assert as_feature_cache(cache) is cache
    with pytest.raises(TypeError, match=r"feature_cache must be None, a folder or .*; got int 3"):
        as_feature_cache(3)
    with pytest.raises(ValueError, match="max_bytes must be an int >= 0; got -1"):
        MemoryFeatureCache(max_bytes=-1)


def test_a_cache_of_ones_own():
    class DictCache(FeatureCache):
        def __init__(self):
            self.content = {}

        def get_many(self, keys):
            return [self.content.get(key) for key in keys]

        def put_many(self, keys, features):
            self.content.update(zip(keys, features, strict=True))

    cache, encoder = DictCache(), Encoder()
    for _ in range(2):
        cached_features(as_feature_cache(cache), b"x", np.ones((3, 1)), encoder)
    assert encoder.n_rows == 1
