"""Malicious files: every kind is refused with our own error, and nothing of it runs."""

import io
import json
import pickle
import struct
import warnings
import zipfile

import keras
import numpy as np
import pytest

import skmtl
from skmtl import MultiTaskClassifier
from skmtl.persistence import ModelFileError

ran = []


def run_me(*_args):
    ran.append(True)


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    """The members of a small fitted model with a Keras layer as its backbone."""
    path = tmp_path_factory.mktemp("honest") / "model.skmtl"
    X = np.random.default_rng(0).integers(0, 255, (8, 4, 4, 3), np.uint8)
    backbone = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Conv2D(2, 3)])
    options = {"epochs": 1, "branch_units": 128, "image_backbone": backbone}
    MultiTaskClassifier(random_state=0, **options).fit(X, [0, 1] * 4).save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def attack(tmp_path, honest):
    """A function that writes members, changed and added, and asserts that the file is refused."""

    def refuse(message, change=None, manifest=None, write=None):
        members = dict(honest)
        if manifest is not None:
            node = json.loads(members["skmtl.json"])
            manifest(node)
            members["skmtl.json"] = json.dumps(node).encode()
        members.update(change or {})
        path = tmp_path / "evil.skmtl"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # zipfile warns of the duplicate that is wanted here
            with zipfile.ZipFile(path, "w") as archive:
                for name, content in members.items():
                    archive.writestr(name, content)
                if write:
                    write(archive)
        with pytest.raises(ModelFileError, match=message):
            skmtl.load(path)
        assert not ran

    return refuse


def test_the_honest_file_is_loaded(honest, tmp_path):
    path = tmp_path / "copy.skmtl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in honest.items():
            archive.writestr(name, content)
    assert skmtl.load(path).n_iter_ == 1


# -- the container -------------------------------------------------------------------------------

NAMES = {
    "traversal": ("../../evil.txt", "leads out of its folder"),
    "traversal_inside": ("arrays/../../x", "leads out of its folder"),
    "backslashes": ("arrays\\..\\x", "leads out of its folder|no model has"),
    "absolute": ("/etc/cron.d/x", "absolute path"),
    "drive": ("C:\\x", "absolute path"),
    "unknown": ("code.py", "no model has, 'code.py'"),
    "pickle": ("model.pkl", "no model has"),
    "folder": ("arrays/", "special file|no model has"),
    "number": ("arrays/007.npy", "no model has"),
}


@pytest.mark.parametrize(("name", "message"), NAMES.values(), ids=NAMES)
def test_names_that_no_model_has(name, message, attack):
    attack(message, {name: b"x"})


def test_symlinks(attack):
    info = zipfile.ZipInfo("arrays/99.npy")
    info.external_attr = 0o120777 << 16
    attack("link or another special file", write=lambda a: a.writestr(info, "/etc/passwd"))


def test_device_files(attack):
    info = zipfile.ZipInfo("arrays/99.npy")
    info.external_attr = 0o020666 << 16
    attack("link or another special file", write=lambda a: a.writestr(info, ""))


def test_duplicates(attack):
    attack("two members of the name", write=lambda a: a.writestr("skmtl.json", b"{}"))


def test_zip_bombs(attack):
    attack(
        "is compressed",
        write=lambda a: a.writestr("arrays/99.npy", bytes(10**7), zipfile.ZIP_DEFLATED),
    )


def rewrite(tmp_path, honest, edit):
    """Write an honest file, change its bytes, and return the path."""
    path = tmp_path / "bytes.skmtl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in honest.items():
            archive.writestr(name, content)
    path.write_bytes(bytes(edit(bytearray(path.read_bytes()))))
    return path


def test_members_that_claim_more_than_the_file_has(tmp_path, honest):
    def edit(data):
        place = data.rfind(b"PK\x01\x02")
        data[place + 20 : place + 28] = struct.pack("<II", 2**31, 2**31)
        return data

    with pytest.raises(ModelFileError, match=r"claim 2|max_bytes|no complete"):
        skmtl.load(rewrite(tmp_path, honest, edit))


