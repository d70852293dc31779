"""user_words and dictionary: the words of jieba's add_word and of its dictionary files."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skmtl.preprocessing import JiebaTokenizer
from skmtl.preprocessing._segment import get_segmenter
from skmtl.preprocessing._word_lists import parse_stop_words, parse_user_words

TEXTS = [
    "李小福是创新办主任也是云计算方面的专家",
    "台中正确应该不会被切开，我们中出了一个叛徒",
    "如果放到post中将出错。韩玉赏鉴 C++11 和 iPhone15",
    "小·明 在 云 计 算 的的的 哈哈哈哈哈",
]


def reference_words(tokenizer, pairs, hmm=True):
    for word, count in pairs:
        tokenizer.add_word(word, count)
    return [tokenizer.lcut(text, HMM=hmm) for text in TEXTS]


USER_WORDS = [
    ["云计算", "李小福 2 nr", "创新办 3 i", "韩玉赏鉴 3 nz", "台中"],
    {"云计算": None, "中将": 0, "创新办主任": 100_000, "C++11": None, "iPhone15": 7},
    ["中出 0", "叛徒 0", "哈哈 0", "小·明", "的的"],
    {"专家": None, "是云": 10**9, "的": 0},
]


@pytest.mark.parametrize("hmm", [True, False])
@pytest.mark.parametrize("user_words", USER_WORDS)
def test_words_are_those_of_add_word(user_words, hmm, new_jieba_tokenizer):
    reference = new_jieba_tokenizer()
    forced = type(reference).add_word.__globals__["finalseg"].Force_Split_Words
    try:
        expected = reference_words(reference, parse_user_words(user_words), hmm)
    finally:
        forced.clear()  # jieba's words of frequency 0 leak into every tokenizer
    segmenter = get_segmenter("auto", parse_user_words(user_words))
    assert [segmenter.cut(text, hmm) for text in TEXTS] == expected


def test_user_words_change_the_words():
    plain = JiebaTokenizer().fit_transform(TEXTS)
    for user_words in USER_WORDS:
        assert JiebaTokenizer(user_words=user_words).fit_transform(TEXTS).tolist() != plain.tolist()


def test_tokenizers_do_not_see_each_others_words():
    plain, joined, apart = (
        JiebaTokenizer(user_words=words) for words in (None, ["云计算方面"], ["专家 0"])
    )
    expected = plain.fit_transform(TEXTS[:1])[0]
    assert "云计算方面" in joined.fit_transform(TEXTS[:1])[0]
    assert "专家" not in apart.fit_transform(TEXTS[:1])[0]
    assert plain.fit_transform(TEXTS[:1])[0] == expected
    assert "专家" in expected


@pytest.mark.slow
@settings(max_examples=15)
@given(st.text("abcXYZ我你他们的大小", min_size=1, max_size=4))
def test_a_word_without_frequency_is_kept_whole(word):
    assert word in get_segmenter("jieba", ((word, None),)).cut(f"，{word}，", False)


def test_lines_of_a_jieba_user_dictionary():
    lines = ["\ufeff云计算 5", "", "创新办 3 i\n", "  easy_install 3 eng", "韩玉赏鉴 nz", "台中"]
    expected = (
        ("云计算", 5), ("创新办", 3), ("easy_install", 3), ("韩玉赏鉴", None), ("台中", None)
    )  # fmt: skip
    assert parse_user_words(lines) == expected
    assert parse_user_words(None) == parse_user_words([]) == ()


@pytest.mark.parametrize(
    ("user_words", "error", "match"),
    [
        ("云计算", ValueError, "user_words must be None, a mapping .* no file '云计算'"),
        (7, TypeError, "user_words must be None, a mapping .* got int 7"),
        (b"x", TypeError, "user_words must be None, a mapping .* got bytes"),
        (["云计算", b"x"], TypeError, "user_words line 2 must be a str; got bytes"),
        (iter(["云计算"]), TypeError, r"user_words .*list_iterator. Make a list of it"),
        (map(str, [1]), TypeError, r"user_words .* a map. Make a list of it"),
        ({"": 5}, ValueError, "user_words must map words without blanks around them; got ''"),
        ({"云 ": 5}, ValueError, "user_words must map words without blanks .*; got '云 '"),
        ({5: 5}, TypeError, "user_words must map str; got int 5"),
        ({"云": "5"}, TypeError, r"user_words\['云'\] must be an int or None; got '5'"),
        ({"云": True}, TypeError, r"user_words\['云'\] must be an int or None; got True"),
        ({"云": -1}, ValueError, r"user_words\['云'\] must be >= 0; got -1"),
    ],
)
def test_malformed_user_words(user_words, error, match):
    with pytest.raises(error, match=match):
        JiebaTokenizer(user_words=user_words).fit(["文"])


def test_dictionary_file(tmp_path, new_jieba_tokenizer):
    path = tmp_path / "words.txt"
    path.write_text("云计算 5 n\n方面 3\n专家 1 n\n创新 8 v\n", encoding="utf-8")
    reference = new_jieba_tokenizer()
    with path.open("rb") as file:
        reference.FREQ, reference.total = reference.gen_pfdict(file)
    for hmm in (True, False):
        segmenter = get_segmenter("auto", (), path)
        expected = [reference.lcut(text, HMM=hmm) for text in TEXTS]
        assert [segmenter.cut(text, hmm) for text in TEXTS] == expected
    tokens = JiebaTokenizer(dictionary=str(path), hmm=False).fit_transform(TEXTS[:1])[0]
    assert tokens[-4:] == ["云计算", "方面", "的", "专家"]


def test_changed_dictionary_file_is_read_again(tmp_path):
    path = tmp_path / "words.txt"
    tokenizer = JiebaTokenizer(dictionary=path, hmm=False)
    path.write_text("云计 5\n", encoding="utf-8")
    assert tokenizer.fit_transform(["云计算"])[0] == ["云计", "算"]
    path.write_text("计算 5 n\n", encoding="utf-8")
    assert tokenizer.fit_transform(["云计算"])[0] == ["云", "计算"]


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("云 5\n计算\n", "line 2: must be 'word frequency [tag]' with an integer"),
        ("云 5\n\n计算 5\n", "line 2: must be "),
        ("云 五\n", r"line 1: must be [^五]*$"),  # the file may be any file: its text is not quoted
        ("云 -5\n", "line 1: must be "),
        ("云 0\n", "must have a word with a frequency >= 1"),
        ("云 5\n".encode() + "计 5\n".encode("gbk"), "line 2: must be UTF-8"),
    ],
)
def test_malformed_dictionary(tmp_path, content, match):
    path = tmp_path / "words.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=match.replace("[tag]", r"\[tag\]")):
        JiebaTokenizer(dictionary=path).fit(["文"])


def test_dictionary_must_be_a_file(tmp_path):
    with pytest.raises(ValueError, match=r"dictionary must be the path of a file; '.*' is none"):
        JiebaTokenizer(dictionary=tmp_path / "none.txt").fit(["文"])
    with pytest.raises(
        TypeError, match=r"dictionary must be None or the path of a file .*; got int"
    ):
        JiebaTokenizer(dictionary=3).fit(["文"])


# jieba's regular expression of a line, and its two examples with a blank in the word
JIEBA_LINE = re.compile("^(.+?)( [0-9]+)?( [a-z]+)?$", re.U)


@pytest.mark.parametrize(
    "line",
    [
        "Edu Trust认证 2000",
        "Edu Trust认证",
        "云计算",
        "云 5",
        "云 5 n",
        "云 n",
        "云 x5",
        "云 -5",
        "云 5 n 6",
    ],
)
def test_lines_are_read_as_jieba_reads_them(line):
    word, count, _ = JIEBA_LINE.match(line).groups()
    assert parse_user_words([line]) == ((word, None if count is None else int(count)),)


def test_stop_words_are_written_as_the_tokens_are():
    lines = ["\ufeff的\n", "ＡＢ\r\n", "The\n", "", "\n", "的"]
    assert parse_stop_words(lines) == ("\n", "The", "的", "ＡＢ")
    tokenizer = JiebaTokenizer(
        stop_words=lines, normalize="NFKC", lowercase=True, keep_whitespace=True
    )
    assert tokenizer.transform(["我的AB the\n好"])[0] == ["我", " ", "好"]


def test_user_words_are_normalized_as_the_texts_are():
    tokenizer = JiebaTokenizer(user_words=["Ｃ＋＋很好"], normalize="NFKC")
    assert tokenizer.transform(["C++很好"])[0] == ["C++很好"]


@pytest.mark.parametrize("name", ["user_words", "stop_words"])
def test_a_word_list_can_be_read_more_than_once(name, tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("云计算\n", encoding="utf-8")
    with (
        path.open(encoding="utf-8") as file,
        pytest.raises(TypeError, match=f"{name} .*more than once"),
    ):
        JiebaTokenizer(**{name: file}).fit(["文"])
    path.write_bytes("云计算\n".encode("gbk"))
    with pytest.raises(ValueError, match=rf"{name}, line 1: must be UTF-8"):
        JiebaTokenizer(**{name: path}).fit(["文"])
    with pytest.raises(ValueError, match=rf"{name} must be None, .*no file '{tmp_path}'"):
        JiebaTokenizer(**{name: tmp_path}).fit(["文"])


@pytest.mark.parametrize(
    "content", [b"PASSWORD=secret", b"secret \xff\xfe", b"secret one two three"]
)
def test_errors_do_not_quote_a_file_that_a_model_may_have_named(content, tmp_path):
    path = tmp_path / "environ"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="line 1") as caught:
        JiebaTokenizer(dictionary=path).fit(["文"])
    assert "secret" not in str(caught.value)
