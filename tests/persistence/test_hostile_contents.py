"""Malicious contents in a well-formed file: native state, amounts, places, malformed values."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

import skmtl
from skmtl import MultiTaskClassifier
from skmtl.persistence import ModelFileError
from skmtl.preprocessing import JiebaSequencer, JiebaTokenizer, JiebaVectorizer
from skmtl.sharing import CGC, MMoE


@pytest.fixture
def change(tmp_path):
    """A function that saves an estimator, changes its manifest, and returns the path."""

    def write(estimator, edit):
        path = tmp_path / "changed.skmtl"
        skmtl.save(estimator, path)
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        node = json.loads(members["skmtl.json"])
        edit(node["estimator"])
        members["skmtl.json"] = json.dumps(node).encode()
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return path

    return write


def unchanged(_node):
    pass


def set_parameter(value, name="class_weight"):
    return lambda node: node["params"].__setitem__(name, value)


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(12, 3)).astype(np.float32), np.array([[0, 1], [1, 0]] * 6)
    return MultiTaskClassifier(epochs=1, random_state=0, trunk_units=(4,)).fit(X, y)


# -- state of compiled code ----------------------------------------------------------------------

STATES = {
    "position": (2, 10**9),
    "negative": (2, -1),
    "bool_position": (2, True),
    "generator": (0, "PCG64"),
    "gauss_flag": (3, 2),
    "gauss": (4, "x"),
    "list": (1, [1] * 624),
}


@pytest.mark.parametrize(("place", "value"), STATES.values(), ids=STATES)
def test_random_states_that_no_generator_has(place, value, change):
    def edit(node):
        entries = node["params"]["random_state"]["values"]
        if place == 1:  # its array is named by nothing else
            node["params"]["class_weight"] = entries[1]
        entries[place] = value

    path = change(MultiTaskClassifier(random_state=np.random.RandomState(0)), edit)
    with pytest.raises(ModelFileError, match="is no state of MT19937"):
        skmtl.load(path)


def test_a_table_of_zeros_would_draw_for_ever(change):
    state = np.random.RandomState(0)
    kind, words, position, *rest = state.get_state()
    words[:] = 0
    words[0] = 1  # of the first word only the highest bit counts
    state.set_state((kind, words, position, *rest))
    path = change(MultiTaskClassifier(random_state=state), unchanged)
    with pytest.raises(ModelFileError, match="is no state of MT19937"):
        skmtl.load(path)


def test_other_generators_are_refused_when_saving(tmp_path):
    state = np.random.RandomState(np.random.PCG64(0))
    with pytest.raises(TypeError, match="random_state: a RandomState over PCG64 cannot be saved"):
        skmtl.save(MultiTaskClassifier(random_state=state), tmp_path / "x")


@pytest.mark.parametrize("value", [-1, 2, 10**6, True, "0"])
@pytest.mark.parametrize("kind", [JiebaVectorizer, JiebaSequencer])
def test_vocabularies_that_would_write_out_of_bounds(kind, value, change):
    transformer = kind().fit([["好", "坏"]])

    def edit(node):
        node["state"]["vocabulary_"]["of"]["坏"] = value

    if kind is JiebaSequencer and value == 2:
        value = 1
    with pytest.raises(ModelFileError, match=r"has other ids than|must be dict"):
        skmtl.load(change(transformer, edit))


# -- amounts -------------------------------------------------------------------------------------


def test_an_array_is_named_once(change):
    array = np.zeros(1000)

    def edit(node):
        node["params"]["class_weight"] = [node["params"]["missing_label"]] * 600

    path = change(MultiTaskClassifier(missing_label=array), edit)
    with pytest.raises(ModelFileError, match="names the array 0 twice"):
        skmtl.load(path)


def test_small_dtypes_do_not_count_as_weights(fitted, change):
    import io

    path = change(fitted, unchanged)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for name, content in members.items():
        if not name.endswith(".npy"):
            continue
        array, file = np.load(io.BytesIO(content)), io.BytesIO()
        if array.dtype == np.float32:  # a weight
            np.save(file, array.astype(bool))
            members[name] = file.getvalue()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(ModelFileError, match="more weights than it holds"):
        skmtl.load(path)


def spec_of(node):
    return node["network"]["spec"]["fields"]


MANY = {
    "trunk": lambda node: spec_of(node).update(trunk_units={"$": "tuple", "values": [1] * 9_000}),
    "experts": lambda node: spec_of(node)["sharing"]["params"].update(n_experts=10**9),
    "units": lambda node: spec_of(node).update(trunk_units={"$": "tuple", "values": [10**9]}),
    "input": lambda node: spec_of(node)["branches"]["values"][0]["fields"].update(units=10**9),
}


@pytest.mark.parametrize("edit", MANY.values(), ids=MANY)
def test_architectures_are_bounded_by_what_the_file_holds(edit, fitted, change):
    model = skmtl.load(change(fitted, unchanged))
    model.set_params(sharing=MMoE(n_experts=2))
    rng = np.random.default_rng(0)
    model.fit(rng.normal(size=(12, 3)).astype(np.float32), np.array([[0, 1], [1, 0]] * 6))
    with pytest.raises(ModelFileError, match="more weights than it holds"):
        skmtl.load(change(model, edit))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bigru", "transformer"])
def test_token_networks_are_bounded(name, change):
    X = np.array([[2, 3], [3, 4]] * 6)
    options = {"embedding_dim": 4} | (
        {"n_layers": 1, "n_heads": 1} if name == "transformer" else {}
    )
    model = MultiTaskClassifier(epochs=1, random_state=0, text_backbone=name).set_params(
        **{f"text_backbone__{key}": value for key, value in options.items()}
    )
    import pandas as pd

    model.fit(pd.DataFrame(X, columns=["text_0", "text_1"]), [0, 1] * 6)

    def edit(node):
        options = spec_of(node)["branches"]["values"][0]["fields"]["backbone_options"]["values"]
        key = "n_layers" if name == "transformer" else "units"
        options[:] = [option for option in options if option["values"][0] != key]
        options.append({"$": "tuple", "values": [key, 10**7]})

    with pytest.raises(ModelFileError, match="more weights than it holds"):
        skmtl.load(change(model, edit))


def test_layers_of_parameters_are_bounded(change):
    import keras

    layer = keras.layers.Dense(2)
    layer.build((None, 3))

    def edit(node):
        node["params"]["image_backbone"]["config"]["build_config"]["input_shape"] = [None, 10**12]

    with pytest.raises(ModelFileError, match="more weights than it holds"):
        skmtl.load(change(MultiTaskClassifier(image_backbone=layer), edit))


COLLIDING = [k * (2**61 - 1) for k in range(40_000)]
AMOUNTS = {
    "set": ({"$": "set", "values": COLLIDING}, "keys are alike"),
    "frozenset": ({"$": "frozenset", "values": COLLIDING}, "keys are alike"),
    "dict": ({"$": "items", "keys": COLLIDING, "values": [0] * 40_000}, "keys are alike"),
    "lists": ([[]] * 2_000_000, "lists and objects in"),
    "deep": (json.loads("[" * 200 + "]" * 200), "more than 100 levels"),
    "wide_cells": ({"$": "cells", "dtype": "<U100000", "shape": [2000], "values": ["x" * 100_000] + [""] * 1999}, "more than its length allows"),
    "no_cells": ({"$": "cells", "dtype": "O", "shape": [0, 10**30], "values": []}, "malformed"),
    "many_dimensions": ({"$": "cells", "dtype": "O", "shape": [1] * 1000, "values": [0]}, "malformed"),
}  # fmt: skip


@pytest.mark.parametrize(("value", "message"), AMOUNTS.values(), ids=AMOUNTS)
def test_amounts_are_bounded(value, message, change):
    with pytest.raises(ModelFileError, match=message):
        skmtl.load(change(MultiTaskClassifier(), set_parameter(value)))


def test_a_directory_of_many_entries_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "many"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(21_000):
            archive.writestr(zipfile.ZipInfo(f"{number}"), b"")

    def read(*_args):
        raise AssertionError("the directory was read")

    monkeypatch.setattr(zipfile, "ZipFile", read)
    with pytest.raises(ModelFileError, match="21000 members"):
        skmtl.load(path)


def test_a_directory_of_more_entries_than_it_claims(tmp_path):
    path = tmp_path / "many"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(1000):
            archive.writestr(zipfile.ZipInfo(f"{number}"), b"")
    data = bytearray(path.read_bytes())
    data[-12:-10] = data[-14:-12] = b"\x01\x00"
    path.write_bytes(data)
    with pytest.raises(ModelFileError, match="1 members in a directory of"):
        skmtl.load(path)


def test_a_file_that_could_not_be_loaded_is_not_written(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"before")
    with pytest.raises(TypeError, match="lists and objects in"):
        skmtl.save(MultiTaskClassifier(class_weight=[[]] * 100_000), path)
    assert path.read_bytes() == b"before"


# -- places --------------------------------------------------------------------------------------

PLACES = {
    "dictionary": JiebaTokenizer(dictionary="/proc/self/environ"),
    "fitted": JiebaTokenizer().fit(["a"]).set_params(dictionary="/etc/passwd"),
    "path": JiebaTokenizer(dictionary=Path("/proc/self/environ")),
    "user_words": JiebaSequencer(tokenizer=JiebaTokenizer(user_words="words.txt")),
    "within": MultiTaskClassifier(tokenizer=JiebaSequencer().set_params(tokenizer__dictionary="d")),
    "option": MultiTaskClassifier().set_params(tokenizer__tokenizer__dictionary="words.txt"),
    "folder": MultiTaskClassifier(text_backbone="models/bert"),
    "download": MultiTaskClassifier(image_backbone="hf://user/model"),
    "parent": MultiTaskClassifier(image_backbone=".."),
    "weights": MultiTaskClassifier(image_backbone="vgg16").set_params(image_backbone__weights="w.h5"),
    "vectors": MultiTaskClassifier().set_params(text_backbone__vectors="vectors.txt"),
    "images": MultiTaskClassifier(image_folder="/home"),
    "stop_words": JiebaVectorizer().set_params(tokenizer__stop_words="stop.txt"),
}  # fmt: skip


@pytest.mark.parametrize("estimator", PLACES.values(), ids=PLACES)
def test_places_to_read_from_need_leave(estimator, tmp_path):
    path = tmp_path / "x"
    skmtl.save(estimator, path)
    with pytest.raises(ModelFileError, match=r"names a place to read from.*allow_paths=True"):
        skmtl.load(path)
    assert repr(skmtl.load(path, allow_paths=True)) == repr(estimator)


def test_places_in_the_input_of_a_fitted_network(change):
    import pandas as pd

    X = pd.DataFrame({"text": [["a", "b"], ["b"]] * 6})
    model = MultiTaskClassifier(epochs=1, random_state=0).fit(X, [0, 1] * 6)

    def edit(node):
        part = node["network"]["reader"]["fields"]["parts"]["of"]["text"]
        tokenizer = part["fields"]["sequencer_"]["state"]["tokenizer_"]
        tokenizer["params"]["dictionary"] = "/proc/self/environ"

    with pytest.raises(ModelFileError, match=r"dictionary='/proc/self/environ'"):
        skmtl.load(change(model, edit))


def test_names_are_no_places(tmp_path):
    model = MultiTaskClassifier(image_backbone="vgg16", text_backbone="bert_tiny_en_uncased")
    model.set_params(image_backbone__weights="imagenet", sharing=CGC(n_task_experts=2))
    skmtl.save(model, tmp_path / "x")
    assert repr(skmtl.load(tmp_path / "x")) == repr(model)


# -- malformed values ----------------------------------------------------------------------------

MALFORMED = {
    "base64": {"$": "bytes", "value": "a"},
    "base64_letters": {"$": "bytes", "value": "ä"},
    "overflow": {"$": "scalar", "dtype": "int8", "value": 10**30},
    "scalar_of_list": {"$": "scalar", "dtype": "float32", "value": [1, 2]},
    "scalar_text": {"$": "scalar", "dtype": "int64", "value": "x"},
    "float": {"$": "float", "value": "-nan"},
    "float_list": {"$": "float", "value": []},
    "path_number": {"$": "path", "value": 3},
    "unhashable": {"$": "set", "values": [[]]},
    "unequal": {"$": "items", "keys": [1], "values": []},
    "dict_list": {"$": "dict", "of": []},
    "no_values": {"$": "tuple"},
    "slice": {"$": "slice", "values": ["a", 2, 3]},
    "cells_shape": {"$": "cells", "dtype": "O", "shape": 3, "values": [1, 2, 3]},
    "cells_kind": {"$": "cells", "dtype": ["O"], "shape": [1], "values": [1]},
    "record_list": {"$": "record", "class": "Tasks", "fields": []},
    "record_class": {"$": "record", "class": ["Tasks"], "fields": {}},
    "keras_list": {"$": "keras", "config": [], "weights": []},
    "optimizer": {"$": "optimizer_class", "config": {"module": "keras.layers", "class_name": "Dense", "config": {"units": 1}, "registered_name": None}},
    "estimator": {"$": "estimator", "class": "MMoE", "params": [], "state": {}},
    "no_kind": {},
    "kind_number": {"$": 3},
}  # fmt: skip


@pytest.mark.parametrize("value", MALFORMED.values(), ids=MALFORMED)
def test_malformed_values(value, change):
    with pytest.raises(ModelFileError, match="cannot be loaded"):
        skmtl.load(change(MultiTaskClassifier(), set_parameter(value)))


def test_errors_are_short(change):
    edit = set_parameter({"$": "x" * 100_000})
    with pytest.raises(ModelFileError, match="unknown kind") as caught:
        skmtl.load(change(MultiTaskClassifier(), edit))
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("made_with", [None, [], {"$": "dict", "of": []}])
@pytest.mark.parametrize("number", [1, 2])
def test_malformed_versions(made_with, number, tmp_path):
    path = tmp_path / "x"
    with zipfile.ZipFile(path, "w") as archive:
        node = {"format": number, "made_with": made_with, "estimator": None}
        archive.writestr("skmtl.json", json.dumps(node))
    with pytest.raises(ModelFileError, match="the manifest is malformed"):
        skmtl.load(path)


# -- saving --------------------------------------------------------------------------------------


def test_a_missing_folder_is_named_when_saving(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no '.*/none': create it"):
        MultiTaskClassifier().save(tmp_path / "none" / "x")


def test_a_folder_is_no_file_to_save_to(tmp_path):
    with pytest.raises(IsADirectoryError, match="path must be a file"):
        MultiTaskClassifier().save(tmp_path)
