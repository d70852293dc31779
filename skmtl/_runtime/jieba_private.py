"""The files of jieba 0.42.1: names and contents that are no public interface of that package.

They are read as data instead of importing jieba, because the import adds a handler to a logger,
makes a global tokenizer, warns with some versions of setuptools, and trusts a cache file in the
temporary directory unchecked. The digests make any other content an error: token ids must mean the
same everywhere.
"""

import hashlib
from importlib.util import find_spec
from pathlib import Path

DICTIONARY_SHA256 = "7197c3211ddd98962b036cdf40324d1ea2bfaa12bd028e68faa70111a88e12a8"
MODEL_SHA256 = "9404a341870348774b0f2d3b1c5262a228829c4e78a1eebefc37f060dc039c3f"
_DICTIONARY = ("dict.txt",)
_MODEL = tuple(f"finalseg/prob_{part}.py" for part in ("start", "trans", "emit"))


def read_dictionary() -> bytes:
    """Return the lines ``word frequency tag`` of jieba's dictionary."""
    return _read(_DICTIONARY, DICTIONARY_SHA256)[0]


def read_model() -> list[bytes]:
    """Return the source files of jieba's character model, one dict literal each: start
    probabilities, transitions, emissions.
    """
    return _read(_MODEL, MODEL_SHA256)


def _read(names, expected) -> list[bytes]:
    spec = find_spec("jieba")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("The package jieba is missing: pip install jieba==0.42.1")
    folder = Path(spec.submodule_search_locations[0])
    try:
        files = [(folder / name).read_bytes() for name in names]
    except OSError:
        files = []
    if hashlib.sha256(b"".join(files)).hexdigest() != expected:
        raise ImportError(
            "The installed package jieba does not carry the tables of jieba 0.42.1 (jieba-py "
            "installs under the same name): pip install --force-reinstall jieba==0.42.1"
        )
    return files
