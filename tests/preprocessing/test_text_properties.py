"""Properties of the text transformers that hold for any texts."""

import copy
import io
import pickle

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from skmtl.preprocessing import JiebaSequencer, JiebaTokenizer, JiebaVectorizer

CHINESE = st.text(st.characters(codec="gb2312"), max_size=30)
ANY = st.text(st.characters(), max_size=30)
MIXED = st.text("我们的北京大学很好ABC123.%-_ \t\r\n，。！😀", max_size=30)
TEXT = st.one_of(CHINESE, ANY, MIXED)
TEXTS = st.lists(TEXT, max_size=6)
ENGINE = st.sampled_from(["auto", "jieba"])
PARAMETERS = st.fixed_dictionaries(
    {
        "engine": ENGINE,
        "hmm": st.booleans(),
        "mode": st.sampled_from(["default", "search"]),
        "normalize": st.sampled_from([None, "NFKC"]),
        "lowercase": st.booleans(),
        "stop_words": st.sampled_from([None, ["的", "我们"]]),
        "keep_whitespace": st.booleans(),
        "keep_punctuation": st.booleans(),
    }
)


def round_trip(estimator):
    """Yield copies of an estimator on all ways that it may travel."""
    yield copy.deepcopy(estimator)
    yield pickle.loads(pickle.dumps(estimator))
    file = io.BytesIO()
    joblib.dump(estimator, file)
    file.seek(0)
    yield joblib.load(file)


@given(text=TEXT, engine=ENGINE, hmm=st.booleans())
def test_joined_tokens_are_the_text(text, engine, hmm):
    tokenizer = JiebaTokenizer(engine=engine, hmm=hmm, keep_whitespace=True)
    assert "".join(tokenizer.transform([text])[0]) == text


@given(texts=TEXTS, parameters=PARAMETERS)
def test_no_token_is_empty(texts, parameters):
    for tokens in JiebaTokenizer(**parameters).transform(texts):
        assert all(tokens)
        assert parameters["keep_whitespace"] or not any(map(str.isspace, tokens))


@given(texts=TEXTS, parameters=PARAMETERS)
def test_a_batch_equals_its_texts_one_by_one(texts, parameters):
    tokenizer = JiebaTokenizer(**parameters)
    assert tokenizer.transform(texts).tolist() == [tokenizer.transform([t])[0] for t in texts]


@given(texts=TEXTS, parameters=PARAMETERS, data=st.data())
def test_rows_may_be_permuted(texts, parameters, data):
    order = data.draw(st.permutations(range(len(texts))))
    sequencer = JiebaSequencer(tokenizer=JiebaTokenizer(**parameters), max_len=5)
    ids = sequencer.fit_transform(texts)
    permuted = clone(sequencer)
    permuted_ids = permuted.fit_transform([texts[row] for row in order])
    np.testing.assert_array_equal(permuted_ids, ids[list(order)])
    assert permuted.vocabulary_ == sequencer.vocabulary_


@given(
    texts=TEXTS,
    others=TEXTS,
    parameters=PARAMETERS,
    max_tokens=st.one_of(st.none(), st.integers(2, 9)),
    char_ngrams=st.integers(0, 2),
    max_len=st.integers(1, 9),
    sides=st.tuples(*[st.sampled_from(["post", "pre"])] * 2),
)
def test_ids(texts, others, parameters, max_tokens, char_ngrams, max_len, sides):
    sequencer = JiebaSequencer(
        tokenizer=JiebaTokenizer(**parameters),
        max_tokens=max_tokens,
        char_ngrams=char_ngrams,
        max_len=max_len,
        padding=sides[0],
        truncating=sides[1],
    )
    fitted = sequencer.fit_transform(texts)
    assert sequencer.n_tokens_ == len(sequencer.vocabulary_) + 2
    for ids in (fitted, sequencer.transform(others)):
        assert ids.dtype == np.int32
        assert ids.shape[1] == max_len
        assert not ids.size or (ids.min() >= 0 and ids.max() < sequencer.n_tokens_)
    np.testing.assert_array_equal(sequencer.transform(texts), fitted)
    np.testing.assert_array_equal(sequencer.transform(others), sequencer.transform(others))


@given(texts=TEXTS, parameters=PARAMETERS)
def test_words_come_back_from_their_ids(texts, parameters):
    words = JiebaTokenizer(**parameters).transform(texts)
    sequencer = JiebaSequencer(tokenizer=JiebaTokenizer(**parameters), max_len=200)
    back = sequencer.inverse_transform(sequencer.fit_transform(texts))
    assert back.tolist() == words.tolist()


@given(texts=TEXTS, char_ngrams=st.integers(1, 2))
def test_words_keep_their_order_between_characters(texts, char_ngrams):
    words = JiebaTokenizer().transform(texts).tolist()
    sequencer = JiebaSequencer(char_ngrams=char_ngrams, max_len=200)
    for text, found in zip(
        words, sequencer.inverse_transform(sequencer.fit_transform(texts)), strict=True
    ):
        rest = iter(found)
        assert all(word in rest for word in text)
        assert set(found) - set(text) <= {
            piece for piece in found if len(piece) <= char_ngrams and piece in "".join(text)
        }


@settings(max_examples=30)
@given(texts=TEXTS, parameters=PARAMETERS)
def test_clones_and_pickles_do_the_same(texts, parameters):
    tokenizer = JiebaTokenizer(**parameters)
    words = tokenizer.fit_transform(texts).tolist()
    for other in [clone(tokenizer), *round_trip(tokenizer)]:
        assert other.transform(texts).tolist() == words
        assert repr(other) == repr(tokenizer)
    sequencer = JiebaSequencer(tokenizer=JiebaTokenizer(**parameters), max_len=7)
    ids = sequencer.fit_transform(texts)
    for other in [clone(sequencer).fit(texts), *round_trip(sequencer)]:
        np.testing.assert_array_equal(other.transform(texts), ids)
        assert repr(other) == repr(sequencer)


@pytest.mark.parametrize("estimator", [JiebaSequencer(), JiebaVectorizer()])
def test_fit_changes_no_input(estimator):
    X = np.array(["我爱北京", ["我", "爱"], None], dtype=object)
    before = copy.deepcopy(X.tolist())
    estimator.set_params(missing="empty").fit_transform(X)
    estimator.transform(X)
    assert X.tolist() == before
