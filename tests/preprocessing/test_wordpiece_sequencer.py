import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

from skmtl.preprocessing import WordPieceSequencer

MODELS = Path(__file__).resolve().parents[3] / "shared" / "models"
TINY, E5 = MODELS / "bert_tiny_zh_random", MODELS / "e5_small_zh_bert"
TOKENS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "北",
    "京",
    "##京",
    "北京",
    "be",
    "##i",
    "##jing",
    ",",
]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "vocab.txt").write_text("\n".join(TOKENS) + "\n", encoding="utf-8")
    return tmp_path


def pieces(sequencer, text):
    names = {number: token for token, number in sequencer.vocabulary_.items()}
    (row,) = sequencer.transform([text])
    return " ".join(names[number] for number in row if number)


def test_rows_are_framed_cut_off_and_padded(folder):
    sequencer = WordPieceSequencer(vocabulary=folder, max_len=5).fit(["北京"])
    ids = sequencer.transform(["北京", "be be be be be"])
    assert ids.dtype == np.int32
    np.testing.assert_array_equal(ids, [[2, 4, 5, 3, 0], [2, 8, 8, 8, 3]])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BEIJING", "[CLS] be ##i ##jing [SEP]"),
        ("Béi北", "[CLS] be ##i 北 [SEP]"),
        ("be\u3000,be\u200b", "[CLS] be , be [SEP]"),
        ("上 be", "[CLS] [UNK] be [SEP]"),
        ("bex", "[CLS] [UNK] [SEP]"),
        ("，", "[CLS] , [SEP]"),
        (" \t\u200b", ""),
        ("b" * 101, "[CLS] [UNK] [SEP]"),
    ],
)
def test_pieces(folder, text, expected):
    assert pieces(WordPieceSequencer(vocabulary=folder).fit([]), text) == expected


def test_chinese_words_are_characters_or_what_jieba_cuts(folder):
    by_character = WordPieceSequencer(vocabulary=folder).fit([])
    by_word = WordPieceSequencer(vocabulary=folder, words="jieba").fit([])
    assert pieces(by_character, "北京京") == "[CLS] 北 京 京 [SEP]"
    assert pieces(by_word, "北京京") == "[CLS] 北京 京 [SEP]"


def test_normalisation_follows_the_vocabulary(folder):
    (folder / "vocab.txt").write_text("\n".join([*TOKENS, "，"]), encoding="utf-8")
    assert pieces(WordPieceSequencer(vocabulary=folder).fit([]), "，") == "[CLS] ， [SEP]"
    plain = WordPieceSequencer(vocabulary=folder, normalize="NFKC").fit([])
    assert pieces(plain, "，ＢＥ") == "[CLS] , be [SEP]"


def test_the_folder_says_whether_letters_are_lowered(folder):
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    sequencer = WordPieceSequencer(vocabulary=folder).fit([])
    assert pieces(sequencer, "be BE") == "[CLS] be [UNK] [SEP]"


def test_a_prefix_stands_before_every_text_that_says_something(folder):
    sequencer = WordPieceSequencer(vocabulary=folder, prefix="be, ", missing="empty").fit([])
    assert pieces(sequencer, "北") == "[CLS] be , 北 [SEP]"
    assert not sequencer.transform(["", None, np.nan]).any()


@given(st.text(max_size=80), st.integers(3, 12))
def test_any_text_gives_framed_rows(text, max_len):
    sequencer = WordPieceSequencer(vocabulary="x", max_len=max_len)
    sequencer.vocabulary_ = {token: number for number, token in enumerate(TOKENS)}
    sequencer._lowercase = sequencer._strip_accents = True
    sequencer._has_words, sequencer._form = False, None
    sequencer.max_len_ = max_len
    (row,) = sequencer.transform([text])
    n_ids = np.count_nonzero(row)
    assert row.shape == (max_len,)
    assert not row[n_ids:].any()
    assert n_ids == 0 or (row[0] == 2 and row[n_ids - 1] == 3)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], 16),
        (["be " * 14], 16),  # and the first and the last id
        (["be " * 15], 32),
        (["be"] * 99 + ["be " * 100], 16),
        (["be"] * 98 + ["be " * 100] * 2, 128),
        (["be " * 1000], 256),
        (["", *(["be " * 20])], 32),
    ],
)
def test_the_length_is_that_of_nearly_all_texts(folder, texts, expected):
    sequencer = WordPieceSequencer(vocabulary=folder)
    ids = sequencer.fit_transform(texts)
    assert sequencer.max_len_ == ids.shape[1] == expected
    np.testing.assert_array_equal(ids, sequencer.transform(texts))
    assert len(sequencer.get_feature_names_out()) == expected


