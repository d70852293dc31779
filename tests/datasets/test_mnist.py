import hashlib
import io
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from skmtl.datasets import _mnist, fetch_mnist

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "mnist10k.npz"


def keras_archive():
    buffer = io.BytesIO()
    np.savez(
        buffer,
        x_train=np.zeros((3, 28, 28), np.uint8),
        y_train=np.array([0, 1, 2], np.uint8),
        x_test=np.ones((2, 28, 28), np.uint8),
        y_test=np.array([3, 4], np.uint8),
    )
    return buffer.getvalue()


def refuse(*_, **__):
    raise urllib.error.URLError("no route to host")


def test_reads_a_local_file_without_the_network(tmp_path, monkeypatch):
    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    (tmp_path / "digits.npz").write_bytes(keras_archive())
    X, y = fetch_mnist(path=tmp_path / "digits.npz")
    assert X.shape == (5, 28, 28)
    assert X.dtype == np.uint8
    assert y.tolist() == [0, 1, 2, 3, 4]
    assert X[-1].all()


def test_a_copy_in_data_home_is_used(tmp_path, monkeypatch):
    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    (tmp_path / "mnist.npz").write_bytes(keras_archive())
    assert fetch_mnist(data_home=tmp_path)[0].shape == (5, 28, 28)


def test_downloads_once_and_checks_the_content(tmp_path, monkeypatch):
    calls = []

    def open_url(url, **_):
        calls.append(url)
        return io.BytesIO(keras_archive())

    monkeypatch.setattr(urllib.request, "urlopen", open_url)
    with pytest.raises(ValueError, match="damaged"):
        fetch_mnist(data_home=tmp_path)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(_mnist, "_SHA256", hashlib.sha256(keras_archive()).hexdigest())
    for _ in range(2):
        assert fetch_mnist(data_home=tmp_path / "new")[0].shape == (5, 28, 28)
    assert len(calls) == 2
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["mnist.npz"]


def test_neither_copy_nor_network(tmp_path, monkeypatch):
    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    with pytest.raises(OSError, match=r"neither at .* nor reachable .*fetch_mnist\(path="):
        fetch_mnist(data_home=tmp_path)


@pytest.mark.parametrize(
    ("content", "error", "match"),
    [
        (None, FileNotFoundError, "there is none at"),
        (b"not an archive", ValueError, "not a readable .npz archive"),
    ],
)
def test_unusable_files(tmp_path, content, error, match):
    path = tmp_path / "mnist.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error, match=match):
        fetch_mnist(path=path)


def test_an_archive_with_other_arrays(tmp_path):
    np.savez(tmp_path / "other.npz", pixels=np.zeros(3))
    with pytest.raises(ValueError, match=r"must hold the arrays .*; it holds pixels"):
        fetch_mnist(path=tmp_path / "other.npz")


@pytest.mark.skipif(not SHARED.exists(), reason="the shared MNIST sample is absent")
def test_real_digits():
    X, y = fetch_mnist(path=SHARED)
    assert X.shape == (10000, 28, 28)
    assert np.bincount(y).min() > 800
