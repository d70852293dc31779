"""Tables to arrays: modalities and every mask."""

from skmtl.data.cells import is_missing
from skmtl.data.columns import as_table, split_columns
from skmtl.data.modalities import MODALITIES, Modality, Table
from skmtl.data.unpaired import join_unpaired

__all__ = [
    "MODALITIES",
    "Modality",
    "Table",
    "as_table",
    "is_missing",
    "join_unpaired",
    "split_columns",
]
