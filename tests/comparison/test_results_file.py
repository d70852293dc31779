"""The file of finished runs loses nothing: torn lines, full disks, several processes."""

import errno
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from fake_techniques import NoisyRule, make_table

from skmtl.comparison import compare_techniques
from skmtl.comparison._results_file import ResultsFile, text_key

RUN = {
    "technique": "网络", "repeat": 0, "fold": 0, "seed": 0, "n_train": 4, "n_test": 2,
    "error": None, "scores": {"a": 0.5, "b": None}, "fit_seconds": 1.5,
}  # fmt: skip


def keys_of(path):
    return [json.loads(line)["key"] for line in path.read_bytes().splitlines()]


def filled(path, *keys):
    file = ResultsFile(path)
    for key in keys:
        file.append(key, RUN)
    return path.read_bytes()


def test_a_run_is_found_again(tmp_path):
    path = tmp_path / "runs.jsonl"
    content = filled(path, "one", "two")
    assert "网络" in content.decode()
    again = ResultsFile(path)
    assert len(again) == 2
    assert again.find("one") == RUN
    assert again.find("three") is None


def test_without_a_path_runs_are_kept_in_memory():
    file = ResultsFile(None)
    file.append("one", RUN)
    assert file.find("one") == RUN


def test_a_torn_last_line_is_ignored_and_removed_by_the_next_line(tmp_path):
    path = tmp_path / "runs.jsonl"
    content = filled(path, "one", "two")
    for cut in range(1, len(content) // 2 - 1):
        path.write_bytes(content[:-cut])
        file = ResultsFile(path)
        # without the end of its line alone, a run is whole
        assert len(file) == (2 if cut == 1 else 1)
        assert path.read_bytes() == content[:-cut]
        file.append("three", RUN)
        assert keys_of(path) == (["one", "two", "three"] if cut == 1 else ["one", "three"])


def test_opening_does_not_touch_what_another_process_goes_on_with(tmp_path):
    path = tmp_path / "runs.jsonl"
    content = filled(path, "one", "two")
    path.write_bytes(content[:-20])
    first, second = ResultsFile(path), ResultsFile(path)
    first.append("three", RUN)
    third = ResultsFile(path)
    second.append("four", RUN)
    third.append("five", RUN)
    assert keys_of(path) == ["one", "three", "four", "five"]


APPEND = """
import sys
from skmtl.comparison._results_file import ResultsFile
run = {"technique": "x" * 5000, "repeat": 0, "fold": 0, "seed": 0, "n_train": 4, "n_test": 2,
       "error": "no"}
for number in range(50):
    ResultsFile(sys.argv[1]).append(f"{sys.argv[2]} {number}", run)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="locks of POSIX")
def test_processes_at_a_time_lose_no_run(tmp_path):
    path = tmp_path / "runs.jsonl"
    arguments = [sys.executable, "-c", APPEND, str(path)]
    writers = [subprocess.Popen([*arguments, name]) for name in "abc"]
    assert [writer.wait(timeout=300) for writer in writers] == [0, 0, 0]
    assert sorted(keys_of(path)) == sorted(f"{n} {i}" for n in "abc" for i in range(50))


class FullDisk:
    """A file on a disk that takes some more bytes."""

    def __init__(self, file, room):
        self.file, self.room = file, room

    def __getattr__(self, name):
        return getattr(self.file, name)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.file.close()

    def write(self, data):
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        n = self.file.write(data[: self.room])
        self.room -= n
        return n


@pytest.mark.parametrize("room", [0, 1, 50])
def test_a_full_disk_ends_nothing_and_loses_nothing(tmp_path, monkeypatch, room):
    path = tmp_path / "runs.jsonl"
    filled(path, "one")
    file = ResultsFile(path)
    fdopen = os.fdopen
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdopen", lambda *a, **k: FullDisk(fdopen(*a, **k), room))
        with pytest.warns(UserWarning, match="results_path: a finished run cannot be written"):
            file.append("two", RUN)
    assert keys_of(path) == ["one"]
    assert len(ResultsFile(path)) == 1
    file.append("three", RUN)
    assert keys_of(path) == ["one", "two", "three"]


@pytest.mark.parametrize(
    "line",
    [
        b"dear diary",
        b"3",
        b"null",
        b"[]",
        b"{}",
        b'{"key": 3}',
        b"\xff\xfe",
        b"[" * 100_000,
        json.dumps({"key": "k", **RUN, "technique": None}).encode(),
        json.dumps({"key": "k", **RUN, "fold": "0"}).encode(),
        json.dumps({"key": "k", **RUN, "seed": 10**400}).encode(),
        json.dumps({"key": "k", **RUN, "scores": [1]}).encode(),
        json.dumps({"key": "k", **RUN, "scores": {"a": "high"}}).encode(),
        json.dumps({"key": "k", **RUN, "fit_seconds": float("inf")}).encode(),
        json.dumps({"key": "k", **{n: v for n, v in RUN.items() if n != "scores"}}).encode(),
    ],
    ids=lambda line: line[:20],
)
def test_what_is_no_run_is_refused_and_kept(tmp_path, line):
    path = tmp_path / "notes.txt"
    content = json.dumps({"key": "k", **RUN}).encode() + b"\n" + line + b"\n"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"results_path: line 2 of .*notes\.txt is not a run"):
        ResultsFile(path)
    assert path.read_bytes() == content


def test_a_place_that_cannot_be_written_is_an_error_before_any_run(tmp_path):
    X, y = make_table()
    with pytest.raises(OSError, match="results_path cannot be written"):
        compare_techniques({"a": NoisyRule()}, X, y, results_path=tmp_path / "no" / "runs.jsonl")


class Unprintable(NoisyRule):
    def fit(self, X, y):  # noqa: ARG002
        raise OSError("cannot read 'caf\udce9.png'")


def test_an_error_text_with_a_lone_surrogate_stops_nothing(tmp_path, capsys):
    X, y = make_table()
    path = tmp_path / "runs.jsonl"
    for _ in range(2):
        techniques = {"bad": Unprintable(), "good": NoisyRule()}
        comparison = compare_techniques(techniques, X, y, cv=2, results_path=path)
        assert comparison.summary["n_failed"].tolist() == [2, 0]
    assert r"cannot read 'caf\udce9.png'" in capsys.readouterr().out
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2 + 2 + 2


class Opaque:
    """An object with the default repr."""

    def __init__(self, rate):
        self.rate = rate


class Configured(Opaque):
    def get_config(self):
        return {"rate": self.rate}


@pytest.mark.parametrize(
    "make", [Opaque, Configured, lambda n: np.full(5000, n), lambda n: {"a": n}, lambda n: [n]]
)
def test_parameters_are_told_apart_by_content(make):
    assert text_key(make(1)) == text_key(make(1))
    assert text_key(make(1)) != text_key(make(2))


def test_what_cannot_be_hashed_has_its_name():
    assert re.fullmatch(r"<function .*<lambda>>", text_key(lambda: 1))
