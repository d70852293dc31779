"""Features of frozen backbones: computed once, never wrong."""

import multiprocessing
import pickle
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skmtl import MultiTaskClassifier
from skmtl.backbones.feature_cache import FolderFeatureCache, MemoryFeatureCache
from skmtl.network.frozen import forget_encoders
from skmtl.training import features

BERT = Path(__file__).parents[3] / "shared/models/bert_tiny_zh_random"
OPTIONS = {"epochs": 1, "freeze_backbones": True, "random_state": 0, "verbose": 0}


def make_table(n=120, seed=0):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (n, 8, 8, 3), dtype=np.uint8)
    X = pd.DataFrame({"image": list(images), "text": [f"词 {i}" for i in range(n)]})
    y = pd.DataFrame({"a": np.arange(n) % 3, "b": np.arange(n) % 2})
    return X, y


@pytest.fixture
def counted(monkeypatch):
    """Rows that went through a frozen backbone, by modality."""
    counts = {}
    encode = features._encode

    def count(encoder, rows, printer):
        counts[encoder.branch.modality] = counts.get(encoder.branch.modality, 0) + len(rows)
        return encode(encoder, rows, printer)

    monkeypatch.setattr(features, "_encode", count)
    return counts


@pytest.mark.slow
def test_a_grid_search_encodes_each_row_once(counted):
    X, y = make_table()
    model = MultiTaskClassifier(**OPTIONS, feature_cache=MemoryFeatureCache())
    grid = {"loss_weights": [None, [1, 2], [2, 1], [1, 5], [5, 1]]}
    search = GridSearchCV(model, grid, cv=3, error_score="raise").fit(X[["image"]], y)
    assert counted == {"image": 120}
    search.predict(X[["image"]])
    assert counted == {"image": 120}


@pytest.mark.slow
def test_branch_options_do_not_encode_again(counted):
    X, y = make_table()
    model = MultiTaskClassifier(**OPTIONS, feature_cache=MemoryFeatureCache()).fit(X, y)
    other = clone(model).set_params(branch_units=16, branch_dropout=0.1, batch_size=8)
    other.fit(X, y)
    assert counted == {"image": 120, "text": 120}


def encode_in_another_process(folder, queue):
    counts = []
    encode = features._encode
    features._encode = lambda encoder, rows, printer: (
        counts.append(len(rows)) or encode(encoder, rows, printer)
    )
    X, y = make_table()
    model = MultiTaskClassifier(**OPTIONS, feature_cache=folder).fit(X, y)
    queue.put((sum(counts), model.predict_proba(X)))


