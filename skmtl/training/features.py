"""Features of frozen backbones: each distinct row goes through a backbone once."""

from dataclasses import replace

import numpy as np

from skmtl.backbones.feature_cache import cached_features
from skmtl.data import Modality, Table
from skmtl.data.lazy import LazyRows, read_ahead, without_copy
from skmtl.training.backend import CompiledEncoder
from skmtl.training.device_memory import in_fitting_parts
from skmtl.training.progress_printer import RowPrinter
from skmtl.training.shapes import doubled

BATCH_ENTRIES = 2**21  # entries of raw input per call: 14 images of 224 x 224, 682 of 32 x 32
MAX_BATCH_ROWS = 256
SHORTEST = 16  # token ids of the shortest texts that are computed


def with_features(weights, table, cache, *, verbose=0) -> Table:
    """Return the table with the features of frozen backbones in place of their raw input.

    Parameters
    ----------
    weights : NetworkWeights
        Its encoders are used.
    table : Table
        Raw input by modality.
    cache : FeatureCache
        Where features are looked up and kept.
    verbose : int, default=0
        1 prints how far a long encoding is.

    Returns
    -------
    Table
        The same one where no backbone is frozen.
    """
    if not weights.encoders:
        return table
    modalities = dict(table.modalities)
    for name, encoder in weights.encoders.items():
        modality = modalities[name]
        # a user who has the whole model may have changed its weights
        identity = encoder.fresh_identity() if weights.is_handed_out else encoder.identity

        printer = RowPrinter(name, len(modality.values)) if verbose else None
        features = [np.zeros((0, *encoder.model.output_shape[1:]), np.float32)]
        n_done = 0
        for block in _blocks(modality.values, _batch_rows(encoder, modality.values)):

            def encode(rows, encoder=encoder, printer=printer, n_done=n_done):
                return _encode(encoder, rows, printer and (lambda n: printer(n_done + n)))

            features.append(cached_features(cache, identity, block, encode))
            n_done += len(block)
        modalities[name] = Modality(np.concatenate(features), modality.positions)
    return replace(table, modalities=modalities)


def standardized(network, values, table) -> list[np.ndarray]:
    """Set the mean and the variance that features of frozen backbones are standardised with.

    Parameters
    ----------
    network : Network
        Any network of the architecture.
    values : list of ndarray
        Values of the variables of a new network; not changed.
    table : Table
        Features of the training rows.

    Returns
    -------
    list of ndarray
        The values with those of the training rows.
    """
    values, place = list(values), {id(v): i for i, v in enumerate(network.variables)}
    for branch in network.branches:
        if branch.modality not in network.encoders:
            continue
        features = np.asarray(table.modalities[branch.modality].values)
        if not len(features):
            continue
        mean, variance = features.mean(0, dtype=np.float64), features.var(0, dtype=np.float64)
        # a feature that hardly varies here must not be blown up elsewhere
        variance = np.maximum(variance, 1e-3 * variance.mean())
        layer = branch.model.get_layer(f"{branch.name}_standardize")
        variance = np.where(variance > 0, variance, 1.0)
        values[place[id(layer.moving_mean)]] = mean.astype(np.float32)
        values[place[id(layer.moving_variance)]] = variance.astype(np.float32)
    return values


def _blocks(values, n_rows) -> list:
    """Return the rows in blocks that are looked up in the cache together; small ones are one."""
    values = without_copy(values)
    if not isinstance(values, LazyRows):
        return [values] if len(values) else []
    blocks = values.blocks(n_rows)
    return blocks if values.has_row_keys else read_ahead(np.asarray, blocks)


def _batch_rows(encoder, rows) -> int:
    """Return the number of rows that go through a backbone at once."""
    if encoder.branch.kind == "text":
        return 32  # a row of ids is short, but its vectors are not
    entries = int(np.prod(rows.shape[1:]))
    return max(1, min(MAX_BATCH_ROWS, BATCH_ENTRIES // max(1, entries)))


def _encode(encoder, rows, printer) -> np.ndarray:
    if encoder.compiled is None:
        encoder.compiled = CompiledEncoder(encoder.model)
    if encoder.branch.kind != "text" or encoder.model.input_shape[1] is not None:
        return _encode_alike(encoder, rows, printer)
    rows = np.asarray(rows)
    widths, n_done = _widths(rows), 0
    features = np.empty((len(rows), *encoder.model.output_shape[1:]), np.float32)
    for width in np.unique(widths):
        places = np.flatnonzero(widths == width)
        features[places] = _encode_alike(encoder, rows[places, :width], printer, n_done)
        n_done += len(places)
    return features


def _widths(ids) -> np.ndarray:
    """Return how many ids of each text are computed: a few widths, each at least the text's."""
    lengths = ids.shape[1] - np.argmax(ids[:, ::-1] != 0, axis=1)
    return np.array([min(doubled(length, SHORTEST), ids.shape[1]) for length in lengths])


def _encode_alike(encoder, rows, printer, n_done=0) -> np.ndarray:
    """Return the features of rows of one shape; `n_done` others were before them."""
    size, parts = _batch_rows(encoder, rows), []
    batches = (rows[start : start + size] for start in range(0, len(rows), size))

    def compute(batch):
        def part(first, last):
            return encoder.compiled(batch[first:last])

        return in_fitting_parts(part, 0, len(batch), "a frozen backbone")

    ready = read_ahead if isinstance(rows, LazyRows) else map
    for batch in ready(np.asarray, batches):
        batch_parts = compute(batch)
        parts += batch_parts
        n_done += sum(map(len, batch_parts))
        if printer:
            printer(n_done)
    return np.concatenate(parts)
