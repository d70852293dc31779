"""A line per finished run, with the time left."""

import sys
import time

from skmtl._runtime.durations import format_seconds


def progress_printer(n_runs, n_before, verbose):
    """Return a function that prints how a run ended and how long the other ones will take.

    Parameters
    ----------
    n_runs : int
        Number of runs of the comparison.
    n_before : int
        How many of them an earlier comparison has finished.
    verbose : int
        0 prints nothing.

    Returns
    -------
    callable
        ``report(technique, text)``, to be called after each run.
    """
    started, n_done = time.perf_counter(), n_before

    def report(technique, text):
        nonlocal n_done
        n_done += 1
        seconds = (time.perf_counter() - started) / (n_done - n_before)
        left = format_seconds(seconds * (n_runs - n_done))
        if verbose:
            count = f"{n_done:>{len(str(n_runs))}}/{n_runs}"
            _print(f"{count} | {technique} | {text} | {left} left")

    if verbose and n_before:
        _print(f"{n_before} of {n_runs} runs were finished before")
    return report


def scores_and_seconds(outcome):
    """Return the scores of a run and the seconds of its fit as text."""
    scores = ", ".join(
        f"{task} {'—' if score is None else format(score, '.3f')}"
        for task, score in outcome["scores"].items()
    )
    return f"{scores} | {outcome['fit_seconds']:.1f} s"


def _print(text):
    # a terminal that cannot show a character must not end a comparison
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)
