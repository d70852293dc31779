"""Every table and picture of docs/evidence.md, from the file of results.

    python examples/benchmarks/evidence_report.py [--results FILE] [--page FILE]

A table of the page stands between ``<!-- NAME -->`` and ``<!-- end -->``, where NAME is one of
`TABLES`, and is replaced. Pictures are written beside the page, as ``images/evidence_NAME.png``.
"""

import argparse
import re
from pathlib import Path

import numpy as np
import pandas as pd
from _evidence_numbers import (
    correct,
    cost,
    difference,
    in_points,
    pair_gaps,
    read,
    read_gradients,
    scores,
)

from skmtl.comparison._affinity import predicted_gains

FOLDER = Path(__file__).parent
BLOCK = re.compile(r"<!-- (\w+) -->\n.*?<!-- end -->", re.DOTALL)
ONE, EQUAL, TUNED = "one network", "equal weights", "tuned fixed weights"


def markdown(head, rows):
    """Return a table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def tasks_of(runs, study, table):
    """Return the tasks of a table in the order of its columns."""
    is_one = (runs["study"] == study) & (runs["table"] == table)
    return list(dict.fromkeys(runs[is_one]["task"]))


def tables_of(runs, study):
    """Return the tables of a study in the order of their first run."""
    return list(dict.fromkeys(runs[runs["study"] == study]["table"]))


def alone(task):
    """Return the setting of a network for one task."""
    return f"{task} alone"


def sharing_gaps(runs):
    """Return the differences of one network from one per task, by table and task."""
    gaps = {
        (table, task): difference(
            scores(runs, "sharing", table, ONE, task),
            scores(runs, "sharing", table, alone(task), task),
            table,
        )
        for table in tables_of(runs, "sharing")
        for task in tasks_of(runs, "sharing", table)
    }
    correct(list(gaps.values()))
    return gaps


def shares(runs, study, table, one, many):
    """Return parameters and seconds of one setting as shares of those of others together."""
    return [
        cost(runs, study, table, [one], name) / cost(runs, study, table, many, name)
        for name in ("n_parameters", "seconds")
    ]


def sharing(runs):
    """One network next to a network per task."""
    rows = []
    for (table, task), gap in sharing_gaps(runs).items():
        first = task == tasks_of(runs, "sharing", table)[0]
        many = [alone(t) for t in tasks_of(runs, "sharing", table)]
        costs = shares(runs, "sharing", table, ONE, many) if first else []
        rows.append(
            [
                table if first else "",
                task,
                f"{scores(runs, 'sharing', table, ONE, task).mean():.3f}",
                f"{scores(runs, 'sharing', table, alone(task), task).mean():.3f}",
                in_points(gap),
                *([f"{100 * share:.0f} %" for share in costs] or ["", ""]),
            ]
        )
    head = ["table", "task", ONE, "a network per task", "difference", "parameters", "seconds"]
    return markdown(head, rows)


def groups(runs):
    """Groups of tasks next to a network per task."""
    rows = []
    is_group = runs["setting"].str.startswith("group ") & (runs["study"] == "sharing")
    for (table, setting), some in runs[is_group].groupby(["table", "setting"], sort=False):
        for task in dict.fromkeys(some["task"]):
            single = scores(runs, "sharing", table, alone(task), task)
            gaps = [
                difference(scores(runs, "sharing", table, one, task), single, table)
                for one in (setting, ONE)
            ]
            rows.append([table, setting.removeprefix("group "), task, *map(in_points, gaps)])
    head = ["table", "group", "task", "group − alone", "all − alone"]
    return markdown(head, rows)


def scarcity_gaps(runs):
    """Return what the other tasks add to one with few labels, by table and number of labels."""
    found = {}
    of_study = runs[runs["study"] == "scarcity"]
    for table, setting in dict.fromkeys(zip(of_study["table"], of_study["setting"], strict=True)):
        n_labels, _, kind = setting.partition(" labels, ")
        if kind != "alone":
            continue
        task = of_study[(of_study["table"] == table) & (of_study["setting"] == setting)]
        task = task["task"].iloc[0]
        pair = [
            scores(runs, "scarcity", table, f"{n_labels} labels, {kind}", task)
            for kind in ("beside the others", "alone")
        ]
        means = [one.mean() for one in pair]
        found[table, task, int(n_labels)] = (means, difference(*pair, table))
    correct([gap for _, gap in found.values()])
    return found


def scarcity(runs):
    """One task with few labels, the others with all of theirs."""
    rows = [
        [table, task, n, f"{means[0]:.3f}", f"{means[1]:.3f}", in_points(gap)]
        for (table, task, n), (means, gap) in scarcity_gaps(runs).items()
    ]
    return markdown(["table", "task", "labels", "beside the others", "alone", "difference"], rows)


def widths(runs):
    """Return (factor, parameters, seconds, mean score over tasks and seeds) by table and kind."""
    found = {}
    for table in tables_of(runs, "width"):
        tasks = tasks_of(runs, "width", table)
        for kind, names in {ONE: [ONE] * len(tasks), "per task": [alone(t) for t in tasks]}.items():
            for factor in (0.25, 0.5, 1.0, 2.0):
                settings = [f"width {factor}, {name}" for name in names]
                means = [
                    scores(runs, "width", table, setting, task).mean()
                    for setting, task in zip(settings, tasks, strict=True)
                ]
                costs = [
                    cost(runs, "width", table, set(settings), name)
                    for name in ("n_parameters", "seconds")
                ]
                found.setdefault((table, kind), []).append((factor, *costs, np.mean(means)))
    return found


def width(runs):
    """Accuracy against width."""
    rows = [
        [table, kind, factor, f"{n:,.0f}", f"{seconds:.0f}", f"{mean:.3f}"]
        for (table, kind), points in widths(runs).items()
        for factor, n, seconds, mean in points
    ]
    return markdown(["table", "networks", "width", "parameters", "seconds", "mean score"], rows)


def chosen(runs, table, method):
    """Return the mean test score by seed, with the learning rate that validated best."""
    is_one = (runs["study"] == "methods") & (runs["table"] == table)
    some = runs[is_one & runs["setting"].map(lambda setting: is_of(setting, method))]
    means = some.groupby(["seed", "setting"])[["score", "validation"]].mean()
    best = means["validation"].groupby("seed").idxmax()
    return pd.Series({seed: means.loc[(seed, setting), "score"] for seed, setting in best})


def is_of(setting, method):
    """Return whether a setting is one of a method's."""
    name = setting.split(", rate")[0]
    if method == TUNED:
        return name.startswith("fixed weights") or name == EQUAL
    return name == method


