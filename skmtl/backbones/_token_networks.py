"""Text backbones trained from scratch: from token ids to one vector per token."""

from dataclasses import dataclass

from keras import layers, ops

from skmtl._runtime.checks import as_count, as_share, as_units
from skmtl.backbones._word_vectors import read_word_vectors


@dataclass(frozen=True)
class Vocabulary:
    """The token ids that a text backbone may see.

    Parameters
    ----------
    size : int
        Number of ids, 0 (padding) included.
    words : dict of str to int, default=None
        The ids of the words, needed for pretrained word vectors only.
    max_len : int, default=None
        The most ids that a text has, needed for presets only.
    """

    size: int
    words: dict | None = None
    max_len: int | None = None


def mean_embedding(ids, vocabulary, *, embedding_dim=256, dropout=0.2, vectors=None):
    """Look up a vector for each token; the network takes their mean.

    Parameters
    ----------
    ids : KerasTensor of shape (n, max_len)
        Token ids, 0 for padding.
    vocabulary : Vocabulary
        Number of ids, and which word each of them stands for.
    embedding_dim : int, default=256
        Length of a token's vector; with `vectors` it is the length of those.
    dropout : float, default=0.2
        Share of the components dropped while training, the same ones for all tokens of a text.
    vectors : path, default=None
        Pretrained word vectors: a word2vec text or binary file, or a GloVe file.

    Returns
    -------
    KerasTensor of shape (n, max_len, embedding_dim)
    """
    x = _embed(ids, vocabulary, embedding_dim, vectors)
    return layers.SpatialDropout1D(_share(dropout))(x)


def text_cnn(
    ids,
    vocabulary,
    *,
    embedding_dim=128,
    filters=100,
    kernel_sizes=(2, 3, 4),
    dropout=0.2,
    vectors=None,
):
    """Convolve over runs of tokens; the network takes the maximum over the text.

    Kim (2014), "Convolutional Neural Networks for Sentence Classification", arXiv:1408.5882.

    Parameters
    ----------
    ids, vocabulary, embedding_dim, dropout, vectors
        As in `mean_embedding`.
    filters : int, default=100
        Filters of each width.
    kernel_sizes : sequence of int, default=(2, 3, 4)
        Widths in tokens.

    Returns
    -------
    KerasTensor of shape (n, max_len, len(kernel_sizes) * filters)
    """
    x = _embed(ids, vocabulary, embedding_dim, vectors)
    x = layers.SpatialDropout1D(_share(dropout))(x)
    x = x * _mask(ids, x.dtype)  # what stands behind the text must not matter
    filters = _count("filters", filters)
    runs = [
        layers.Conv1D(filters, size, padding="same", activation="relu")(x)
        for size in as_units("text_backbone__kernel_sizes", kernel_sizes)
    ]
    return layers.Concatenate()(runs) if len(runs) > 1 else runs[0]


def bigru(ids, vocabulary, *, embedding_dim=128, units=64, dropout=0.2, vectors=None):
    """Read the text forwards and backwards with gated recurrent units.

    Cho et al. (2014), "Learning Phrase Representations using RNN Encoder-Decoder for Statistical
    Machine Translation", arXiv:1406.1078.

    Parameters
    ----------
    ids, vocabulary, embedding_dim, dropout, vectors
        As in `mean_embedding`.
    units : int, default=64
        Units in each direction.

    Returns
    -------
    KerasTensor of shape (n, max_len, 2 * units)
    """
    x = _embed(ids, vocabulary, embedding_dim, vectors)
    x = layers.SpatialDropout1D(_share(dropout))(x)
    # use_cudnn=False: cuDNN refuses a text whose padding is not at its end
    cell = layers.GRU(_count("units", units), return_sequences=True, use_cudnn=False)
    x = layers.Bidirectional(cell)(x, mask=ops.not_equal(ids, 0))
    return x * _mask(
        ids, x.dtype
    )  # a product hands on no Keras mask, of which other layers would warn


def transformer(
    ids,
    vocabulary,
    *,
    embedding_dim=128,
    n_layers=2,
    n_heads=4,
    dropout=0.1,
    vectors=None,
):
    """Let every token attend to every other, in a small encoder with learned positions.

    Vaswani et al. (2017), "Attention Is All You Need", arXiv:1706.03762, with the normalisation
    before each block (Xiong et al., 2020, arXiv:2002.04745).

    Parameters
    ----------
    ids, vocabulary, embedding_dim, dropout, vectors
        As in `mean_embedding`.
    n_layers : int, default=2
        Number of encoder layers.
    n_heads : int, default=4
        Number of attention heads; it divides `embedding_dim`.

    Returns
    -------
    KerasTensor of shape (n, max_len, embedding_dim)
    """
    x = _embed(ids, vocabulary, embedding_dim, vectors)
    width, n_heads, dropout = x.shape[-1], _count("n_heads", n_heads), _share(dropout)
    if width % n_heads:
        raise ValueError(
            f"text_backbone__n_heads must divide the embedding's {width} components; got {n_heads}."
        )
    places = ops.cumsum(ops.ones_like(ids), axis=1) - 1
    x = x + layers.Embedding(ids.shape[1], width)(places)
    x = layers.Dropout(dropout)(x)
    mask = ops.expand_dims(ops.not_equal(ids, 0), 1)
    for _ in range(_count("n_layers", n_layers)):
        y = layers.LayerNormalization()(x)
        attend = layers.MultiHeadAttention(n_heads, width // n_heads, dropout=dropout)
        y = attend(y, y, attention_mask=mask)
        x = x + layers.Dropout(dropout)(y)
        y = layers.LayerNormalization()(x)
        y = layers.Dense(4 * width, activation="gelu")(y)
        x = x + layers.Dropout(dropout)(layers.Dense(width)(y))
    return layers.LayerNormalization()(x)


TOKEN_NETWORKS = {
    "mean_embedding": mean_embedding,
    "text_cnn": text_cnn,
    "bigru": bigru,
    "transformer": transformer,
}


def _count(option, value):
    return as_count(f"text_backbone__{option}", value)


def _share(dropout):
    return as_share("text_backbone__dropout", dropout)


def _mask(ids, dtype):
    return ops.cast(ops.expand_dims(ops.not_equal(ids, 0), -1), dtype)


def _embed(ids, vocabulary, embedding_dim, vectors):
    """Look up a vector per token: (n, max_len) to (n, max_len, embedding_dim)."""
    if vectors is None:
        return layers.Embedding(vocabulary.size, _count("embedding_dim", embedding_dim))(ids)
    vectors = read_word_vectors(vectors)
    embedding = layers.Embedding(vocabulary.size, vectors.dim)
    x = embedding(ids)
    embedding.set_weights([vectors.fill(embedding.get_weights()[0], vocabulary.words)])
    return x
