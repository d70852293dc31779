"""Time contestants in turn and print ratios: absolute times are noisy, ratios less so."""

import os
import time

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np


def contest(contestants, *, rounds, warm_up=0):
    """Run contestants alternately.

    Parameters
    ----------
    contestants : dict of str to callable
        What to time.
    rounds : int
        How often each is timed.
    warm_up : int, default=0
        Rounds before that are not counted.

    Returns
    -------
    dict of str to ndarray of shape (rounds,)
        Seconds.
    """
    seconds = {name: [] for name in contestants}
    for turn in range(warm_up + rounds):
        for name, run in contestants.items():
            started = time.perf_counter()
            run()
            if turn >= warm_up:
                seconds[name].append(time.perf_counter() - started)
    return {name: np.array(values) for name, values in seconds.items()}


def report(title, seconds, *, bar=None, unit="s", per=1):
    """Print a Markdown table: medians, and the median of each round's ratio to the first.

    Parameters
    ----------
    title : str
        Heading.
    seconds : dict of str to ndarray
        What `contest` returned; the first contestant is ours.
    bar : str, optional
        What was to be reached.
    unit : {"s", "ms"}, default="s"
        Unit of the medians.
    per : int, default=1
        Number of calls in one measurement.
    """
    names = list(seconds)
    factor = {"s": 1, "ms": 1000}[unit] / per
    print(f"\n### {title}\n" + (f"\nBar: {bar}\n" if bar else ""))
    print(f"| contestant | median ({unit}) | min ({unit}) | times ours (median of paired ratios) |")
    print("|---|---|---|---|")
    for name in names:
        ratio = np.median(seconds[name] / seconds[names[0]])
        median, least = np.median(seconds[name]) * factor, seconds[name].min() * factor
        print(f"| {name} | {median:.3g} | {least:.3g} | {ratio:.2f} |")
