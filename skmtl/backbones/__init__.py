"""Backbones: from pictures or token ids to features."""

import skmtl._runtime.quiet_start  # isort: skip  # noqa: F401

from skmtl.backbones._info import BackboneInfo
from skmtl.backbones._loaded import copy_layer
from skmtl.backbones.feature_cache import FeatureCache, FolderFeatureCache, MemoryFeatureCache
from skmtl.backbones.image import build_image_backbone, describe_image_backbone
from skmtl.backbones.text import build_text_backbone, describe_text_backbone

__all__ = [
    "BackboneInfo",
    "FeatureCache",
    "FolderFeatureCache",
    "MemoryFeatureCache",
    "build_image_backbone",
    "build_text_backbone",
    "copy_layer",
    "describe_image_backbone",
    "describe_text_backbone",
]
