"""Tables to arrays: modalities, targets, weights and every mask."""

from skmtl.data.cells import is_missing
from skmtl.data.columns import as_table, split_columns
from skmtl.data.modalities import MODALITIES, Modality, Table
from skmtl.data.targets import Tasks
from skmtl.data.unpaired import join_unpaired
from skmtl.data.weights import label_weights

__all__ = [
    "MODALITIES",
    "Modality",
    "Table",
    "Tasks",
    "as_table",
    "is_missing",
    "join_unpaired",
    "label_weights",
    "split_columns",
]