def method_gaps(runs):
    """Return the difference of each method's mean over the tasks from equal weights, by table."""
    found = {}
    for table in tables_of(runs, "methods"):
        settings = runs[(runs["study"] == "methods") & (runs["table"] == table)]["setting"]
        names = list(dict.fromkeys(setting.split(", rate")[0] for setting in settings))
        kept = [name for name in names if not name.startswith("fixed weights")]
        if len(kept) < len(names):
            kept.append(TUNED)
        equal = chosen(runs, table, EQUAL)
        gaps = {
            name: difference(chosen(runs, table, name), equal, table)
            for name in kept
            if name != EQUAL
        }
        correct(list(gaps.values()))
        found[table] = dict(sorted(gaps.items(), key=lambda pair: -pair[1]["mean"]))
    return found


def methods(runs):
    """Methods next to equal weights: the mean over the tasks."""
    found = method_gaps(runs)
    rows = [
        [name, *(in_points(gaps[name]) if name in gaps else "" for gaps in found.values())]
        for name in dict.fromkeys(name for gaps in found.values() for name in gaps)
    ]
    return markdown(["method", *found], rows)


def pairs(runs):
    """What each task gains in a network with one other task."""
    rows = [
        [table, helped, helper, in_points(gap)]
        for (table, helper, helped), gap in pair_gaps(runs).items()
        if gap["low"] > 0 or gap["high"] < 0
    ]
    return markdown(["table", "task", "beside", "difference from alone"], rows)


def predictions(runs, gradients):
    """Return for each table a frame of the measured and the predicted gains of its pairs."""
    frames = {}
    for table, (falls, cosines) in gradients.items():
        tasks, rows = list(falls.index), []
        gains = {
            task: difference(
                scores(runs, "pairs", table, ONE, task),
                scores(runs, "pairs", table, alone(task), task),
                table,
            )["mean"]
            for task in tasks
        }
        predicted = predicted_gains(pd.Series(gains), falls)
        for (of_table, helper, helped), gap in pair_gaps(runs).items():
            if of_table == table:
                key = f"{helper}|{helped}"
                cosine = cosines[key if key in cosines else f"{helped}|{helper}"]
                rows.append({**gap, "predicted": predicted.loc[helped, helper], "cosine": cosine})
        frames[table] = pd.DataFrame(rows)
    return frames


def affinity(runs, gradients):
    """How well the gains of pairs are predicted, by the falls of losses and by the gradients."""
    rows = []
    for table, frame in predictions(runs, gradients).items():
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


