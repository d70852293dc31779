"""Tables to arrays: modalities and every mask."""

from skmtl.data.cells import is_missing
from skmtl.data.modalities import Modality, Table
from skmtl.data.tables import as_table, check_column_names
from skmtl.data.unpaired import join_unpaired

__all__ = [
    "Modality",
    "Table",
    "as_table",
    "check_column_names",
    "is_missing",
    "join_unpaired",
]
