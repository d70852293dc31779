import keras
import numpy as np
import pytest
from differentiate import numbers
from keras import layers

from skmtl.backbones.text import build_text_backbone, describe_text_backbone

RNG = np.random.default_rng(0)
NAMES = ("mean_embedding", "text_cnn", "bigru", "transformer")
IDS = np.array([[3, 4, 5, 0, 0, 0], [6, 7, 8, 9, 3, 2]], np.int32)


def build(name, max_len=6, words=None, **options):
    return build_text_backbone(
        name, vocabulary_size=10, max_len=max_len, options=options, words=words
    )


def run(model, ids):
    return numbers(model(ids, training=False))


@pytest.mark.parametrize("name", NAMES)
def test_padding_does_not_matter(name):
    """What stands at the places of tokens is the same however much padding follows."""
    long, short = build(name, max_len=6), build(name, max_len=3)
    short.set_weights(
        [
            w[:3] if w.shape != s.shape else w
            for w, s in zip(long.get_weights(), short.get_weights(), strict=True)
        ]
        if name == "transformer"
        else long.get_weights()
    )
    np.testing.assert_allclose(run(long, IDS[:1])[:, :3], run(short, IDS[:1, :3]), atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_rows_do_not_matter_to_each_other(name):
    model = build(name)
    np.testing.assert_allclose(run(model, IDS)[:1], run(model, IDS[:1]), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "sees_order"), list(zip(NAMES, (False, True, True, True), strict=True))
)
def test_the_order_of_tokens_matters_where_it_should(name, sees_order):
    model = build(name)
    forwards, backwards = run(model, IDS[1:]), run(model, IDS[1:, ::-1])
    is_same = np.allclose(forwards.mean(axis=1), backwards.mean(axis=1), atol=1e-6)
    assert is_same != sees_order


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_variable_is_trained(name):
    """One step on the pooled features moves all variables."""
    ids = RNG.integers(1, 10, (64, 6)).astype(np.int32)
    backbone = build(name)
    pool = layers.GlobalMaxPooling1D()
    model = keras.Sequential([backbone, pool, layers.Dense(2, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    before = [v.numpy() for v in backbone.trainable_variables]
    model.fit(ids, ids[:, 0] % 2, epochs=1, verbose=0)
    after = [v.numpy() for v in backbone.trainable_variables]
    still = [
        v.path
        for v, a, b in zip(backbone.trainable_variables, before, after, strict=True)
        if np.array_equal(a, b)
    ]
    # softmax over keys takes out what is added to all of them alike
    assert [path for path in still if "key/bias" not in path] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_backbone_needs_no_code_of_ours(name, tmp_path):
    model = build(name)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(run(loaded, IDS), run(model, IDS))


def test_options():
    assert build("mean_embedding", embedding_dim=7).output_shape == (None, 6, 7)
    assert build("text_cnn", filters=5, kernel_sizes=(2, 3)).output_shape == (None, 6, 10)
    assert build("text_cnn", filters=5, kernel_sizes=(3,)).output_shape == (None, 6, 5)
    assert build("bigru", units=4).output_shape == (None, 6, 8)
    small = build("transformer", embedding_dim=8, n_layers=1, n_heads=2)
    assert small.output_shape == (None, 6, 8)


def test_a_layer_or_model_of_the_user():
    embedding = layers.Embedding(10, 4)
    embedding.build(None)
    backbone = build(embedding)
    np.testing.assert_array_equal(run(backbone, IDS), numbers(embedding(IDS)))
    assert embedding.embeddings is not backbone.weights[0]
    pooled = keras.Sequential([layers.Embedding(10, 4), layers.GlobalAveragePooling1D()])
    assert build(pooled).output_shape == (None, 4)


def test_facts():
    assert describe_text_backbone("text_cnn").pooling == "max"
    assert describe_text_backbone("bigru").pooling == "mean"
    assert describe_text_backbone("bigru").tokenizer is None
    assert not describe_text_backbone("bigru").has_pretrained_weights
    options = {"vectors": "file"}
    assert describe_text_backbone("bigru", options=options).has_pretrained_weights


@pytest.mark.parametrize(
    ("backbone", "options", "error", "match"),
    [
        ("lstm", {}, ValueError, r"text_backbone must be one of 'mean_embedding', .*got 'lstm'"),
        ("bigru", {"units": 0}, ValueError, "text_backbone__units must be an int >= 1; got 0"),
        ("bigru", {"dropout": 1}, ValueError, r"text_backbone__dropout must be .*\[0, 1\); got 1"),
        ("text_cnn", {"kernel_sizes": iter([2])}, TypeError, "__kernel_sizes must be .* more than"),
        ("transformer", {"n_layers": 1.5}, TypeError, "__n_layers must be an int .* got float 1.5"),
        (3, {}, TypeError, "text_backbone must be a name or a Keras layer; got int 3"),
        ("bigru", {"filters": 3}, ValueError, "__filters is not an option .*__units"),
        ("transformer", {"n_heads": 3}, ValueError, "must divide the embedding's 128 .*got 3"),
    ],
)
def test_bad_backbones(backbone, options, error, match):
    with pytest.raises(error, match=match):
        build(backbone, **options)


# -- word vectors --------------------------------------------------------------------------

WORDS = {"北京": 2, "be": 3, "missing": 4, "上海": 5}
VECTORS = {"be": [1.0, 2.0, 3.0], "上海": [0.5, -0.5, 1e-3], "other": [9, 9, 9], "北京": [7, 8, 9]}


def write(path, kind):
    header = f"{len(VECTORS)} 3\n".encode()
    if kind == "word2vec binary":
        rows = [w.encode() + b" " + np.array(v, "<f4").tobytes() for w, v in VECTORS.items()]
        path.write_bytes(header + b"\n".join(rows) + b"\n")
    else:
        rows = [f"{w} {' '.join(map(str, v))}" for w, v in VECTORS.items()]
        text = "\n".join(rows).encode() + b"\n"
        path.write_bytes(header + text if kind == "word2vec text" else text)


@pytest.mark.parametrize("kind", ["word2vec text", "word2vec binary", "glove"])
@pytest.mark.parametrize("name", NAMES)
def test_word_vectors_of_a_file(tmp_path, kind, name):
    write(tmp_path / "vectors", kind)
    options = {"n_heads": 3} if name == "transformer" else {}
    backbone = build(name, words=WORDS, vectors=tmp_path / "vectors", **options)
    (matrix,) = (w for w in backbone.get_weights() if w.shape == (10, 3))
    for word in ("北京", "be", "上海"):
        np.testing.assert_allclose(matrix[WORDS[word]], VECTORS[word])
    assert matrix[WORDS["missing"]].any()  # drawn at random, as without a file


def test_bad_word_vectors(tmp_path):
    path = tmp_path / "vectors"
    with pytest.raises(ValueError, match=r"vectors must be the path of a file; got .*vectors"):
        build("bigru", words=WORDS, vectors=path)
    path.write_text("no vectors here\n")
    with pytest.raises(ValueError, match="is no word2vec or GloVe file; its first line must be"):
        build("bigru", words=WORDS, vectors=path)
    write(path, "glove")
    with pytest.raises(ValueError, match="vectors needs texts, not token ids"):
        build("bigru", vectors=path)
    with pytest.raises(ValueError, match="has none of the 1 words, such as 'x'"):
        build("bigru", words={"x": 2}, vectors=path)
    path.write_text("be 1 2 3\n北京 1 2\n", encoding="utf-8")
    with pytest.raises(ValueError, match="has 2 numbers for '北京' instead of 3"):
        build("bigru", words=WORDS, vectors=path)
