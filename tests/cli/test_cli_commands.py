"""The commands, from a table to a model and back."""

import pandas as pd
import pytest
from photo_table import make_photo_table

import skmtl
from skmtl.cli import main
from skmtl.cli._tables import read_table, write_table

LABELS = ["colour", "cheap", "weight"]
FIT = ["--labels", "colour,cheap", "--labels", "weight", "--columns", "id=drop",
       "--set", "epochs=2", "--set", "random_state=0"]  # fmt: skip

pytestmark = pytest.mark.slow  # each compiles networks


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a table in every format, and a model of it."""
    folder = tmp_path_factory.mktemp("cli")
    frame = make_photo_table(folder)
    for ending in ("csv", "tsv", "parquet", "jsonl"):
        write_table(frame, folder / f"table.{ending}")
    assert main(["fit", str(folder / "table.csv"), *FIT, "-o", str(folder / "m.skmtl")]) == 0
    return folder


def test_fit_is_the_fit_of_python(folder):
    frame = read_table(folder / "table.csv")
    X = frame.drop(columns=LABELS)
    X["photo"] = [
        None if pd.isna(name) or name == "photos/3.png" else str(folder / name)
        for name in X["photo"]
    ]
    model = skmtl.MultiTaskEstimator(columns={"id": "drop"}, epochs=2, random_state=0)
    model.fit(X, frame[LABELS])
    loaded = skmtl.load(folder / "m.skmtl")
    assert loaded.get_params() == model.get_params()
    pd.testing.assert_frame_equal(loaded.predict_frame(X), model.predict_frame(X))


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "jsonl"])
def test_predict_has_a_row_for_every_row(folder, ending, capfd):
    out = folder / f"predicted.{ending}"
    words = ["predict", str(folder / "m.skmtl"), str(folder / f"table.{ending}"), "-o", str(out)]
    assert main([*words, "--keep", "id"]) == 0
    assert "row 3" in capfd.readouterr().err
    predicted, table = read_table(out), read_table(folder / f"table.{ending}")
    assert list(predicted) == ["id", *LABELS]
    assert predicted["id"].tolist() == table["id"].tolist()
    assert not predicted.isna().any().any()
    assert main(words) == 2, "a file that is there is kept"
    assert main([*words, "--force", "--proba"]) == 0
    shares = read_table(out)
    assert len(shares) == len(table)
    total = shares[["cheap=no", "cheap=yes"]].astype(float).sum(axis=1)
    assert total.between(0.999, 1.001).all()


def test_evaluate_scores_labelled_rows(folder, capfd):
    out = folder / "scores.csv"
    words = ["evaluate", str(folder / "m.skmtl"), str(folder / "table.jsonl"), "-o", str(out)]
    assert main(words) == 0
    printed = capfd.readouterr()
    assert "mean score" in printed.out
    assert "row 5" in printed.err
    scores = read_table(out).set_index("task")
    assert scores.loc["colour", "n_labelled"] == 39
    assert scores.index.tolist() == LABELS


def test_inspect_names_columns_and_tasks(folder, capfd):
    assert main(["inspect", str(folder / "m.skmtl")]) == 0
    printed = capfd.readouterr().out
    for word in ("photo", "category", "blue, green, red", "random_state", "head: weight"):
        assert word in printed


def test_compare_prints_every_technique(folder, capfd):
    out = folder / "summary.csv"
    words = ["compare", str(folder / "table.csv"), *FIT[:2], *FIT[4:], "--columns", "photo=drop"]
    words += ["--columns", "title=drop", "--columns", "weight=drop", "--folds", "2", "-o", str(out)]
    words += ["--technique", "plain:", "--technique", "late: fusion=late"]
    assert main(words) == 0
    assert "against 'plain'" in capfd.readouterr().out
    assert read_table(out)["technique"].tolist() == ["plain", "late"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["evaluate", "m.skmtl", "other.csv"], "lacks 'id', 'photo'"),
        (["predict", "m.skmtl", "table.csv", "-o", "x.csv", "--keep", "nope"], "--keep names nope"),
        (["fit", "table.csv", "--labels", "nope", "-o", "x.skmtl"], "--labels names nope"),
        (["fit", "table.csv", "--labels", "colour", "-o", "m.skmtl"], "--force replaces it"),
        (["fit", "table.csv", "--labels", "id,colour", "--tasks", "ids=class", "-o", "x"], "ids"),
        (
            ["fit", "table.csv", "--labels", "colour", "--set", "fusion=x", "-o", "x"],
            "fusion must be",
        ),
        (["fit", "table.csv", "--labels", "colour", "--columns", "photo=song", "-o", "x"], "song"),
    ],
)
def test_wrong_use_is_one_sentence(folder, monkeypatch, capfd, words, message):
    monkeypatch.chdir(folder)
    (folder / "other.csv").write_text("a\n1\n", encoding="utf-8")
    assert main(words) == 2
    printed = capfd.readouterr().err
    assert message in printed
    assert "Traceback" not in printed
    assert not (folder / "x").exists()
