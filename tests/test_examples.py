"""Every example runs, draws a figure, and prints what its text says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

plt = pytest.importorskip("matplotlib.pyplot")

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "examples"

# what runs an example as a user does, and keeps its figures
RUN = """
import runpy, sys
import matplotlib.pyplot as plt
path, folder = sys.argv[1:]
sys.argv[:] = [path]
runpy.run_path(path, run_name="__main__")
for number in plt.get_fignums():
    plt.figure(number).savefig(f"{folder}/{number}.png", dpi=50)
"""


def run_example(name, tmp_path):
    """Run an example in a separate process; return what it prints and its figures."""
    environment = os.environ | {"MPLBACKEND": "Agg", "PYTHONIOENCODING": "utf-8"}
    environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(FOLDER / name), str(tmp_path)],
        capture_output=True,
        encoding="utf-8",
        env=environment,
        cwd=tmp_path,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, sorted(tmp_path.glob("*.png"))


def numbers(pattern, text):
    """Return every number that a pattern finds."""
    found = [float(number) for number in re.findall(pattern, text, re.M)]
    assert found, text
    return found


def says_unpaired_tables(text):
    assert re.search(r"\d+ +None +Objects", text)  # a row without a digit
    (digit,), (topic,) = (
        numbers(rf"^{task}_accuracy: (\S+)$", text) for task in ("digit", "topic")
    )
    assert digit > 0.9
    assert topic > 0.7


def says_missing_labels(text):
    both, alone = [
        [float(cell) for cell in line.split()[-3:]]
        for line in re.findall(r"(?m)^.*one network (?:for both|per task).*$", text)[:2]
    ]
    gains = [b - a for b, a in zip(both, alone, strict=True)]
    assert gains[2] > gains[0] + 0.05  # the fewer labels, the larger the gain
    assert gains[2] > 0.05


def says_loss_weights(text):
    assert len(re.findall(r"(?m)^\{'group': .*\}$", text)) == 7
    scores = {
        name: float(score)
        for name, score in re.findall(r"(?m)^(.+?)  +weights .*, mean accuracy (\S+)$", text)
    }
    assert list(scores) == ["equal weights", "best", "chosen by the rule"]
    assert max(scores.values()) == scores["best"] > scores["equal weights"]


def says_backbones(text):
    rows = re.findall(r"(?m)^(.*): \S+ s a fit, (\d+) rows through the backbone$", text)
    assert rows == [("first fit", "300"), ("second fit", "0"), ("search, 10 fits", "0")]


def says_own_method(text):
    scores = numbers(r"mean accuracy (\S+)$", text)
    assert len(scores) == 4
    assert max(scores) - min(scores) < 0.05  # about as good as each other


def says_compare_techniques(text):
    rows = re.findall(r"(?m)^(\S.*?)  +(0\.\d+) \[.*\] +(0\.\d+) \[.*\] +(0\.\d+) \[", text)
    names = [name for name, *_ in rows]
    assert names[0] == "one network per task"
    assert {"linear on words, per task", "one network, equal weights", "UPGrad"} < set(names)
    assert len(names) == 5
    assert all(float(group) > 0.7 and float(subgroup) > 0.4 for _, group, subgroup, _ in rows)


def says_save_and_serve(text):
    assert re.search(r"emoji\.skmtl: \d+\.\d MiB", text)
    assert re.search(r"group: Food & Drink \([01]\.\d+\); it is Food & Drink", text)
    assert re.search(r"subgroup: food-fruit \([01]\.\d+\); it is food-fruit", text)


def says_any_table(text):
    assert re.search(r"'image': 'image'.*'words': 'text'.*'korean_initial': 'category'", text)
    accuracy = {
        task: dict(zip(("image", "texts", "table", "all"), map(float, line.split()), strict=True))
        for task, line in re.findall(r"(?m)^(radical|tone|level) +((?:0\.\d+ *){4})$", text)
    }
    best = {task: max(list(row)[:3], key=row.get) for task, row in accuracy.items()}
    assert best == {"radical": "image", "tone": "table", "level": "table"}
    assert all(row["all"] > max(row.values()) - 0.1 for row in accuracy.values())


EXAMPLES = {
    "plot_any_table.py": (says_any_table, 1),
    "plot_unpaired_tables.py": (says_unpaired_tables, 2),
    "plot_compare_techniques.py": (says_compare_techniques, 1),
    "plot_missing_labels.py": (says_missing_labels, 1),
    "plot_loss_weights.py": (says_loss_weights, 1),
    "plot_backbones.py": (says_backbones, 1),
    "plot_own_method.py": (says_own_method, 1),
    "plot_save_and_serve.py": (says_save_and_serve, 1),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs_and_says_the_truth(name, tmp_path):
    check, n_figures = EXAMPLES[name]
    text, figures = run_example(name, tmp_path)
    check(text)
    assert len(figures) == n_figures
    for figure in figures:
        assert plt.imread(figure).std() > 0.02, "an empty figure"


def test_no_example_is_left_out():
    there = {path.name for path in FOLDER.glob("plot_*.py")}
    assert there == set(EXAMPLES)