def draw_sharing(runs, plt):
    """Differences of one network from one per task, with intervals."""
    gaps = sharing_gaps(runs)
    figure, ax = plt.subplots(figsize=(7, 0.28 * len(gaps) + 1.2), layout="constrained")
    for place, gap in enumerate(gaps.values()):
        colour = "#0072B2" if gap["high"] >= 0 else "#D55E00"
        ax.plot([gap["low"], gap["high"]], [place, place], color=colour)
        ax.plot(gap["mean"], place, "o", color=colour)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(range(len(gaps)), [f"{table}: {task}" for table, task in gaps])
    ax.invert_yaxis()
    ax.set_xlabel("one network − a network per task, points (95 % interval)")
    return figure


def draw_scarcity(runs, plt):
    """One task with few labels, alone and beside the others."""
    found = scarcity_gaps(runs)
    tables = list(dict.fromkeys((table, task) for table, task, _ in found))
    figure, axes = plt.subplots(
        1, len(tables), figsize=(2.6 * len(tables), 2.8), layout="constrained", squeeze=False
    )
    for ax, (table, task) in zip(axes[0], tables, strict=True):
        counts = [n for t, _, n in found if t == table]
        for place, (name, colour) in enumerate(
            {"beside the others": "#0072B2", "alone": "#D55E00"}.items()
        ):
            means = [found[table, task, n][0][place] for n in counts]
            ax.plot(counts, means, "o-", color=colour, label=name)
        ax.set(xscale="log", title=f"{table}: {task}", xlabel="labels of the task")
        ax.set_xticks(counts, counts)
        ax.minorticks_off()
    axes[0][0].set_ylabel("score on test rows")
    axes[0][0].legend(frameon=False)
    return figure


def draw_width(runs, plt):
    """Mean score against parameters and against seconds."""
    found = widths(runs)
    tables = list(dict.fromkeys(table for table, _ in found))
    figure, axes = plt.subplots(
        2, len(tables), figsize=(3 * len(tables), 5), layout="constrained", squeeze=False
    )
    for column, table in zip(axes.T, tables, strict=True):
        for kind, colour in {ONE: "#0072B2", "per task": "#D55E00"}.items():
            _, n_parameters, seconds, means = zip(*found[table, kind], strict=True)
            for ax, costs in zip(column, (n_parameters, seconds), strict=True):
                ax.plot(costs, means, "o-", color=colour, label=kind)
                ax.set_xscale("log")
        column[0].set_title(table)
        column[0].set_xlabel("parameters, all networks together")
        column[1].set_xlabel("processor seconds, all networks together")
    for ax in axes[:, 0]:
        ax.set_ylabel("mean score of the tasks")
    axes[0][0].legend(frameon=False)
    return figure


def draw_methods(runs, plt):
    """Differences of methods from equal weights, with intervals."""
    found = method_gaps(runs)
    n_rows = max(map(len, found.values()))
    figure, axes = plt.subplots(
        1,
        len(found),
        figsize=(4.5 * len(found), 0.3 * n_rows + 1.2),
        layout="constrained",
        squeeze=False,
    )
    for ax, (table, gaps) in zip(axes[0], found.items(), strict=True):
        for place, gap in enumerate(gaps.values()):
            ax.plot([gap["low"], gap["high"]], [place, place], color="#0072B2")
            ax.plot(gap["mean"], place, "o", color="#0072B2")
        ax.axvline(0, color="black", linewidth=0.8)
        ax.set_yticks(range(len(gaps)), list(gaps))
        ax.invert_yaxis()
        ax.set(title=table, xlabel="− equal weights, points (95 % interval)")
    return figure


TABLES = {f.__name__: f for f in (sharing, groups, scarcity, width, methods, pairs)}
PICTURES = {
    "sharing": draw_sharing,
    "scarcity": draw_scarcity,
    "width": draw_width,
    "methods": draw_methods,
}


def with_tables(text, runs, gradients):
    """Return the text of the page with every table replaced."""

    def replaced(match):
        name = match.group(1)
        table = affinity(runs, gradients) if name == "affinity" else TABLES[name](runs)
        return f"<!-- {name} -->\n{table}\n<!-- end -->"

    return BLOCK.sub(replaced, text)


def main():
    """Rewrite the tables of the page, and the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--results", type=Path, default=FOLDER / "results" / "evidence.jsonl")
    parser.add_argument("--page", type=Path, default=FOLDER.parents[1] / "docs" / "evidence.md")
    args = parser.parse_args()
    import matplotlib.pyplot as plt

    runs = read(args.results)
    text = with_tables(args.page.read_text(encoding="utf-8"), runs, read_gradients(args.results))
    args.page.write_text(text, encoding="utf-8")
    for name, draw in PICTURES.items():
        if name in set(runs["study"]):
            draw(runs, plt).savefig(args.page.parent / "images" / f"evidence_{name}.png", dpi=120)


if __name__ == "__main__":
    main()
