"""Parameters from words."""

import click
import pytest

from skmtl.cli._settings import parse_names, parse_pairs, parse_parameters, parse_techniques


def test_values_are_json_or_text():
    words = [
        "epochs=5", "fusion=late", 'branch_dropout={"image": 0.9}', "trunk_units=[32, 16]",
        "early_stopping=true", "learning_rate=None", "optimizer__weight_decay=1e-4",
        "missing_label=-1", "tag_separator==",
    ]  # fmt: skip
    assert parse_parameters(words) == {
        "epochs": 5,
        "fusion": "late",
        "branch_dropout": {"image": 0.9},
        "trunk_units": [32, 16],
        "early_stopping": True,
        "learning_rate": None,
        "optimizer__weight_decay": 1e-4,
        "missing_label": -1,
        "tag_separator": "=",
    }


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("epoch=5", "did you mean epochs"),
        ("optimiser__weight_decay=1", "did you mean optimizer__weight_decay"),
        ("optimizer__=1", "no parameter"),
        ("xyz=1", "known are batch_size"),
        ("columns={}", "--columns"),
        ("tasks={}", "--tasks"),
        ("callbacks=[]", "fit in Python"),
        ("image_folder=x", "--image-folder"),
        ("epochs", "takes NAME=VALUE"),
        ("epochs=", "takes NAME=VALUE"),
        ("=5", "takes NAME=VALUE"),
    ],
)
def test_what_is_no_setting_is_an_error(word, message):
    with pytest.raises(click.UsageError, match=message):
        parse_parameters([word])


def test_a_name_is_given_once():
    with pytest.raises(click.UsageError, match="twice"):
        parse_pairs(["a=b", "a=c"], "--columns")


def test_names_are_parted_by_commas():
    assert parse_names(" a,b , 颜色,") == ["a", "b", "颜色"]


def test_techniques():
    found = parse_techniques(["plain:", "late: fusion=late 'branch_dropout={\"image\": 0.9}'"])
    assert found == {"plain": {}, "late": {"fusion": "late", "branch_dropout": {"image": 0.9}}}
    assert next(iter(parse_techniques([]).values())) == {}, "the baseline changes nothing"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a:", "a: epochs=3"], "a name that no other"),
        ([": epochs=3"], "a name that no other"),
        (["a: 'epochs=3"], "No closing quotation"),
        (["a: epoch=3"], "did you mean epochs"),
    ],
)
def test_what_is_no_technique_is_an_error(words, message):
    with pytest.raises(click.UsageError, match=message):
        parse_techniques(words)
