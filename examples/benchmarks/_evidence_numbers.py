"""Differences between the runs of the evidence: paired by seed, with intervals."""

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd

from skmtl.comparison import corrected_interval, corrected_t_test, holm
from skmtl.comparison._affinity import predicted_gains

ONE, EQUAL, TUNED = "one network", "equal weights", "tuned fixed weights"

# test rows per training row where each seed splits the same rows; 0 where it draws new ones
TEST_SHARES = {"emoji": 0.5, "unpaired": 0.25}
FEWEST_SEEDS = 3  # a difference of fewer is not stated
# study and beginning of the settings of each width; whole networks are those of another study
WIDTHS = {
    **{width: ("width", f"width {width}, ") for width in ("0.25", "0.25 and 40 epochs", "0.5")},
    "1": ("sharing", ""),
}


def read(path):
    """Return a line per run and task: what was run, the scores, costs, and gradients if known."""
    lines = []
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        (study, table, setting, seed), run = json.loads(line)
        kept = ("n_parameters", "seconds", "falls", "cosines")
        of_run = {name: run.get(name) for name in kept}
        key = {"study": study, "table": table, "setting": setting, "seed": seed}
        validated = run.get("validation", {})
        lines += [
            {**key, "task": task, "score": score, "validation": validated.get(task), **of_run}
            for task, score in run["scores"].items()
        ]
    return pd.DataFrame(lines)


def gradients(runs):
    """Return falls of losses, and cosines of gradients by pair: means over seeds, by table."""
    some = runs[(runs["study"] == "pairs") & runs["falls"].notna()]
    some = some.drop_duplicates(["table", "seed"])
    return {
        table: [pd.DataFrame(list(of_table[name])).mean() for name in ("falls", "cosines")]
        for table, of_table in some.groupby("table", sort=False)
    }


def scores(runs, study, table, setting, task):
    """Return the scores of a task by seed."""
    is_one = (runs["study"] == study) & (runs["table"] == table) & (runs["setting"] == setting)
    return runs[is_one & (runs["task"] == task)].set_index("seed")["score"].sort_index()


def cost(runs, study, table, settings, name):
    """Return the sum over settings of a mean cost."""
    is_one = (runs["study"] == study) & (runs["table"] == table)
    chosen = runs[is_one & runs["setting"].isin(settings)]
    return chosen.groupby("setting")[name].mean().sum()


def difference(first, second, table):
    """Return mean difference, ends of its 95 % interval, p-value and number of seeds, in points."""
    both = pd.concat([first, second], axis=1, join="inner").dropna()
    gaps = 100 * (both.iloc[:, 0] - both.iloc[:, 1]).to_numpy()
    share = TEST_SHARES.get(table, 0.0)
    low, high = corrected_interval(gaps, share)
    return {
        "mean": float(gaps.mean()) if len(gaps) else np.nan,
        "low": low,
        "high": high,
        "p": corrected_t_test(gaps, share),
        "n": len(gaps),
    }


def as_text(gap):
    """Return a difference as text; bold where it stays significant among all of its table."""
    text = f"{gap['mean']:+.1f} ± {(gap['high'] - gap['low']) / 2:.1f}".replace("-", "−")
    return f"**{text}**" if gap.get("holm", 1.0) < 0.05 else text


def enough(gaps):
    """Return the differences that have enough seeds to be stated."""
    return {key: gap for key, gap in gaps.items() if gap["n"] >= FEWEST_SEEDS}


def correct(gaps):
    """Add Holm's p-value to each of the differences of one table."""
    for gap, p in zip(gaps.values(), holm([gap["p"] for gap in gaps.values()]), strict=True):
        gap["holm"] = p
    return gaps


def pair_gaps(runs):
    """Return what each task gains beside one other, by table, the other task and the task."""
    found = {}
    of_study = runs[runs["study"] == "pairs"]
    for table, some in of_study.groupby("table", sort=False):
        tasks = list(dict.fromkeys(some["task"]))
        for pair in itertools.combinations(tasks, 2):
            for helper, helped in itertools.permutations(pair):
                both = scores(runs, "pairs", table, " and ".join(pair), helped)
                single = scores(runs, "pairs", table, f"{helped} alone", helped)
                found[table, helper, helped] = difference(both, single, table)
    return enough(found)


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


