"""Kinds of columns, one file each, and the reader that turns X into arrays."""

import skmtl._runtime.quiet_start  # isort: skip  # noqa: F401

from skmtl.columns._spec import BranchSpec
from skmtl.columns.layout import Layout, Source, visible_branches
from skmtl.columns.reader import COLUMN_KINDS, TableReader, branch_options, branch_specs, encoder_of

__all__ = [
    "COLUMN_KINDS",
    "BranchSpec",
    "Layout",
    "Source",
    "TableReader",
    "branch_options",
    "branch_specs",
    "encoder_of",
    "visible_branches",
]
