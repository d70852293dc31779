"""Tasks that share the first stages of a CNN: what is whose, and where nothing is split."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras.ops import convert_to_numpy as as_numpy
from small_table import make_small_table

from skmtl import MultiTaskClassifier
from skmtl.network.network import build_network
from skmtl.sharing import HardSharing, SplitSharing


def initialized(**options):
    """Return an estimator whose network has its initial weights."""
    X, y = make_small_table(30)
    return MultiTaskClassifier(random_state=0).set_params(**options).initialize(X, y)


def spec_of(**options):
    return initialized(**options)._fitted.spec


@given(
    st.lists(st.integers(1, 512), min_size=1, max_size=6),
    st.integers(1, 6),
    st.floats(0.01, 1),
    st.integers(1, 12),
)
def test_filters_of_the_shared_and_of_the_own_stages(filters, n_shared, width, n_tasks):
    shared, own = SplitSharing(n_shared_stages=n_shared, own_width=width).split(
        tuple(filters), n_tasks
    )
    if 1 < n_tasks <= 8:
        assert list(shared) == filters[:n_shared]
        assert len(own) == max(0, len(filters) - n_shared)
        for n, whole in zip(own, filters[n_shared:], strict=True):
            assert n == max(1, round(width * whole))
    else:
        assert (list(shared), own) == (filters, ())


def test_a_wider_own_part_is_a_whole_stage():
    assert SplitSharing(own_width=1).split((32, 64, 64), 2) == ((32,), (64, 64))


def test_stem_is_shared_and_each_task_has_its_own_later_stages():
    network = build_network(spec_of(image_backbone__filters=(4, 8, 6)), seed=0)
    assert list(network.stems) == ["image"]
    assert network.stems["image"].output_shape == (None, 4, 4, 4)
    assert [branch.name for branch in network.branches] == ["image_0", "image_1", "text"]
    shared = {tuple(v.shape) for v in network.shared_variables}
    assert (3, 3, 3, 4) in shared
    for own in network.task_variables:
        shapes = [tuple(v.shape) for v in own]
        assert shapes.count((3, 3, 4, 4)) == shapes.count((3, 3, 4, 3)) == 1
    assert not {id(v) for v in network.task_variables[0]} & {
        id(v) for v in network.shared_variables
    }


NOT_SPLIT = {
    "a trunk": {"trunk_units": 8},
    "a frozen backbone": {"freeze_backbones": True},
    "hidden from all but one task": {"task_columns": {"mood": "text"}},
    "no more stages": {"sharing": SplitSharing(n_shared_stages=2)},
    "too many tasks": {"sharing": SplitSharing(max_tasks=1)},
}


@pytest.mark.parametrize("name", NOT_SPLIT)
def test_elsewhere_it_is_hard_sharing_bit_by_bit(name):
    spec = spec_of(**NOT_SPLIT[name])
    split, hard = (
        build_network(replace(spec, sharing=s), 0) for s in (spec.sharing, HardSharing())
    )
    assert isinstance(spec.sharing, SplitSharing)
    assert split.stems == {}
    for one, other in zip(split.all_variables, hard.all_variables, strict=True):
        assert np.array_equal(one, other)


def test_predictions_are_those_of_the_stages_one_after_the_other():
    X, y = make_small_table(30, missing=0.0)
    model = MultiTaskClassifier(epochs=2, random_state=0, fusion="late").fit(X, y)
    network = model._fitted.network
    pixels = np.stack(list(X["image"]))
    features = as_numpy(network.stems["image"](pixels))
    ids = model._fitted.reader.parts["text"].encode(X["text"].to_numpy(object)).values
    *own, text = [branch.model for branch in network.branches]
    layers = {layer.name: layer for layer in network.joint.layers}
    for task, (part, predicted) in enumerate(zip(own, model.predict_proba(X), strict=True)):
        vectors = [as_numpy(part(features)), as_numpy(text(ids))]
        logits = sum(
            x @ as_numpy(head.kernel) + as_numpy(head.bias)
            for x, head in ((x, layers[f"head_{task}_{place}"]) for place, x in enumerate(vectors))
        )
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        assert np.allclose(predicted, powers / powers.sum(axis=1, keepdims=True), atol=1e-5)


def test_a_task_without_labels_keeps_its_own_stages():
    X, y = make_small_table(60, missing=0.0)
    model = MultiTaskClassifier(epochs=1, batch_size=8, random_state=0)
    start = [np.array(v) for v in model.initialize(X, y)._fitted.network.task_variables[1]]
    weights = np.ones((60, 2))
    weights[:, 1] = 0  # as if no row had a label
    fitted = model.fit(X, y, sample_weight=weights)
    for before, after in zip(start, fitted._fitted.network.task_variables[1], strict=True):
        assert np.array_equal(before, after)


def test_it_learns_with_an_aggregator_missing_cells_and_labels():
    X, y = make_small_table(60)
    model = MultiTaskClassifier(gradient_aggregator="pcgrad", epochs=10, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.6
    assert "colour|mood_gradient_cosine" in model.history_
    nothing = X.copy()
    nothing.loc[:, :] = None
    assert all(np.isfinite(task).all() for task in model.predict_proba(nothing[:2]))


def test_vectors_of_a_column_are_those_of_all_tasks():
    X, y = make_small_table(30)
    model = MultiTaskClassifier(epochs=1, random_state=0).fit(X, y)
    widths = [branch.model.output_shape[-1] for branch in model._fitted.network.branches[:2]]
    assert model.transform(X, column="image").shape == (30, sum(widths))
