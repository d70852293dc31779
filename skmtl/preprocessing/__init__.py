"""Transformers of images and texts."""

from skmtl.preprocessing._decode import load_image
from skmtl.preprocessing.image_loader import ImageLoader
from skmtl.preprocessing.image_normalizer import ImageNormalizer
from skmtl.preprocessing.jieba_sequencer import JiebaSequencer
from skmtl.preprocessing.jieba_tokenizer import JiebaTokenizer
from skmtl.preprocessing.jieba_vectorizer import JiebaVectorizer
from skmtl.preprocessing.wordpiece_sequencer import WordPieceSequencer

__all__ = [
    "ImageLoader",
    "ImageNormalizer",
    "JiebaSequencer",
    "JiebaTokenizer",
    "JiebaVectorizer",
    "WordPieceSequencer",
    "load_image",
]