def test_overlapping_members(tmp_path, honest):
    def edit(data):
        first = data.find(b"PK\x01\x02")
        last = data.rfind(b"PK\x01\x02")
        data[last + 42 : last + 46] = data[first + 42 : first + 46]
        return data

    with pytest.raises(ModelFileError, match="lies where it should not"):
        skmtl.load(rewrite(tmp_path, honest, edit))


def test_something_before_the_archive(tmp_path, honest):
    with pytest.raises(ModelFileError, match="lies where it should not"):
        skmtl.load(rewrite(tmp_path, honest, lambda data: b"#!/bin/sh\n" + data))


def test_encrypted_members(tmp_path, honest):
    def edit(data):
        data[data.find(b"PK\x01\x02") + 8] |= 1
        return data

    with pytest.raises(ModelFileError, match="is encrypted"):
        skmtl.load(rewrite(tmp_path, honest, edit))


def test_another_name_in_the_local_header(tmp_path, honest):
    def edit(data):
        data[30:40] = b"evil.json_"
        return data

    with pytest.raises(ModelFileError, match="damaged"):
        skmtl.load(rewrite(tmp_path, honest, edit))


def test_every_truncation(tmp_path, honest):
    path = rewrite(tmp_path, honest, lambda data: data)
    whole = path.read_bytes()
    for length in [0, 1, 100, *range(200, len(whole), len(whole) // 40), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(ModelFileError, match="no complete zip file"):
            skmtl.load(path)


def test_every_flipped_byte_is_noticed_or_harmless(tmp_path, honest):
    path = rewrite(tmp_path, honest, lambda data: data)
    whole, refused = path.read_bytes(), 0
    rng = np.random.default_rng(0)
    for place in rng.choice(len(whole), 150, replace=False):
        data = bytearray(whole)
        data[place] ^= 1 << rng.integers(8)
        path.write_bytes(data)
        try:
            model = skmtl.load(path)
        except ModelFileError:
            refused += 1
        else:  # dates, versions and other bytes that carry nothing
            assert model.n_iter_ == 1
    assert refused > 100


def test_larger_than_allowed(tmp_path, honest):
    with pytest.raises(ModelFileError, match="max_bytes is 1000"):
        skmtl.load(rewrite(tmp_path, honest, lambda data: data), max_bytes=1000)


@pytest.mark.parametrize("content", [b"", b"PK", b"\x80\x04N.", pickle.dumps([1])])
def test_files_that_are_no_zip(content, tmp_path):
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match="no complete zip file"):
        skmtl.load(path)


def test_no_manifest(tmp_path):
    path = tmp_path / "x"
    with zipfile.ZipFile(path, "w"):
        pass
    with pytest.raises(ModelFileError, match=r"no member 'skmtl\.json'"):
        skmtl.load(path)


# -- arrays --------------------------------------------------------------------------------------


class Bomb:
    def __reduce__(self):
        return run_me, ()


def npy(header, data=b""):
    text = (header + "\n").encode("latin1")
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def pickled():
    file = io.BytesIO()
    np.save(file, np.array([Bomb()], object), allow_pickle=True)
    return file.getvalue()


ARRAYS = {
    "pickled": (pickled(), "holds object"),
    "no_array": (b"not an array", "is no array"),
    "nan_size": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (nan,)}"), "is no array"),
    "float_size": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2.0,)}"), "is no array"),
    "negative": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, -1)}"), "do not fit|is no array"),
    "huge": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (10000000000000,)}"), "do not fit"),
    "empty_huge": (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 9)}", b"1234"), "do not fit"),
    "code": (npy("__import__('os').system('true')"), "is no array"),
    "records": (npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", bytes(4)), "not plain numbers"),
    "subarrays": (npy("{'descr': ('<f4', (1000000000,)), 'fortran_order': False, 'shape': (0,)}"), "is no array|not plain|do not fit"),
    "deep": (npy("(" * 5000), "is no array"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "message"), ARRAYS.values(), ids=ARRAYS)
def test_arrays_that_are_none(content, message, attack):
    attack(message, {"arrays/0.npy": content})


