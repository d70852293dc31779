"""Differences between the runs of the evidence: paired by seed, with intervals."""

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd

from skmtl.comparison import corrected_interval, corrected_t_test, holm

# test rows per training row where seeds split the same rows in another way; 0: rows drawn anew
TEST_SHARES = {"emoji": 0.5, "unpaired": 0.25}


def read(path):
    """Return a line per run and task: study, table, setting, seed, task, score and costs."""
    lines = []
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        (study, table, setting, seed), run = json.loads(line)
        costs = {"n_parameters": run["n_parameters"], "seconds": run["seconds"]}
        key = {"study": study, "table": table, "setting": setting, "seed": seed}
        validated = run.get("validation", {})
        lines += [
            {**key, "task": task, "score": score, "validation": validated.get(task), **costs}
            for task, score in run["scores"].items()
        ]
    return pd.DataFrame(lines)


def read_gradients(path):
    """Return falls of losses, and cosines of gradients by pair: means over seeds, by table."""
    found = {}
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        (study, table, _, _), run = json.loads(line)
        if study == "pairs" and "falls" in run:
            found.setdefault(table, []).append((run["falls"], run["cosines"]))
    return {
        table: [pd.DataFrame(one).mean() for one in zip(*runs, strict=True)]
        for table, runs in found.items()
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


def in_points(gap):
    """Return a difference as text; bold where it stays significant among all of its table."""
    text = f"{gap['mean']:+.1f} ± {(gap['high'] - gap['low']) / 2:.1f}"
    return f"**{text}**" if gap.get("holm", 1.0) < 0.05 else text


def correct(gaps):
    """Add Holm's p-value to each of the differences of one table."""
    for gap, p in zip(gaps, holm([gap["p"] for gap in gaps]), strict=True):
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
    return found
