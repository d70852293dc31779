"""Small versions of the campaigns of examples/benchmarks: mutated files, kills on a full disk."""

import sys
from pathlib import Path

import pytest
import sklearn

EXAMPLES = Path(__file__).resolve().parents[1] / "examples" / "benchmarks"


@pytest.fixture(scope="module", autouse=True)
def _examples():
    sys.path.insert(0, str(EXAMPLES))
    yield
    sys.path.remove(str(EXAMPLES))


# the encoders of 1.6 fail where categories and cells are of different types
scikit_learn = pytest.param(
    "scikit-learn transformers",
    marks=[
        pytest.mark.slow,
        pytest.mark.skipif(sklearn.__version__ < "1.7", reason="scikit-learn 1.6 itself fails"),
    ],
)


@pytest.mark.parametrize("name", ["vectorizer", "normalizer", scikit_learn])
def test_mutated_transformers_are_refused_or_work(name, tmp_path):
    from _model_mutations import attack_models

    counts, wrong = attack_models(tmp_path, name, n_each=2, max_files=50)
    assert wrong == []
    assert counts["refused"] > 20
    assert counts["works"] > 5


@pytest.mark.parametrize(
    "name",
    [
        "layers as parameters",
        pytest.param("pipeline", marks=pytest.mark.slow),
        pytest.param("scikit-learn pipeline", marks=pytest.mark.slow),
    ],
)
def test_mutated_models_are_refused_or_predict(name, tmp_path):
    from _model_mutations import attack_models

    counts, wrong = attack_models(tmp_path, name, seed=1, max_files=8)
    assert wrong == []
    assert counts["refused"] + counts["works"] >= 8


def test_the_campaign_notices_what_is_wrong(tmp_path, monkeypatch):
    import _model_mutations

    monkeypatch.setattr("skmtl.persistence._estimators.check_state", lambda *_: None)
    _, wrong = _model_mutations.attack_models(tmp_path, "normalizer", n_each=3)
    assert wrong


def test_mutated_cache_files_give_right_features_or_none(tmp_path):
    from _cache_mutations import attack_caches

    outcomes = attack_caches(tmp_path, 50, seed=1)
    assert sum(outcomes.values()) == 400
    assert min(outcomes["right rows"], outcomes["missing rows"]) > 50


def test_mutated_images_are_read_or_refused(tmp_path):
    from _image_mutations import mutate_images

    counts = mutate_images(tmp_path, 60, seed=1)
    assert counts["read"] + counts["refused"] == 60
    assert min(counts["read"], counts["refused"]) > 5


@pytest.mark.slow
@pytest.mark.parametrize("name", ["save", "feature cache", "results file", "checkpoint"])
def test_kills_on_a_full_disk_lose_nothing(name):
    import _full_disk

    _full_disk.preload()
    with _full_disk.small_disk() as (folder, _):
        assert _full_disk.kill_on_full_disk(name, folder, 1) == 1
