"""Exported networks agree with `predict_proba`."""

import json
import warnings

import numpy as np
import pytest

from skmtl import MultiTaskClassifier
from skmtl.fitting.export import export_model, network_inputs

pytestmark = pytest.mark.filterwarnings("ignore")  # exporters warn of what they will change


@pytest.fixture(scope="module")
def fitted():
    from small_table import make_small_table

    X, y = make_small_table(40)
    return MultiTaskClassifier(epochs=1, random_state=0).fit(X, y), X


def run_onnx(path, arrays):
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(path)
    names = {one.name for one in session.get_inputs()}
    assert names == set(arrays)
    return dict(
        zip([o.name for o in session.get_outputs()], session.run(None, arrays), strict=True)
    )


def run_saved_model(path, arrays):
    import tensorflow as tf

    serve = tf.saved_model.load(path).signatures["serving_default"]
    found = serve(**{name: tf.constant(array) for name, array in arrays.items()})
    return {name: value.numpy() for name, value in found.items()}


def run_tflite(path, arrays):
    import tensorflow as tf

    serve = tf.lite.Interpreter(model_path=path).get_signature_runner("serving_default")
    assert set(serve.get_input_details()) == set(arrays)
    return serve(**arrays)


RUNNERS = {"onnx": run_onnx, "saved_model": run_saved_model, "tflite": run_tflite}


@pytest.mark.slow
@pytest.mark.parametrize("format", RUNNERS)
def test_outputs_agree(format, fitted, tmp_path):
    model, X = fitted
    if format == "onnx":
        pytest.importorskip("tf2onnx")
    path = tmp_path / "model"
    model.export(path, format=format)
    description = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    outputs = RUNNERS[format](str(path), network_inputs(model, X))
    expected = model.predict_proba(X)
    for output, probabilities, classes in zip(
        description["outputs"], expected, model.classes_, strict=True
    ):
        np.testing.assert_allclose(outputs[output["name"]], probabilities, atol=1e-4)
        assert output["classes"] == classes.tolist()
    assert [one["name"] for one in description["inputs"]] == list(network_inputs(model, X))
    sequencer = model._fitted.reader.parts["text"].sequencer_
    text = description["preprocessing"]["text"]
    assert text["vocabulary"] == sequencer.vocabulary_
    assert text["parameters"]["max_len"] == sequencer.max_len_ == 16
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model", "model.json"]


def test_formats_are_named(fitted, tmp_path):
    with pytest.raises(ValueError, match=r"format must be one of .*'tflite'.*; got 'pickle'"):
        fitted[0].export(tmp_path / "x", format="pickle")


def test_a_folder_that_is_there_stays(fitted, tmp_path):
    with pytest.raises(ValueError, match="path must be a folder that does not exist yet"):
        export_model(fitted[0], tmp_path, "saved_model")


def test_missing_packages_name_the_extra(fitted, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ImportError, match=r"needs onnx and tf2onnx: pip install onnx tf2onnx"):
        export_model(fitted[0], tmp_path / "x", "onnx")


def test_an_unfitted_classifier_says_so(tmp_path):
    from sklearn.exceptions import NotFittedError

    with warnings.catch_warnings(), pytest.raises(NotFittedError, match="not fitted"):
        MultiTaskClassifier().export(tmp_path / "x", format="saved_model")
    assert not list(tmp_path.iterdir())
