"""Workers forked after TensorFlow has started: an error, never a hang."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")

SCRIPT = """
import multiprocessing, pickle, sys
import joblib
import skmtl
from small_table import make_small_table

X, y = make_small_table(20)
model = skmtl.MultiTaskClassifier(epochs=1, random_state=0).fit(X, y)
fresh = skmtl.MultiTaskClassifier(epochs=1, random_state=0)
model.save(sys.argv[1])
context = multiprocessing.get_context("fork")


def outcome_of(call, *arguments):
    try:
        call(*arguments)
    except RuntimeError as error:
        return str(error)
    return "no error"


def segments(text):
    from skmtl.preprocessing import JiebaTokenizer

    return JiebaTokenizer().fit([text]).transform([text])


def inherited(_):
    return outcome_of(model.predict, X)


with context.Pool(1) as pool:
    print("inherited", pool.apply(inherited, [0]))
    print("sent", pool.apply(outcome_of, [model.predict_proba, X]))
    print("network", pool.apply(outcome_of, [getattr, model, "model_"]))
    print("more", pool.apply(outcome_of, [model.partial_fit, X, y]))
    print("save", pool.apply(outcome_of, [model.save, sys.argv[1] + "2"]))
    print("fit", pool.apply(outcome_of, [fresh.fit, X, y]))
    print("load", pool.apply(outcome_of, [skmtl.load, sys.argv[1]]))
    print("text", len(pool.apply(segments, ["今天天气很好"])))
    back = pool.apply(pickle.loads, [pickle.dumps(model)])
    print("back", (back.predict(X) == model.predict(X)).all())
with joblib.parallel_config("multiprocessing", n_jobs=2):
    for text in joblib.Parallel()(joblib.delayed(outcome_of)(model.predict, X) for _ in range(2)):
        print("joblib", text)
"""
REFUSED = ("inherited", "sent", "network", "more", "save", "fit", "load", "joblib")


@pytest.mark.slow
def test_a_forked_worker_is_told_instead_of_waiting_forever(tmp_path):
    found = subprocess.run(
        [sys.executable, "-c", SCRIPT, tmp_path / "model"],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    lines = [line.split(" ", 1) for line in found.stdout.splitlines()]
    for name in REFUSED:
        texts = [text for word, text in lines if word == name]
        assert texts, name
        for text in texts:
            assert "cannot be used in a process that was forked" in text, name
            assert "get_context('spawn') or joblib's backend 'loky'" in text
    assert ["text", "1"] in lines
    assert ["back", "True"] in lines
