"""Segmenters: which one, that they leave the process alone, user words, speed on long runs."""

import multiprocessing
import os
import subprocess
import sys
import threading
import time
import types

import pytest

from skmtl.preprocessing import JiebaTokenizer, _segment
from skmtl.preprocessing._segment import PROBES, fingerprint, get_segmenter
from skmtl.preprocessing._segment_jieba import JiebaSegmenter
from skmtl.preprocessing._segment_rjieba import HybridSegmenter

TEXT = "小明硕士毕业于中国科学院计算所"


@pytest.fixture
def no_segmenters(monkeypatch):
    """An empty registry, so that segmenters are built again."""
    monkeypatch.setattr(_segment, "_segmenters", _segment.BoundedCache(_segment.MAX_SEGMENTERS))


def test_engines():
    assert isinstance(get_segmenter("jieba"), JiebaSegmenter)
    assert isinstance(get_segmenter("auto"), HybridSegmenter)
    assert isinstance(get_segmenter("auto", (("云计算", None),)), JiebaSegmenter)
    assert get_segmenter("auto") is get_segmenter("auto")


@pytest.mark.usefixtures("no_segmenters")
def test_without_rjieba_auto_is_jieba(monkeypatch):
    monkeypatch.setitem(sys.modules, "rjieba", None)
    assert isinstance(get_segmenter("auto"), JiebaSegmenter)


@pytest.mark.usefixtures("no_segmenters")
def test_auto_does_not_trust_an_rjieba_that_cuts_otherwise(monkeypatch):
    class Other:
        def cut(self, text, hmm):  # noqa: ARG002
            return list(text)

        def add_word(self, word, freq, tag):
            pass

    monkeypatch.setitem(sys.modules, "rjieba", types.SimpleNamespace(Jieba=Other))
    assert isinstance(get_segmenter("auto"), JiebaSegmenter)


@pytest.mark.slow
def test_words_added_to_rjieba_by_others_do_not_show():
    code = (
        "import rjieba; rjieba.add_word('毕业于中国科学院', 10**9, None);"
        "from skmtl.preprocessing._segment import get_segmenter;"
        f"print([len(get_segmenter(e).cut({TEXT!r}, True)) for e in ('auto', 'jieba')])"
    )
    assert run_python(code).stdout.strip() == "[6, 6]"


@pytest.mark.parametrize("mode", ["default", "search"])
@pytest.mark.parametrize("hmm", [True, False])
def test_fingerprint_is_equal_where_words_are(mode, hmm):
    exact = {fingerprint(get_segmenter(name), mode, hmm) for name in ("auto", "jieba")}
    assert len(exact) == 1
    assert fingerprint(get_segmenter("jieba", (("云计算", None),)), mode, hmm) not in exact
    assert fingerprint(get_segmenter("jieba"), mode, not hmm) not in exact


def test_probes_have_the_words_of_jieba(jieba_reference):
    words = [jieba_reference.lcut(text, HMM=False) for text in PROBES]
    assert _segment._digest(words) == _segment.PATHS_DIGEST


@pytest.mark.usefixtures("no_segmenters")
def test_registry_is_bounded():
    first = get_segmenter("jieba", (("词零", None),))
    for number in range(_segment.MAX_SEGMENTERS):
        get_segmenter("jieba", ((f"词{number}", None),))
    assert len(_segment._segmenters) == _segment.MAX_SEGMENTERS
    assert get_segmenter("jieba", (("词零", None),)) is not first


@pytest.mark.usefixtures("no_segmenters")
def test_threads_share_one_segmenter():
    found = []
    barrier = threading.Barrier(4)

    def find():
        barrier.wait()
        segmenter = get_segmenter("auto")
        found.append((segmenter, segmenter.cut(TEXT * 50, True)))

    threads = [threading.Thread(target=find) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(segmenter) for segmenter, _ in found}) == 1
    assert all(words == found[0][1] for _, words in found)


