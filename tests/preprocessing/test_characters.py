"""Characters and pairs of characters as tokens beside the words."""

import numpy as np
import pytest

from skmtl.preprocessing import JiebaSequencer


@pytest.mark.parametrize(
    ("char_ngrams", "tokens"),
    [
        (0, "我 来到 天安门 T恤 A 京"),
        (1, "我 来 到 来到 天 安 门 天安门 恤 T恤 A 京"),
        (2, "我 我来 来 到 来到 到天 天 安 门 天安 安门 天安门 恤 T恤 A 京"),
    ],
)
def test_characters_stand_before_their_word(char_ngrams, tokens):
    words = ["我", "来到", "天安门", "T恤", "A", "京"]
    sequencer = JiebaSequencer(char_ngrams=char_ngrams)
    ids = sequencer.fit_transform([words])
    assert sequencer.inverse_transform(ids)[0] == tokens.split()
    assert sequencer.n_tokens_ == len(tokens.split()) + 2


def test_a_word_out_of_the_vocabulary_leaves_its_characters():
    sequencer = JiebaSequencer(char_ngrams=1, max_len=5).fit(["我爱北京", "大东门"])
    found = sequencer.inverse_transform(sequencer.transform([["我", "东北", "ABC"]]))
    assert found[0] == ["我", "东", "北", "[UNK]", "[UNK]"]


def test_characters_count_in_the_bounds_of_the_vocabulary():
    texts = [["北京", "东北"], ["北京", "北"]]
    for parameters, tokens in [
        ({"max_tokens": 4}, ["北", "京"]),
        ({"min_df": 2}, ["北", "京", "北京"]),
    ]:
        sequencer = JiebaSequencer(char_ngrams=1, **parameters).fit(texts)
        assert list(sequencer.vocabulary_) == tokens


def test_auto_adds_characters_where_the_vocabulary_leaves_words_out():
    texts = ["我爱北京", "大东门", "我爱我家", "东北人家"]
    whole, cut = JiebaSequencer().fit(texts), JiebaSequencer(max_tokens=6).fit(texts)
    assert (whole.char_ngrams_, cut.char_ngrams_) == (0, 1)
    for sequencer, size, n_tokens in ((whole, 0, None), (cut, 1, 6)):
        same = JiebaSequencer(char_ngrams=size, max_tokens=n_tokens)
        np.testing.assert_array_equal(sequencer.transform(texts), same.fit_transform(texts))
        np.testing.assert_array_equal(sequencer.fit_transform(texts), same.transform(texts))
        assert sequencer.vocabulary_ == same.vocabulary_


def test_auto_counts_a_word_as_often_as_it_occurs():
    # one word in a hundred is left out, then three: only these are too many
    common = [["的"] * 97 + ["上海", "上海"]]
    assert JiebaSequencer(max_tokens=4).fit([*common, ["北京"]]).char_ngrams_ == 0
    assert JiebaSequencer(max_tokens=4).fit([*common, ["北京"], ["天津"] * 2]).char_ngrams_ == 1
