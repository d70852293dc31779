"""What each region of an image contributes."""

from itertools import pairwise

import numpy as np
import pandas as pd

from skmtl.fitting.explanation.evidence import Explained, part_frames
from skmtl.fitting.explanation.variants import evidence_of_variants, sources_of

N_REGIONS = 8  # along each side
_CORNERS = ("top", "left", "bottom", "right")
_COLUMNS = ["row", "task", "label", "column", *_CORNERS, "contribution"]


def explain_regions(fitted, table, index, *, task, label, column=None) -> pd.DataFrame:
    """Return what the evidence for a label loses with each region of an image.

    A region is covered with the mean colour of its image [1]_.

    Parameters
    ----------
    fitted : FittedNetwork
        The network.
    table : Table
        The rows, raw.
    index : Index of length n_rows
        What the rows are called.
    task, label : str or None, object or None
        As `Explained.of` takes them.
    column : str, optional
        The only image column; by default all.

    Returns
    -------
    DataFrame
        Tidy: row, task, label, column, top, left, bottom, right, contribution; the corners are
        shares of the height and the width.

    Raises
    ------
    ValueError
        If there is no such image column.

    References
    ----------
    .. [1] Zeiler and Fergus: Visualizing and understanding convolutional networks, ECCV 2014.
    """
    explained, found = Explained.of(fitted, fitted.compute("logits", table), task, label), []
    for source in sources_of(fitted, "image", column):
        modality = table.modalities[source.branch]
        for row in np.flatnonzero(modality.present):
            place = modality.positions[row]
            image = np.asarray(modality.values[place : place + 1])[0]
            boxes = _boxes(*image.shape[:2])
            images = np.concatenate([image[None], *(_covered(image, *box) for box in boxes)])
            rows = np.full(len(images), row)
            values = evidence_of_variants(fitted, table, explained, source.branch, images, rows)
            corners = np.array(boxes, float) / np.tile(image.shape[:2], 2)
            parts = dict(zip(_CORNERS, corners.T, strict=True))
            lost = values[0] - values[1:]
            found += part_frames(explained, row, index[row], source.name, parts, lost)
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=_COLUMNS)


def _boxes(height, width) -> list[tuple]:
    """Return top, left, bottom and right of every region."""
    rows, columns = (
        np.unique(np.linspace(0, size, min(size, N_REGIONS) + 1).round().astype(int))
        for size in (height, width)
    )
    return [
        (top, left, bottom, right)
        for top, bottom in pairwise(rows)
        for left, right in pairwise(columns)
    ]


def _covered(image, top, left, bottom, right):
    """Return an image with a covered region, as an array of one image."""
    covered = image.copy()
    covered[top:bottom, left:right] = image.mean(axis=(0, 1)).astype(image.dtype)
    return covered[None]