@pytest.mark.parametrize("engine", ["auto", "jieba"])
@pytest.mark.parametrize("run", ["哈", "的", "佇", "云计算"])
def test_64000_characters_in_a_row_take_linear_time(engine, run):
    # well below a second on a quiet machine; what is quadratic takes minutes
    segmenter = get_segmenter(engine)
    text = run * (64_000 // len(run))
    start = time.process_time()
    words = segmenter.cut(text, True)
    assert time.process_time() - start < 20
    assert "".join(words) == text


def run_python(code, *options, **environment):
    """Run code in a new Python, which must succeed."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | environment
    command = [sys.executable, *options, "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, env=env, timeout=600)
    assert result.returncode == 0, result.stderr
    return result


CUT_WITH_EACH_ENGINE = f"""
import logging, random, sys, warnings
import numpy as np
from skmtl.preprocessing._segment import get_segmenter

def global_state():
    handlers = logging.root.handlers[:], logging.root.level, list(logging.root.manager.loggerDict)
    return handlers, warnings.filters[:], random.getstate(), np.random.get_state()[1].tolist()

before = global_state()
for engine in ("jieba", "auto"):
    print(len(get_segmenter(engine).cut({TEXT!r}, True)))
get_segmenter("jieba", (("云计算", None),)).cut({TEXT!r}, True)
assert global_state() == before
assert "jieba" not in sys.modules
"""


@pytest.mark.slow
def test_leaves_no_trace_and_raises_no_warning(tmp_path):
    result = run_python(CUT_WITH_EACH_ENGINE, "-W", "error", TMPDIR=str(tmp_path))
    assert result.stdout.split() == ["6", "6"]
    assert result.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_global_tokenizer_of_jieba_is_untouched(jieba_reference):
    jieba = sys.modules[type(jieba_reference).__module__]
    assert not jieba.dt.initialized
    JiebaTokenizer(user_words=["毕业于中国科学院", "中国科学院 0"]).fit_transform([TEXT])
    assert not jieba.dt.initialized
    assert jieba.dt.FREQ == {}
    assert jieba.finalseg.Force_Split_Words == set()


WORKERS = """
import multiprocessing
import sys
from skmtl.preprocessing import JiebaSequencer, JiebaTokenizer

if __name__ == "__main__":
    texts = ["小明硕士毕业于中国科学院计算所", "云计算的服务很好"]
    sequencer = JiebaSequencer(max_len=8, tokenizer=JiebaTokenizer(user_words=["云计算"])).fit(texts)
    tokenizer = JiebaTokenizer()
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        ids = pool.map(sequencer.transform, [texts] * 3)
        words = pool.map(tokenizer.transform, [texts] * 3)
    assert all((part == sequencer.transform(texts)).all() for part in ids)
    assert all((part == tokenizer.transform(texts)).all() for part in words)
    print("equal")
"""


@pytest.mark.slow
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers(method, tmp_path):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this platform has no {method}")
    script = tmp_path / "workers.py"
    script.write_text(WORKERS, encoding="utf-8")
    command = [sys.executable, "-W", "error", str(script), method]
    result = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert (result.stdout.strip(), result.stderr) == ("equal", "")


@pytest.mark.slow
def test_fork_while_another_thread_builds():
    if not hasattr(os, "fork"):
        pytest.skip("this platform has no fork")
    code = (
        "import os, threading, time\n"
        "from skmtl.preprocessing import _segment\n"
        "build = _segment._build\n"
        "def slow(*key):\n"
        "    time.sleep(0.5)\n"
        "    return build(*key)\n"
        "_segment._build = slow\n"
        "thread = threading.Thread(target=_segment.get_segmenter)\n"
        "thread.start()\n"
        "time.sleep(0.1)\n"
        "child = os.fork()\n"
        "words = _segment.get_segmenter().cut('云计算', True)\n"
        "if child == 0:\n"
        "    os._exit(0 if _segment._segmenters else 1)\n"
        "thread.join()\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
    )
    run_python(code, "-W", "ignore")
