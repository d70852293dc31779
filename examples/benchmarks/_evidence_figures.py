"""The figures of docs/evidence.md."""

from _evidence_numbers import ONE, curve, method_gaps, scarcity_gaps, sharing_gaps, widths
from matplotlib.ticker import EngFormatter, LogLocator

BLUE, RED = "#0072B2", "#D55E00"


def draw_sharing(runs, plt):
    """Differences of one network from one per task, with intervals."""
    gaps = sharing_gaps(runs)
    figure, ax = plt.subplots(figsize=(7, 0.28 * len(gaps) + 1.2), layout="constrained")
    for place, gap in enumerate(gaps.values()):
        colour = BLUE if gap["high"] >= 0 else RED
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
        for place, (name, colour) in enumerate({"beside the others": BLUE, "alone": RED}.items()):
            means = [found[table, task, n][0][place] for n in counts]
            ax.plot(counts, means, "o-", color=colour, label=name)
        ax.set(xscale="log", title=f"{table}: {task}", xlabel="labels of the task")
        ax.set_xticks(counts, counts)
        ax.minorticks_off()
    axes[0][0].set_ylabel("score on test rows")
    lines = axes[0][0].get_lines()
    figure.legend(handles=lines, frameon=False, ncols=2, loc="outside lower center")
    return figure


def draw_width(runs, plt):
    """Mean score against parameters and against seconds."""
    found = widths(runs)
    tables = list(dict.fromkeys(table for table, _ in found))
    figure, axes = plt.subplots(
        2, len(tables), figsize=(3 * len(tables), 5), layout="constrained", squeeze=False
    )
    for column, table in zip(axes.T, tables, strict=True):
        for kind, colour in {ONE: BLUE, "per task": RED}.items():
            _, n_parameters, seconds, scores = zip(*curve(found[table, kind]), strict=True)
            means = [score.mean() for score in scores]
            for ax, costs in zip(column, (n_parameters, seconds), strict=True):
                ax.plot(costs, means, "o-", color=colour, label=kind)
        column[0].set_title(table)
        for ax, label in zip(column, ("parameters", "processor seconds"), strict=True):
            ax.set(xscale="log", xlabel=label)
            ax.xaxis.set_major_locator(LogLocator(subs=(1, 3)))
            ax.xaxis.set_major_formatter(EngFormatter(sep=" "))
            ax.minorticks_off()
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
            ax.plot([gap["low"], gap["high"]], [place, place], color=BLUE)
            ax.plot(gap["mean"], place, "o", color=BLUE)
        ax.axvline(0, color="black", linewidth=0.8)
        ax.set_yticks(range(len(gaps)), list(gaps))
        ax.invert_yaxis()
        ax.set(title=table, xlabel="− equal weights, points (95 % interval)")
    return figure


FIGURES = {
    "sharing": draw_sharing,
    "scarcity": draw_scarcity,
    "width": draw_width,
    "methods": draw_methods,
}
