"""The files of jieba that are read by name: a jieba that renames or changes them is an error."""

import sys
import warnings
from pathlib import Path

import pytest

from skmtl._runtime import jieba_private
from skmtl._runtime.jieba_private import read_dictionary, read_model

ROOT = Path(jieba_private.__file__).parents[1]

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # jieba's sources have invalid escapes
    import jieba.finalseg


def test_the_tables_are_those_that_jieba_itself_reads():
    with jieba.Tokenizer().get_dict_file() as file:
        assert read_dictionary() == file.read()
    names = ["prob_start", "prob_trans", "prob_emit"]
    tables = [jieba.finalseg.start_P, jieba.finalseg.trans_P, jieba.finalseg.emit_P]
    for name, content, table in zip(names, read_model(), tables, strict=True):
        scope = {}
        exec(compile(content, name, "exec"), scope)
        assert scope["P"] == table


@pytest.mark.parametrize("renamed", ["dict.txt", "finalseg/prob_emit.py"])
def test_a_renamed_or_changed_file_is_an_error(renamed, tmp_path, monkeypatch):
    read = read_dictionary if renamed == "dict.txt" else read_model
    content = b"".join(read()) if renamed != "dict.txt" else read()
    folder = tmp_path / "jieba"
    (folder / "finalseg").mkdir(parents=True)
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "jieba")
    with pytest.raises(ImportError, match=r"does not carry the tables of jieba 0\.42\.1"):
        read()
    (folder / renamed).write_bytes(content + b"\n")
    with pytest.raises(ImportError, match=r"does not carry the tables of jieba 0\.42\.1"):
        read()


def test_without_jieba(monkeypatch):
    monkeypatch.setattr(jieba_private, "find_spec", lambda _: None)
    with pytest.raises(ImportError, match=r"jieba is missing: pip install jieba==0\.42\.1"):
        read_dictionary()


def test_no_other_file_reaches_into_jieba():
    for path in ROOT.rglob("*.py"):
        if path != Path(jieba_private.__file__):
            text = path.read_text(encoding="utf-8")
            assert "import jieba\n" not in text, path
            assert 'find_spec("jieba")' not in text, path