def sharing_gaps(runs, study="sharing"):
    """Return the differences of one network from one per task, by table and task."""
    gaps = {
        (table, task): difference(
            scores(runs, study, table, ONE, task),
            scores(runs, study, table, alone(task), task),
            table,
        )
        for table in tables_of(runs, study)
        for task in tasks_of(runs, study, table)
    }
    return correct(enough(gaps))


def shares(runs, study, table, one, many):
    """Return parameters and seconds of one setting as shares of those of others together."""
    return [
        cost(runs, study, table, [one], name) / cost(runs, study, table, many, name)
        for name in ("n_parameters", "seconds")
    ]


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
    stated = correct(enough({key: gap for key, (_, gap) in found.items()}))
    return {key: found[key] for key in stated}


def widths(runs):
    """Return (width, parameters, seconds, mean score by seed) of each, by table and kind."""
    found = {}
    for table in tables_of(runs, "width"):
        of_table = runs[runs["table"] == table]
        some = of_table[of_table["seed"].isin(of_table[of_table["study"] == "width"]["seed"])]
        tasks = tasks_of(some, "width", table)
        for kind, names in {ONE: [ONE] * len(tasks), "per task": [alone(t) for t in tasks]}.items():
            for width, (study, before) in WIDTHS.items():
                by_task = [
                    scores(some, study, table, before + name, task)
                    for name, task in zip(names, tasks, strict=True)
                ]
                mean = pd.concat(by_task, axis=1, join="inner").mean(axis=1)
                if len(mean) < FEWEST_SEEDS:
                    continue
                settings = {before + name for name in names}
                costs = [
                    cost(some, study, table, settings, of) for of in ("n_parameters", "seconds")
                ]
                found.setdefault((table, kind), []).append((width, *costs, mean))
    return found


def curve(points):
    """Return the points of the three widths, all with as many epochs."""
    return [point for point in points if "epochs" not in point[0]]


def budget_gaps(runs):
    """Return what one network has above separate ones of as many parameters.

    Scores of these are interpolated between widths, over the logarithm of their parameters. By
    table and width of the one network: its parameters, and the difference.
    """
    found, gaps = {}, {}
    curves = {key: curve(points) for key, points in widths(runs).items()}
    for table in dict.fromkeys(table for table, _ in curves):
        _, sizes, _, means = zip(*curves[table, "per task"], strict=True)
        by_seed = pd.concat(means, axis=1, join="inner")
        for width, size, _, mean in curves[table, ONE]:
            if sizes[0] <= size <= sizes[-1]:
                at_size = by_seed.apply(
                    lambda row, size=size, sizes=sizes: np.interp(np.log(size), np.log(sizes), row),
                    axis=1,
                )
                gaps[table, width] = difference(mean, at_size, table)
                found[table, width] = size, mean.mean(), at_size.mean(), gaps[table, width]
    correct(gaps)
    return found


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
        gaps = correct(enough(gaps))
        found[table] = dict(sorted(gaps.items(), key=lambda pair: -pair[1]["mean"]))
    return found


def predictions(runs):
    """Return for each table a frame of the measured and the predicted gains of its pairs."""
    together, known, rows = sharing_gaps(runs, "pairs"), gradients(runs), {}
    predicted = {}
    for table in {table for table, _ in together} & known.keys():
        falls, _ = known[table]
        gains = pd.Series({task: together[table, task]["mean"] for task in falls.index})
        predicted[table] = predicted_gains(gains, falls)
    for (table, helper, helped), gap in pair_gaps(runs).items():
        if table in predicted:
            cosines, key = known[table][1], f"{helper}|{helped}"
            cosine = cosines[key if key in cosines else f"{helped}|{helper}"]
            of_pair = {"predicted": predicted[table].loc[helped, helper], "cosine": cosine}
            rows.setdefault(table, []).append(gap | of_pair)
    return {table: pd.DataFrame(of_table) for table, of_table in rows.items()}
