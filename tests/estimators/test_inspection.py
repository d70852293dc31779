"""Vectors before the heads, and contributions of columns, words and regions."""

import numpy as np
import pandas as pd
import pytest
from mixed_table import TASKS, make_mixed_table
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skmtl import MultiTaskClassifier, MultiTaskEstimator

CLASSES = ["corner", "mood", "cost"]
NETWORKS = {
    "weighted": {},
    "late": {"fusion": "late"},
    "concat": {"fusion": "concat", "trunk_units": (8,)},
    "trunk": {"trunk_units": (8,)},
    "none": {"sharing": "none"},
    "frozen": {"freeze_backbones": True},
    "seen": {"task_columns": {"mood": ["title"], "cost": ["price", "brand"]}},
    "convolutions": {"text_backbone": "text_cnn"},
}


@pytest.fixture(scope="module")
def mixed():
    """A network that has learned every label, and its table."""
    X, y = make_mixed_table(240)
    model = MultiTaskEstimator(epochs=25, random_state=0, tasks=TASKS).fit(X, y)
    return model, X, y


QUICK = ("weighted",)


@pytest.fixture(
    scope="module",
    params=[pytest.param(n, marks=() if n in QUICK else pytest.mark.slow) for n in NETWORKS],
)
def network(request):
    """A network of some architecture, barely trained, and rows of which cells are missing."""
    X, y = make_mixed_table(60, missing=0.15)
    model = MultiTaskClassifier(epochs=1, random_state=0, **NETWORKS[request.param])
    rows = np.flatnonzero(X["photo"].isna() | X["title"].isna())[:4].tolist()
    return model.fit(X, y[CLASSES]), X.iloc[[*rows, 0, 1, 2, 3]].set_axis(range(100, 108))


def evidence(model, X):
    """Return what contributions must add up to, from probabilities and numbers."""
    found = {}
    frame = model.predict_frame(X, proba=True)
    for name, kind in model.task_kinds_.items():
        values = frame[name].to_numpy(float)
        if kind == "class":
            logs = np.log(values)
            found[name] = (logs - logs.mean(axis=1, keepdims=True)).max(axis=1)
        elif kind == "tags":
            found[name] = np.log(values / (1 - values)).max(axis=1)
        elif kind == "number":
            found[name] = values[:, 0]
        else:  # of lying above the first class
            found[name] = np.log((1 - values[:, 0]) / values[:, 0])
    return pd.DataFrame(found, index=X.index)


def totals(explained):
    return explained.groupby(["row", "task"], sort=False)["contribution"].sum().unstack("task")


def test_contributions_of_columns_add_up(network):
    model, X = network
    expected = evidence(model, X)
    found = totals(model.explain(X)).loc[X.index, expected.columns]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_contributions_add_up_for_every_kind_of_label(mixed):
    model, X, _ = mixed
    expected = evidence(model, X[:20])
    kinds = [model.task_kinds_[name] for name in expected.columns]
    found = totals(model.explain(X[:20])).loc[X.index[:20], expected.columns]
    # evidence is read off a probability in float32, which rounds one that is close to 1
    rounding = 2e-7 * np.exp(expected.abs() * [kind != "number" for kind in kinds])
    assert ((found - expected).abs() <= 2e-5 + 1e-4 * expected.abs() + rounding).all(axis=None)


def test_a_missing_cell_contributes_nothing(network):
    model, X = network
    explained = model.explain(X)
    for column in ("photo", "title"):
        rows = X.index[X[column].isna()]
        mine = explained[(explained["column"] == column) & explained["row"].isin(rows)]
        assert len(mine)
        np.testing.assert_allclose(mine["contribution"], 0, atol=1e-6)


def test_the_column_that_decides_a_label_contributes_most(mixed):
    model, X, _ = mixed
    explained = model.explain(X[:50])
    explained = explained[explained["column"] != "(start)"]
    sizes = explained.assign(size=explained["contribution"].abs())
    largest = sizes.groupby(["task", "column"])["size"].mean().unstack().idxmax(axis=1)
    assert largest.to_dict() == {
        "corner": "photo", "mood": "title", "cost": "price", "weight": "price",
        "grade": "price", "tags": "brand",
    }  # fmt: skip


def test_the_word_that_decides_a_label_contributes_most(mixed):
    model, X, _ = mixed
    words = model.explain(X[:30], task="mood", by="word")
    words = words[words["position"] >= 0]
    largest = words.loc[words.groupby("row")["contribution"].idxmax(), "word"]
    assert set(largest) == {"好", "坏"}


