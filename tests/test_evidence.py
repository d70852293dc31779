"""The tables of docs/evidence.md are those of the committed results."""

import importlib
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "evidence.md"
RESULTS = ROOT / "examples" / "benchmarks" / "results" / "evidence.jsonl"


@pytest.fixture
def report(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "examples" / "benchmarks")
    return importlib.import_module("evidence_report")


@pytest.fixture
def numbers(report):  # noqa: ARG001
    return importlib.import_module("_evidence_numbers")


def test_the_page_has_the_tables_of_the_results(report, numbers):
    page = PAGE.read_text(encoding="utf-8")
    assert len(report.BLOCK.findall(page)) >= 2
    assert report.with_tables(page, numbers.read(RESULTS)) == page


def test_every_run_has_scores_and_costs(numbers):
    runs = numbers.read(RESULTS)
    assert runs["score"].between(-1, 1).all()
    assert (runs["n_parameters"] > 0).all()
    assert (runs["seconds"] > 0).all()
    assert not runs.duplicated(["study", "table", "setting", "seed", "task"]).any()


def write(path, scores):
    """Write runs of a made study: two tasks, three seeds."""
    lines = []
    for seed, (both, left, right) in enumerate(scores):
        settings = {
            "one network": dict(zip(("left", "right"), both, strict=True)),
            "left alone": {"left": left},
            "right alone": {"right": right},
        }
        for setting, found in settings.items():
            run = {"scores": found, "n_parameters": 10, "seconds": 1.0}
            lines.append(json.dumps([["sharing", "made", setting, seed], run]))
    path.write_text("\n".join(lines))


def test_differences_are_paired_by_seed(report, numbers, tmp_path):
    path = tmp_path / "made.jsonl"
    write(path, [((0.5, 0.9), 0.6, 0.8), ((0.7, 0.8), 0.8, 0.7), ((0.6, 0.7), 0.71, 0.62)])
    gaps = numbers.sharing_gaps(numbers.read(path))
    left = gaps["made", "left"]
    assert left["mean"] == pytest.approx(-100 * 0.31 / 3)
    assert left["n"] == 3
    assert left["low"] < left["mean"] < left["high"] < 0
    assert left["holm"] == pytest.approx(2 * left["p"])
    assert gaps["made", "right"]["holm"] == pytest.approx(gaps["made", "right"]["p"])
    table = report.sharing(numbers.read(path))
    assert "| made | left | 0.600 | 0.703 | **−10.3 ± 1.4** | 50 % | 50 % |" in table


def test_every_study_has_its_tables_and_figures(report, numbers, tmp_path):
    tasks, lines = ("left", "right"), []
    rng = np.random.default_rng(0)

    def add(study, setting, some=tasks, **more):
        for seed in range(3):
            scores = dict(zip(some, rng.uniform(0.4, 0.9, len(some)), strict=True))
            run = {"scores": scores, "n_parameters": 40, "seconds": 1.0, **more}
            lines.append(json.dumps([[study, "made", setting, seed], run]))

    for prefix, n_parameters in {"": 40, "width 0.25, ": 10, "width 0.5, ": 20}.items():
        studies = ["width"] if prefix else ["sharing", "pairs"]
        for study in studies:
            add(study, f"{prefix}one network", n_parameters=n_parameters)
            for task in tasks:
                add(study, f"{prefix}{task} alone", [task], n_parameters=n_parameters)
    add("sharing", "group left, right")
    add("parting", "all stages shared")
    add("scarcity", "100 labels, alone", ["left"])
    add("scarcity", "100 labels, beside the others")
    for name in ("equal weights", "famo weights", "fixed weights 0.5 : 1.5"):
        for rate in (0.0015, 0.005):
            add("methods", f"{name}, rate {rate}", validation={"left": rng.random(), "right": 0.5})
    add("pairs", "left and right")
    add("pairs", "gradients", falls={"left": 1.0, "right": 0.5}, cosines={"left|right": 0.1})
    path = tmp_path / "made.jsonl"
    path.write_text("\n".join(lines))
    runs = numbers.read(path)
    for name, table in report.TABLES.items():
        if name != "pairs":  # none of them is sure
            assert "| made |" in table(runs) or "tuned fixed weights" in table(runs), name
    # 20 and 40 are as large as the smallest and the middle one of the separate networks
    curve = dict(point[::3] for point in numbers.widths(runs)["made", "per task"])
    for width, alone in {"0.5": "0.25", "1": "0.5"}.items():
        n_parameters, _, separate, gap = numbers.budget_gaps(runs)["made", width]
        assert n_parameters == {"0.5": 20, "1": 40}[width]
        assert separate == pytest.approx(curve[alone].mean())
        assert gap["n"] == 3
    for draw in report.FIGURES.values():
        axes = draw(runs, plt).axes
        assert all(ax.lines for ax in axes)
        plt.close("all")
