"""Every table and figure of docs/evidence.md, from the file of results.

    python examples/benchmarks/evidence_report.py [--results FILE] [--page FILE]

A table of the page stands between ``<!-- NAME -->`` and ``<!-- end -->``, where NAME is one of
`TABLES`, and is replaced. Figures that the page shows are written beside it, as
``images/evidence_NAME.png``.
"""

import argparse
import re
from pathlib import Path

import numpy as np
from _evidence_figures import FIGURES
from _evidence_numbers import (
    ONE,
    alone,
    as_text,
    budget_gaps,
    cost,
    difference,
    method_gaps,
    pair_gaps,
    predictions,
    read,
    scarcity_gaps,
    scores,
    shares,
    sharing_gaps,
    tables_of,
    tasks_of,
    widths,
)
from _markdown import line

FOLDER = Path(__file__).parent
BLOCK = re.compile(r"<!-- (\w+) -->\n.*?<!-- end -->", re.DOTALL)


def markdown(head, rows):
    """Return a table."""
    return "\n".join(map(line, [head, ["---"] * len(head), *rows]))


def sharing(runs, study="sharing"):
    """One network next to a network per task."""
    rows, before = [], None
    for (table, task), gap in sharing_gaps(runs, study).items():
        costs = ["", ""]
        if table != before:
            many = [alone(t) for t in tasks_of(runs, study, table)]
            costs = [f"{100 * share:.0f} %" for share in shares(runs, study, table, ONE, many)]
        rows.append(
            [
                table if table != before else "",
                task,
                scores(runs, study, table, ONE, task).mean(),
                scores(runs, study, table, alone(task), task).mean(),
                as_text(gap),
                *costs,
            ]
        )
        before = table
    head = ["table", "task", ONE, "a network per task", "difference", "parameters", "seconds"]
    return markdown(head, rows)


def six(runs):
    """The same for the tasks whose pairs were measured."""
    return sharing(runs, "pairs")


def groups(runs):
    """Groups of tasks next to a network per task."""
    rows = []
    names = runs["setting"]
    is_group = names.str.startswith("group ") & (names != alone("group"))
    found = runs[is_group & (runs["study"] == "sharing")]
    for (table, setting), some in found.groupby(["table", "setting"], sort=False):
        for task in dict.fromkeys(some["task"]):
            single = scores(runs, "sharing", table, alone(task), task)
            gaps = [
                difference(scores(runs, "sharing", table, one, task), single, table)
                for one in (setting, ONE)
            ]
            rows.append([table, setting.removeprefix("group "), task, *map(as_text, gaps)])
    head = ["table", "group", "task", "group − alone", "all − alone"]
    return markdown(head, rows)


def parting(runs):
    """Where the tasks of one CNN part: scores, and their mean minus that of separate networks."""
    rows, tasks = [], []
    for table in tables_of(runs, "parting"):
        tasks = tasks_of(runs, "parting", table)
        many = dict(zip(tasks, map(alone, tasks), strict=True))
        settings = runs[(runs["study"] == "parting") & (runs["table"] == table)]["setting"]
        everything = {"a network per task": ("sharing", many)}
        for setting in dict.fromkeys(settings):
            everything[setting] = ("parting", dict.fromkeys(tasks, setting))
        single = None
        for name, (study, of_task) in everything.items():
            found = [scores(runs, study, table, setting, t) for t, setting in of_task.items()]
            mean = sum(found) / len(tasks)
            single = mean if single is None else single
            size = cost(runs, study, table, set(of_task.values()), "n_parameters")
            gap = as_text(difference(mean, single, table)) if study == "parting" else ""
            rows.append([table, name, *(score.mean() for score in found), gap, f"{size:,.0f}"])
    return markdown(["table", "what is shared", *tasks, "mean − alone", "parameters"], rows)


def scarcity(runs):
    """One task with few labels, the others with all of theirs."""
    rows = [
        [table, task, n, *means, as_text(gap)]
        for (table, task, n), (means, gap) in scarcity_gaps(runs).items()
    ]
    return markdown(["table", "task", "labels", "beside the others", "alone", "difference"], rows)


def width(runs):
    """Accuracy of narrow and wide networks."""
    rows = [
        [table, kind, name, f"{n:,.0f}", f"{seconds:.0f}", mean.mean()]
        for (table, kind), points in widths(runs).items()
        for name, n, seconds, mean in points
    ]
    return markdown(["table", "networks", "width", "parameters", "seconds", "mean score"], rows)


def budgets(runs):
    """One network next to separate ones of as many parameters."""
    rows = [
        [table, f"{size:,.0f}", one, many, as_text(gap)]
        for (table, _), (size, one, many, gap) in budget_gaps(runs).items()
    ]
    return markdown(["table", "parameters", ONE, "a network per task", "difference"], rows)


def methods(runs):
    """Methods next to equal weights: the mean over the tasks."""
    found = method_gaps(runs)
    rows = [
        [name, *(as_text(gaps[name]) if name in gaps else "" for gaps in found.values())]
        for name in dict.fromkeys(name for gaps in found.values() for name in gaps)
    ]
    return markdown(["method", *found], rows)


def pairs(runs):
    """What each task gains in a network with one other task."""
    rows = [
        [table, helped, helper, as_text(gap)]
        for (table, helper, helped), gap in pair_gaps(runs).items()
        if gap["low"] > 0 or gap["high"] < 0
    ]
    return markdown(["table", "task", "beside", "difference from alone"], rows)


def affinity(runs):
    """How well the gains of pairs are predicted, by the falls of losses and by the gradients."""
    rows = []
    for table, frame in predictions(runs).items():
        sure = frame[(frame["low"] > 0) | (frame["high"] < 0)]
        right = int((np.sign(sure["mean"]) == np.sign(sure["predicted"])).sum())
        correlations = frame[["mean", "predicted", "cosine"]].corr()["mean"]
        rows.append(
            [
                table,
                len(frame),
                len(sure),
                right,
                f"{correlations['predicted']:.2f}",
                f"{correlations['cosine']:.2f}",
            ]
        )
    head = ["table", "ordered pairs", "interval excludes 0", "sign predicted"]
    return markdown([*head, "correlation with prediction", "with cosine"], rows)


TABLES = {
    f.__name__: f
    for f in (sharing, six, groups, parting, scarcity, width, budgets, methods, pairs, affinity)
}


def with_tables(text, runs):
    """Return the text of the page with every table replaced."""

    def replaced(match):
        name = match.group(1)
        return f"<!-- {name} -->\n{TABLES[name](runs)}\n<!-- end -->"

    return BLOCK.sub(replaced, text)


def main():
    """Rewrite the tables of the page, and the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--results", type=Path, default=FOLDER / "results" / "evidence.jsonl")
    parser.add_argument("--page", type=Path, default=FOLDER.parents[1] / "docs" / "evidence.md")
    args = parser.parse_args()
    import matplotlib.pyplot as plt

    runs = read(args.results)
    text = with_tables(args.page.read_text(encoding="utf-8"), runs)
    args.page.write_text(text, encoding="utf-8")
    for name, draw in FIGURES.items():
        if f"evidence_{name}.png" in text:
            draw(runs, plt).savefig(args.page.parent / "images" / f"evidence_{name}.png", dpi=120)


if __name__ == "__main__":
    main()