def test_arrays_of_no_use(attack, honest):
    number = len(honest) - 1
    attack("arrays of no use", {f"arrays/{number}.npy": honest["arrays/0.npy"]})


def test_gaps_between_arrays(attack, honest):
    attack("but no 'arrays/", {f"arrays/{len(honest) + 3}.npy": honest["arrays/0.npy"]})


def test_arrays_of_another_shape(attack):
    file = io.BytesIO()
    np.save(file, np.zeros((3, 5), np.float32))
    attack("more weights than it holds", {"arrays/0.npy": file.getvalue()})


# -- the JSON ------------------------------------------------------------------------------------

TEXTS = {
    "nan": b'{"format": NaN}',
    "infinity": b'{"format": -Infinity}',
    "too_large": b'{"format": 1e999}',
    "long_number": b'{"format": ' + b"9" * 5000 + b"}",
    "same_key_twice": b'{"format": 1, "format": 2}',
    "deep": b"[" * 200_000,
    "no_json": b"import os",
    "no_text": b"\xff\xfe",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_json_that_is_none(text, attack):
    attack("the manifest is malformed", {"skmtl.json": text})


def estimator(node):
    return node["estimator"]


def spec(node):
    return estimator(node)["network"]["spec"]["fields"]


def branch(node):
    return spec(node)["branches"]["values"][0]["fields"]


def put(find, key, value):
    return lambda node: find(node).__setitem__(key, value)


def lambda_layer():
    return {"module": "keras.layers", "class_name": "Lambda", "config": {"function": {"class_name": "__lambda__", "config": {"code": "4wEAAAAA"}}}, "registered_name": None}  # fmt: skip


def layer(module, name, registered=None):
    return {"module": module, "class_name": name, "config": {}, "registered_name": registered}


def put_layer(config):
    def change(node):
        branch(node)["backbone"]["config"]["config"]["layers"].append(config)

    return change


JSON = {
    "newer_format": (put(lambda n: n, "format", 2), "format 2, written by skmtl .* install a newer"),
    "format_text": (put(lambda n: n, "format", "1"), "has the format '1'"),
    "format_bool": (put(lambda n: n, "format", True), "has the format True"),
    "more_keys": (put(lambda n: n, "code", "x"), "its keys are not"),
    "no_estimator": (put(lambda n: n, "estimator", [1]), "arrays of no use|holds no estimator"),
    "class_of_python": (put(estimator, "class", "os.system"), "names the class 'os.system'"),
    "class_of_sklearn": (put(estimator, "class", "sklearn.svm.SVC"), "names the class"),
    "class_no_text": (put(estimator, "class", {"$": "dict", "of": {}}), "names the class|malformed"),
    "kind": (put(estimator, "$", "pickle"), "unknown kind 'pickle'"),
    "private_kind": (put(estimator, "$", "object"), "unknown kind 'object'"),
    "list_kind": (put(estimator, "$", ["x"]), "unknown kind"),
    "parameter": (lambda n: estimator(n)["params"].update(evil=1), "no MultiTaskClassifier has, 'evil'"),
    "place": (lambda n: estimator(n)["params"].update(checkpoint_path="/x"), "'checkpoint_path'"),
    "method": (lambda n: estimator(n)["state"].update(predict=1), "attributes that no"),
    "dunder": (lambda n: estimator(n)["state"].update(__class__=1), "attributes that no"),
    "fetch": (put(branch, "backbone", "hf://evil/model"), "would have to be read from elsewhere"),
    "folder": (put(branch, "backbone", "/etc"), "would have to be read from elsewhere"),
    "application": (put(branch, "backbone", "vgg16"), "would have to be read from elsewhere"),
    "lambda": (put_layer(lambda_layer()), "Lambda is not allowed|not allowed"),
    "file_layer": (put_layer(layer("keras.layers", "TFSMLayer")), "TFSMLayer is not allowed"),
    "text_layer": (put_layer(layer("keras.layers", "TextVectorization")), "is not allowed"),
    "custom_layer": (put_layer(layer("evil_module", "Evil", "pkg>Evil")), "registered as 'pkg>Evil'"),
    "registered": (put_layer(layer("keras.layers", "Dense", "pkg>Dense")), "registered as"),
    "builtin": (put_layer(layer("builtins", "eval")), "builtins.eval is not allowed"),
    "os": (put_layer(layer("os", "system")), "os.system is not allowed"),
    "hub_class": (put_layer(layer("keras_hub.src.utils", "evil", "keras_hub>evil")), "not allowed|needs KerasHub"),
    "function": (put_layer({"module": "builtins", "class_name": "function", "config": "eval"}), "function 'eval'"),
    "keras_function": (put_layer({"module": "keras.utils", "class_name": "function", "config": "get_file"}), "function 'get_file'"),
    "compiled": (put_layer({**layer("keras.layers", "Dense"), "compile_config": {"loss": "x"}}), "an optimizer or losses"),
    "vast_units": (put(branch, "units", 10**12), "more weights than it holds"),
    "vast_head": (put(lambda n: spec(n)["heads"]["values"][0]["fields"], "n_outputs", 10**10), "heads disagree"),
    "vast_trunk": (put(spec, "trunk_units", {"$": "tuple", "values": [10**5, 10**5]}), "more weights than it holds"),
    "negative_units": (put(branch, "units", -3), "malformed"),
    "text_units": (put(branch, "units", "many"), "malformed"),
    "nan_units": (put(branch, "units", {"$": "float", "value": "nan"}), "malformed"),
    "other_units": (put(branch, "units", 5), "do not fit|malformed"),
    "number": (lambda n: estimator(n)["network"]["values"][0].update(number=10**9), "names the array"),
    "no_array": (lambda n: estimator(n)["network"]["values"].__setitem__(0, 3), "values must be list.*; got list"),
    "less": (lambda n: estimator(n)["network"]["values"].pop(), "do not fit|malformed"),
    "spec": (lambda n: estimator(n)["network"].update(spec=[]), "spec must be NetworkSpec; got list"),
    "record": (lambda n: estimator(n)["network"]["spec"].update({"class": "Popen"}), "record 'Popen'"),
    "cells": (lambda n: estimator(n)["params"].update(class_weight={"$": "cells", "dtype": "<U99999999", "shape": [1], "values": ["x"]}), "cells of 99999999 letters"),
    "shape": (lambda n: estimator(n)["params"].update(class_weight={"$": "cells", "dtype": "O", "shape": [10**12], "values": [1]}), "of the shape"),
    "dtype": (lambda n: estimator(n)["params"].update(class_weight={"$": "scalar", "dtype": "load", "value": "/etc/passwd"}), "scalar of the kind 'load'"),
    "output": (lambda n: estimator(n).update(output="evil"), "output 'evil'"),
}  # fmt: skip


@pytest.mark.parametrize(("manifest", "message"), JSON.values(), ids=JSON)
def test_json_that_lies(manifest, message, attack):
    attack(message, manifest=manifest)


def test_functions_in_pipelines(tmp_path):
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer

    path = tmp_path / "x"
    with pytest.raises(TypeError, match="a function is code"):
        skmtl.save(Pipeline([("f", FunctionTransformer(run_me))]), path)
    skmtl.save(Pipeline([("f", FunctionTransformer())]), path)
    with zipfile.ZipFile(path) as archive:
        text = archive.read("skmtl.json").replace(b'"func":null', b'"func":"os.system"')
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("skmtl.json", text)
    with pytest.raises(ModelFileError, match="FunctionTransformer with a function"):
        skmtl.load(path)


def test_a_column_transformer_of_another_sklearn(tmp_path):
    from sklearn.compose import ColumnTransformer

    path = tmp_path / "x"
    skmtl.save(ColumnTransformer([("a", "drop", [0])]).fit([[1]]), path)
    with zipfile.ZipFile(path) as archive:
        node = json.loads(archive.read("skmtl.json"))
    node["estimator"]["made_for"] = "1.5"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("skmtl.json", json.dumps(node))
    with pytest.raises(ModelFileError, match=r"of scikit-learn '1\.5'"):
        skmtl.load(path)


def test_a_missing_file_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError, match="none"):
        skmtl.load(tmp_path / "none")
