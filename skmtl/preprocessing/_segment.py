"""The segmenters of this process: built once, shared, never pickled.

Estimators hold parameters only; `get_segmenter` finds the segmenter that they ask for.
"""

import hashlib
import os
import threading

from skmtl._runtime.lru import BoundedCache
from skmtl.preprocessing._hmm import CharacterModel
from skmtl.preprocessing._segment_jieba import JiebaSegmenter
from skmtl.preprocessing._segment_rjieba import HybridSegmenter
from skmtl.preprocessing._segmenter import Segmenter
from skmtl.preprocessing._tables import dictionary_key, load_hmm, load_words

ENGINES = ("auto", "jieba")
MAX_SEGMENTERS = 8  # one with user words takes about 50 MiB

# Words that the dictionary joins, words that only the model joins, and everything that other
# builds of jieba's tables or rules are known to treat differently.
PROBES = (
    "这家酒店的房间很干净，服务员态度也不错！",
    "我来到北京清华大学，他来到了网易杭研大厦",
    "小明硕士毕业于中国科学院计算所，后在日本京都大学深造",
    "工信处女干事每月经过下属科室都要亲口交代24口交换机等技术性器件的安装工作",
    "結婚的和尚未結婚的，臺灣大學與龍鳳呈祥",
    "李小福是创新办主任也是云计算方面的专家",
    "乒乓球拍卖完了，南京市长江大桥，研究生命起源",
    "他说的确实在理；永和服装饰品有限公司",
    "check-in 2-3 天，1.6G 内存，3.5%，C++ 和 c#，T恤 AT&T v1.2.3",
    "㐀龦鿫豈𠀀\r\n哈哈哈哈 的的的 \u3000①②③ 😀👍🏽",
    "仿佛伫立佇立于氤氲之间，踟蹰徘徊",
    # Two ways whose log probabilities are less than 1e-7 apart: they show the dictionary's total.
    "叠加入时，灯黑豹骨，胶粒子息，三五种子鸡，嚷叫嚣然，林火炮台",
)
# Of the words of PROBES without the model, by jieba 0.42.1.
PATHS_DIGEST = "ed9076233f8c51d78738d697df760f2f4fdfa3dc9a18e45a2e144b7f733803aa"

_segmenters = BoundedCache(MAX_SEGMENTERS)
_lock = threading.RLock()


def get_segmenter(engine: str = "auto", user_words=(), dictionary=None) -> Segmenter:
    """Return this process' segmenter for an engine, user words and a dictionary.

    Parameters
    ----------
    engine : {"auto", "jieba"}
        Whether rjieba may be used; the words are the same.
    user_words : tuple of (str, int or None)
        As `parse_user_words` returns them.
    dictionary : None or path
        A file to use instead of jieba's dictionary.

    Raises
    ------
    ValueError
        If the dictionary is no file, or malformed.
    ImportError
        If jieba's tables are not there.
    """
    key = (engine, user_words, dictionary_key(dictionary))
    with _lock:
        segmenter = _segmenters.get(key)
        if segmenter is None:
            segmenter = _build(*key)
            _segmenters.put(key, segmenter)
        return segmenter


def fingerprint(segmenter: Segmenter, mode: str, hmm: bool) -> str:
    """Return a digest that is equal where the words of texts are meant to be equal."""
    cut = segmenter.cut_for_search if mode == "search" else segmenter.cut
    return _digest([segmenter.digest, mode, hmm, [cut(text, hmm) for text in PROBES]])


def _build(engine: str, user_words: tuple, dictionary: tuple | None) -> Segmenter:
    model = CharacterModel(load_hmm())
    if engine == "auto" and not user_words and dictionary is None:
        hybrid = _hybrid_or_none(model)
        if hybrid is not None:
            return hybrid
    return JiebaSegmenter(load_words(dictionary), model, user_words)


def _hybrid_or_none(model: CharacterModel) -> HybridSegmenter | None:
    """Return a segmenter on rjieba, unless that is not installed or finds other paths than jieba.

    The object is made here: words that others add to rjieba's global one do not show.
    """
    try:
        from rjieba import Jieba
    except ImportError:
        return None
    rjieba = Jieba()
    hybrid = HybridSegmenter(rjieba, model)
    if not _has_paths(hybrid):
        # jieba's dictionary has one line twice ("B超 3") and counts both in its total; rjieba
        # counts one. A word that no text can match makes up the difference.
        rjieba.add_word("\0", 3, None)
    return hybrid if _has_paths(hybrid) else None


def _has_paths(segmenter: Segmenter) -> bool:
    """Return whether the words of PROBES without a model are those of jieba 0.42.1."""
    return _digest([segmenter.cut(text, False) for text in PROBES]) == PATHS_DIGEST


def _digest(value) -> str:
    return hashlib.sha256(ascii(value).encode()).hexdigest()


def _renew_lock() -> None:
    global _lock
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    # A child is never forked while a segmenter is half built; finished ones are shared with it.
    os.register_at_fork(
        before=lambda: _lock.acquire(),
        after_in_parent=lambda: _lock.release(),
        after_in_child=_renew_lock,
    )
