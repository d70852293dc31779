"""Backbones: from images or token ids to features."""

import skmtl._runtime.quiet_start  # isort: skip  # noqa: F401

from skmtl.backbones.feature_cache import FeatureCache, FolderFeatureCache, MemoryFeatureCache

__all__ = ["FeatureCache", "FolderFeatureCache", "MemoryFeatureCache"]