def test_words_add_up_to_their_column(mixed):
    model, X, _ = mixed
    columns = model.explain(X[:20]).set_index(["column", "row", "task"])["contribution"]["title"]
    words = model.explain(X[:20], by="word")
    found = totals(words[words["position"] >= 0]).stack()
    np.testing.assert_allclose(found, columns.loc[found.index], atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("network", ["concat", "convolutions"], indirect=True)
def test_words_of_other_networks_add_up_to_what_the_text_adds(network):
    model, X = network
    words = model.explain(X, by="word", task="mood")
    if model.fusion == "concat":  # all columns meet in one trunk: the words bring it to the whole
        expected = evidence(model, X)["mood"].loc[words["row"].unique()]
        found = totals(words)["mood"].loc[expected.index]
        np.testing.assert_allclose(found, expected, atol=1e-5)
    assert set(words["row"]) == set(X.index[X["title"].notna()])


def test_the_region_that_decides_a_label_matters_most(mixed):
    model, X, y = mixed
    bright = X[y["corner"] == "bright"][:10]
    regions = model.explain(bright, task="corner", by="region")
    assert len(regions) == 64 * 10
    largest = regions.loc[regions.groupby("row")["contribution"].idxmax()]
    assert (largest["top"] >= 0.75).all()
    assert (largest["left"] >= 0.75).all()


def test_a_named_label_is_explained_in_every_row(mixed):
    model, X, _ = mixed
    up = model.explain(X[:20], task="mood", label="up")
    down = model.explain(X[:20], task="mood", label="down")
    assert set(up["label"]) == {"up"}
    # the evidence for one of two classes is that against the other
    np.testing.assert_allclose(up["contribution"], -down["contribution"], atol=1e-5)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"task": "price"}, "task must be None or one of"),
        ({"label": "up"}, "label='up' needs task="),
        ({"task": "mood", "label": "so-so"}, "label of task 'mood' must be one of"),
        ({"by": "pixel"}, "by must be one of"),
        ({"by": "word", "column": "photo"}, "column must be None or one of them"),
        ({"column": "title"}, "is for by='word' and by='region'"),
    ],
)
def test_what_cannot_be_explained_is_an_error(mixed, options, text):
    model, X, _ = mixed
    with pytest.raises(ValueError, match=text):
        model.explain(X[:3], **options)


def test_a_model_that_is_not_fitted_has_no_vectors_and_no_explanations():
    for method in ("transform", "explain", "get_feature_names_out"):
        with pytest.raises(NotFittedError, match="not fitted yet"):
            getattr(MultiTaskClassifier(), method)(make_mixed_table(3)[0])


def test_vectors_have_names_and_zeros_where_a_cell_is_missing(network):
    model, X = network
    vectors, names = model.transform(X), model.get_feature_names_out()
    assert vectors.shape == (len(X), len(names))
    assert len(set(names)) == len(names)
    if str(names[0]).startswith("photo"):
        mine = np.array([name.startswith("photo_") for name in names])
        assert np.array_equal((vectors[:, mine] == 0).all(axis=1), X["photo"].isna())


def test_vectors_of_one_column_are_missing_where_the_cell_is(network):
    model, X = network
    vectors = model.transform(X, column="title")
    assert np.array_equal(np.isnan(vectors).all(axis=1), X["title"].isna())
    assert not np.isnan(vectors[X["title"].notna()]).any()


@pytest.mark.slow
@pytest.mark.parametrize("network", ["seen"], indirect=True)
def test_the_vector_of_the_table_has_all_of_its_branches(network):
    model, X = network
    names = [str(name) for name in model.get_feature_names_out()]
    mine = np.array([name.startswith("table_") for name in names])
    vectors = model.transform(X, column="table")
    assert np.array_equal(np.nan_to_num(vectors), model.transform(X)[:, mine])


def test_the_heads_on_the_vectors_give_the_predictions(mixed):
    model, X, _ = mixed
    network = model._fitted.network
    ends = np.cumsum([branch.model.output_shape[-1] for branch in network.branches])
    assert [branch.name for branch in network.branches][1] == "photo_1"  # the mood's part of it
    vectors = model.transform(X[:5])[:, ends[0] : ends[1]]
    head = network.joint.get_layer("head_1_0")  # of the mood, on the photo
    logits = vectors @ np.asarray(head.kernel)
    weight = model.branch_weights_["mood"]["photo"]
    first = logits[:, 0] - logits.mean(axis=1)
    explained = model.explain(X[:5], task="mood", label=model.classes_[1][0])
    found = explained.loc[explained["column"] == "photo", "contribution"]
    np.testing.assert_allclose(found, weight * first, atol=1e-5)


def test_vectors_come_as_frames_where_one_is_asked_for(mixed):
    model, X, _ = mixed
    model.set_output(transform="pandas")
    try:
        frame, column = model.transform(X[5:8]), model.transform(X[5:8], column="table")
        with pytest.raises(ValueError, match="column must be None or one of"):
            model.transform(X[5:8], column="price")
    finally:
        model.set_output(transform="default")
    assert frame.index.tolist() == column.index.tolist() == [5, 6, 7]
    assert frame.columns[0] == "photo_0"
    assert column.columns[0] == "table_0"


def test_vectors_feed_another_model(mixed):
    model, X, y = mixed
    after = make_pipeline(FrozenEstimator(model), LogisticRegression()).fit(X, y["mood"])
    assert after.score(X, y["mood"]) == 1.0


def test_one_image_column_alone_is_explained():
    X, y = make_mixed_table(30)
    images = np.stack(X["photo"])
    model = MultiTaskClassifier(epochs=1, random_state=0).fit(images, y["corner"])
    explained = model.explain(images[:4])
    found = explained.groupby("row")["contribution"].sum()
    logs = np.log(model.predict_proba(images[:4]))
    np.testing.assert_allclose(found, (logs - logs.mean(1, keepdims=True)).max(1), atol=1e-5)
    assert explained["column"].unique().tolist() == ["(start)", "image"]
    assert len(model.explain(images[:1], by="region")) == 64