@pytest.mark.slow
def test_a_second_process_encodes_nothing(tmp_path, counted):
    X, y = make_table()
    folder = str(tmp_path / "features")
    model = MultiTaskClassifier(**OPTIONS, feature_cache=folder).fit(X, y)
    assert counted == {"image": 120, "text": 120}
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=encode_in_another_process, args=(folder, queue))
    process.start()
    n_encoded, probabilities = queue.get(timeout=240)
    process.join()
    assert n_encoded == 0
    for mine, theirs in zip(model.predict_proba(X), probabilities, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_rows_without_a_modality_never_enter_its_backbone(counted):
    X, y = make_table(40)
    X.loc[:29, "image"] = None
    X.loc[20:, "text"] = None
    y = y[(X.image.notna() | X.text.notna()).to_numpy()]
    X = X[X.image.notna() | X.text.notna()]
    MultiTaskClassifier(**OPTIONS, feature_cache=MemoryFeatureCache()).fit(X, y)
    assert counted == {"image": 10, "text": 20}


def test_a_row_that_occurs_twice_is_encoded_once(counted):
    X, y = make_table(20)
    X = pd.concat([X, X], ignore_index=True)
    y = pd.concat([y, y], ignore_index=True)
    MultiTaskClassifier(**OPTIONS, feature_cache=MemoryFeatureCache()).fit(X, y)
    assert counted == {"image": 20, "text": 20}


def test_widths_are_few_and_hold_each_text():
    ids = np.zeros((4, 100), np.int32)
    for row, length in enumerate((1, 16, 17, 99)):
        ids[row, :length] = 7
    assert features._widths(ids).tolist() == [16, 16, 32, 100]
    assert features._widths(ids[:, :10]).tolist() == [10] * 4
    ids[0, 20] = 7  # ids of the user may have zeros before the last one
    assert features._widths(ids)[0] == 32


@pytest.mark.parametrize("pooling", ["mean", "max", "cls"])
@pytest.mark.skipif(not BERT.is_dir(), reason="shared/models is not there")
def test_padding_of_a_preset_is_not_computed_and_changes_nothing(pooling, monkeypatch):
    pytest.importorskip("keras_hub")
    words = "今天天气很好" * 12
    X = pd.DataFrame({"text": [words[:n] for n in (1, 5, 14, 15, 31, 40, 70)] * 2})
    y = pd.DataFrame({"a": [0, 1] * 7})
    model = MultiTaskClassifier(
        **OPTIONS, text_backbone=str(BERT), pooling={"text": pooling}, feature_cache=None
    )
    found = model.set_params(feature_cache=MemoryFeatureCache()).fit(X, y).transform(X)
    widths, encode = [], features._encode_alike
    monkeypatch.setattr(
        features,
        "_encode_alike",
        lambda e, rows, *others: widths.append(rows.shape) or encode(e, rows, *others),
    )
    again = model.set_params(feature_cache=MemoryFeatureCache()).transform(X)
    assert widths == [(3, 16), (1, 32), (2, 64), (1, 128)]
    np.testing.assert_array_equal(found, again)
    monkeypatch.setattr(features, "_widths", lambda ids: np.full(len(ids), ids.shape[1]))
    whole = model.set_params(feature_cache=MemoryFeatureCache()).transform(X)
    # they are standardised: a feature that hardly varies is divided by a small deviation
    np.testing.assert_allclose(found, whole, atol=1e-3)


@pytest.mark.skipif(not BERT.is_dir(), reason="shared/models is not there")
def test_texts_are_no_longer_than_a_preset_takes():
    pytest.importorskip("keras_hub")
    X, y = pd.DataFrame({"text": ["天气很好" * 100] * 8}), pd.DataFrame({"a": [0, 1] * 4})
    model = MultiTaskClassifier(**OPTIONS, text_backbone=str(BERT)).fit(X, y)
    assert model._fitted.reader.parts["text"].sequencer_.max_len_ == 128
    model.set_params(tokenizer__max_len=200)
    with pytest.raises(ValueError, match=r"at most 128 ids; got 200: set tokenizer__max_len=128"):
        model.fit(X, y)


def test_a_layer_of_the_user_gets_whole_rows():
    layer = keras.Sequential([keras.layers.Embedding(50, 4), keras.layers.Flatten()])
    layer(np.zeros((1, 64), np.int32))
    X = pd.DataFrame({"text": ["好 坏", "好", "坏"] * 4})
    model = MultiTaskClassifier(**OPTIONS, text_backbone=layer).set_params(tokenizer__max_len=64)
    assert model.fit(X, pd.DataFrame({"a": [0, 1, 1] * 4})).transform(X).shape == (12, 256)


def test_other_weights_are_other_features(counted):
    X, y = make_table(20)
    cache = MemoryFeatureCache()
    MultiTaskClassifier(**OPTIONS, feature_cache=cache).fit(X, y)
    MultiTaskClassifier(**OPTIONS | {"random_state": 1}, feature_cache=cache).fit(X, y)
    assert counted["image"] == 40


@pytest.mark.parametrize("change", [{"freeze_backbones": False}, {"image_augmentation": "flip"}])
def test_training_or_augmenting_a_backbone_turns_the_cache_off(counted, change):
    X, y = make_table(20)
    options = OPTIONS | {"feature_cache": MemoryFeatureCache()} | change
    model = MultiTaskClassifier(**options).fit(X[["image"]], y)
    assert counted == {}
    assert "image" not in model._fitted.network.encoders


def test_a_frozen_backbone_with_augmentation_stays_frozen():
    X, y = make_table(20)
    options = OPTIONS | {"image_augmentation": "flip"}
    model = MultiTaskClassifier(**options).initialize(X[["image"]], y)
    before = [
        np.array(v)
        for v in model._fitted.network.branches[0].model.get_layer("image_encoder").weights
    ]
    model.set_params(warm_start=True, epochs=2).fit(X[["image"]], y)
    after = model._fitted.network.branches[0].model.get_layer("image_encoder").weights
    assert before
    for a, b in zip(before, after, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_model_is_the_whole_network(tmp_path):
    X, y = make_table(30)
    model = MultiTaskClassifier(**OPTIONS, feature_cache=tmp_path).fit(X[["image"]], y)
    whole = model.model_([np.stack(X["image"].to_numpy())])
    for mine, theirs in zip(model.predict_proba(X[["image"]]), whole, strict=True):
        np.testing.assert_allclose(mine, keras.ops.convert_to_numpy(theirs), atol=1e-6)


def test_networks_share_a_frozen_backbone_until_one_is_handed_out():
    X, y = make_table(30)
    X = X[["image"]]
    one = MultiTaskClassifier(**OPTIONS).fit(X, y)
    two = clone(one).set_params(loss_weights=[1, 3]).fit(X, y)
    encoder = one._fitted.network.encoders["image"]
    assert encoder is two._fitted.network.encoders["image"]
    before = two.predict_proba(X)
    model = one.model_
    for variable in model.get_layer("image_encoder").weights:
        variable.assign(variable * 0)
    assert not np.array_equal(one.predict_proba(X)[0], before[0])
    np.testing.assert_array_equal(two.predict_proba(X)[0], before[0])
    fresh = clone(two).fit(X, y)
    np.testing.assert_array_equal(fresh.predict_proba(X)[0], before[0])


def test_a_folder_is_given_as_a_path_and_survives_clone_and_pickle(tmp_path):
    X, y = make_table(20)
    model = MultiTaskClassifier(**OPTIONS, feature_cache=FolderFeatureCache(tmp_path)).fit(X, y)
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(model.predict(X), loaded.predict(X))
    assert list(tmp_path.glob("*.features"))
    bad = MultiTaskClassifier(**OPTIONS, feature_cache=3)
    with pytest.raises(TypeError, match="feature_cache must be None, a folder or a FeatureCache"):
        bad.fit(X, y)


def test_verbose_says_how_far_a_long_encoding_is(capsys, monkeypatch):
    monkeypatch.setattr(features, "MAX_BATCH_ROWS", 8)
    X, y = make_table(20)
    options = OPTIONS | {"verbose": 1, "feature_cache": MemoryFeatureCache()}
    MultiTaskClassifier(**options).fit(X[["image"]], y)
    assert "image backbone | 20/20 new rows encoded | 0 s left" in capsys.readouterr().out


def test_a_layer_handed_in_is_known_by_its_weights(counted):
    X, y = make_table(20)
    layer = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(4)]
    )
    cache = MemoryFeatureCache()
    options = OPTIONS | {"image_backbone": layer, "feature_cache": cache}
    MultiTaskClassifier(**options).fit(X[["image"]], y)
    MultiTaskClassifier(**options).fit(X[["image"]], y)
    assert counted == {"image": 20}
    layer.set_weights([2 * w for w in layer.get_weights()])
    MultiTaskClassifier(**options).fit(X[["image"]], y)
    assert counted == {"image": 40}


def test_results_do_not_depend_on_what_the_process_has_built_before():
    X, y = make_table(30)
    forget_encoders()
    fresh = MultiTaskClassifier(**OPTIONS).fit(X, y).predict_proba(X)
    forget_encoders()
    MultiTaskClassifier(**OPTIONS).fit(X[["image"]], y)  # builds the image encoder only
    again = MultiTaskClassifier(**OPTIONS).fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(fresh[0], again[0])