def test_the_prefix_counts_in_the_length(folder):
    sequencer = WordPieceSequencer(vocabulary=folder, prefix="be, " * 8).fit(["be"])
    assert sequencer.max_len_ == 32


@pytest.mark.parametrize(
    "config", ['{"max_position_embeddings": 100}', '{"config": {"max_sequence_length": 100}}']
)
def test_the_length_is_at_most_what_the_backbone_takes(folder, config):
    (folder / "config.json").write_text(config)
    assert WordPieceSequencer(vocabulary=folder).fit(["be " * 1000]).max_len_ == 100
    assert WordPieceSequencer(vocabulary=folder).fit(["be"]).max_len_ == 16
    # a number that a user gives is taken as it is; the backbone then says what it takes
    assert WordPieceSequencer(vocabulary=folder, max_len=200).fit(["be"]).max_len_ == 200


def test_a_later_max_len_waits_for_the_next_fit(folder):
    sequencer = WordPieceSequencer(vocabulary=folder).fit(["be"]).set_params(max_len=3)
    assert sequencer.transform(["be"]).shape == (1, 16)
    assert sequencer.fit(["be"]).transform(["be"]).shape == (1, 3)


def test_a_copy_needs_no_folder(folder):
    sequencer = WordPieceSequencer(vocabulary=folder).fit(["be"])
    stored = pickle.dumps(sequencer)
    (folder / "vocab.txt").unlink()
    np.testing.assert_array_equal(
        pickle.loads(stored).transform(["北京"]), sequencer.transform(["北京"])
    )
    assert clone(sequencer).get_params() == sequencer.get_params()


def test_names_and_pandas_output(folder):
    frame = pd.DataFrame({"title": ["北", "京"]})
    sequencer = WordPieceSequencer(vocabulary=folder, max_len=3).set_output(transform="pandas")
    assert sequencer.fit_transform(frame).columns.tolist() == ["title_0", "title_1", "title_2"]
    assert sequencer.fit(["北"]).get_feature_names_out()[0] == "text_0"


def test_bad_input(folder, tmp_path):
    def fit(X=("be",), **parameters):
        return WordPieceSequencer(**{"vocabulary": folder, **parameters}).fit(list(X))

    with pytest.raises(ValueError, match=r"words must be one of 'auto', .*; got 'word'"):
        fit(words="word")
    with pytest.raises(ValueError, match='max_len must be "auto" or an int >= 3; got 2'):
        fit(max_len=2)
    with pytest.raises(TypeError, match="prefix must be a str; got NoneType"):
        fit(prefix=None)
    with pytest.raises(ValueError, match=r"vocabulary must be a folder, .*; got None"):
        fit(vocabulary=None)
    with pytest.raises(TypeError, match="Text row 1 must be a str; got int"):
        fit(["be", 3])
    with pytest.raises(ValueError, match="Text row 0 is missing"):
        fit([None])
    (tmp_path / "vocab.txt").write_text("a\nb\n")
    with pytest.raises(ValueError, match=r"word pieces with \[PAD\] first .* has 2 tokens"):
        fit()


@pytest.mark.skipif(not TINY.exists(), reason="the shared model folders are absent")
def test_a_real_chinese_vocabulary_is_cut_as_hugging_face_does():
    tokenizers = pytest.importorskip("tokenizers", reason="comes with KerasHub")
    reference = tokenizers.BertWordPieceTokenizer(str(TINY / "vocab.txt"), lowercase=True)
    sequencer = WordPieceSequencer(vocabulary=TINY, max_len=60).fit([])
    assert not sequencer._has_words
    texts = [
        "我来到北京清华大学，学习 NLP！",
        "Ünïcödé 'quoted' $5+3 e-mail@x.com\u200b\t中文ＡＢＣ、。",
        "﨑豈 𠀀𪜀字 한국어 かな a①㊙",
        "\u2028a\ue139期",
    ]
    for text, row in zip(texts, sequencer.transform(texts), strict=True):
        assert row[row != 0].tolist() == reference.encode(text).ids


@pytest.mark.skipif(not E5.exists(), reason="the shared model folders are absent")
def test_a_vocabulary_of_words_is_cut_by_jieba():
    sequencer = WordPieceSequencer(vocabulary=E5, prefix="query : ").fit([])
    assert pieces(sequencer, "酒店不错，我们喜欢！") == (
        "[CLS] que ##ry : 酒店 不错 , 我们 喜欢 ! [SEP]"
    )
