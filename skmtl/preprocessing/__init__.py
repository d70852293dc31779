"""Transformers of pictures and texts."""

from skmtl.preprocessing._decode import load_image
from skmtl.preprocessing.image_loader import ImageLoader
from skmtl.preprocessing.image_normalizer import ImageNormalizer
from skmtl.preprocessing.jieba_sequencer import JiebaSequencer
from skmtl.preprocessing.jieba_tokenizer import JiebaTokenizer

__all__ = ["ImageLoader", "ImageNormalizer", "JiebaSequencer", "JiebaTokenizer", "load_image"]
