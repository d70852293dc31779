"""Transformers of pictures and texts."""

from skmtl.preprocessing._decode import load_image

__all__ = ["load_image"]
