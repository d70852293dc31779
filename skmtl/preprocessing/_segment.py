"""The segmenters of this process: built once, shared, never pickled.

Estimators hold parameters only; `get_segmenter` finds the segmenter that they ask for.
"""

import hashlib
import os
import threading

from skmtl._runtime.lru import BoundedCache
from skmtl.preprocessing._hmm import CharacterModel
from skmtl.preprocessing._segment_jieba import JiebaSegmenter
from skmtl.preprocessing._segment_rjieba import HybridSegmenter, RjiebaSegmenter
from skmtl.preprocessing._segmenter import Segmenter
from skmtl.preprocessing._tables import dictionary_key, load_hmm, load_words
from skmtl.preprocessing._user_words import parse_user_words

ENGINES = ("auto", "jieba", "rjieba")
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


def get_segmenter(engine: str = "auto", user_words=None, dictionary=None) -> Segmenter:
    """Return this process' segmenter for an engine, user words and a dictionary.

    Raises
    ------
    ValueError, TypeError
        If the engine is unknown or cannot take user words, or these are malformed.
    ImportError
        If the engine is ``"rjieba"`` and that is not installed, or jieba's tables are not there.
    """
    if engine not in ENGINES:
        known = ", ".join(repr(name) for name in ENGINES)
        raise ValueError(f"engine must be one of {known}; got {engine!r}.")
    key = (engine, parse_user_words(user_words), dictionary_key(dictionary))
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
    has_own_tables = bool(user_words) or dictionary is not None
    if engine == "rjieba":
        if has_own_tables:
            raise ValueError(
                "engine='rjieba' has no user_words and no dictionary of its own; "
                "use engine='auto' or engine='jieba'."
            )
        return RjiebaSegmenter(_new_rjieba())
    if engine == "auto" and not has_own_tables:
        hybrid = _hybrid_or_none()
        if hybrid is not None:
            return hybrid
    return JiebaSegmenter(load_words(dictionary), CharacterModel(load_hmm()), user_words)


def _hybrid_or_none() -> HybridSegmenter | None:
    try:
        rjieba = _new_rjieba()
    except ImportError:
        return None
    return HybridSegmenter(rjieba, CharacterModel(load_hmm())) if _has_paths(rjieba) else None


def _new_rjieba():
    """Return an object of our own: words that others add to rjieba's global one do not show."""
    try:
        from rjieba import Jieba
    except ImportError as error:
        raise ImportError(
            "engine='rjieba' needs rjieba >= 0.2.2: pip install 'skmtl[fast]'"
        ) from error
    rjieba = Jieba()
    if not _has_paths(rjieba):
        # jieba's dictionary has one line twice ("B超 3") and counts both in its total; rjieba
        # counts one. A word that no text can match makes up the difference.
        rjieba.add_word("\0", 3, None)
    return rjieba


def _has_paths(rjieba) -> bool:
    """Return whether the words of PROBES without a model are those of jieba 0.42.1."""
    segmenter = RjiebaSegmenter(rjieba)
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
