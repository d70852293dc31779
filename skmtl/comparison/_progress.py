"""What a comparison tells while it runs."""

import sys
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn


class ComparisonProgress:
    """A bar with the time left on a terminal, a line per run elsewhere.

    Parameters
    ----------
    planned : list of str
        Technique of every run to come.
    n_done : int
        Runs that were finished before.
    verbose : int
        0 says nothing.
    """

    def __init__(self, planned, *, n_done, verbose):
        self._left = list(planned)
        self._n_done = n_done
        self._n_runs = n_done + len(planned)
        self._seconds = {}
        self._verbose = verbose
        self._bar = None

    def __enter__(self):
        self._turned = time.perf_counter()
        if not self._verbose:
            return self
        if self._n_done:
            print(f"{self._n_done} of {self._n_runs} runs were finished before", flush=True)
        console = Console()
        if console.is_terminal or console.is_jupyter:
            self._bar = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[left]}"),
                console=console,
            )
            self._task = self._bar.add_task(
                "comparing", total=self._n_runs, completed=self._n_done, left=""
            )
            self._bar.start()
        return self

    def __exit__(self, *exception):
        if self._bar is not None:
            self._bar.stop()

    def start(self, technique):
        """Say which technique is fitted now; of several at a time, the last one."""
        if self._bar is not None:
            self._bar.update(self._task, description=technique)

    def finish(self, technique, text):
        """Say how a run ended.

        Parameters
        ----------
        technique : str
            Its technique.
        text : str
            Its scores, or its error.
        """
        # from one end to the next: what a run adds to the whole, also where several go on at a time
        before, self._turned = self._turned, time.perf_counter()
        self._seconds.setdefault(technique, []).append(self._turned - before)
        self._left.remove(technique)
        self._n_done += 1
        left = f"{format_seconds(self.seconds_left())} left"
        if self._bar is not None:
            self._bar.update(self._task, completed=self._n_done, left=left)
            if text.startswith("failed"):
                self._bar.console.print(f"{technique}: {text}", markup=False, highlight=False)
        elif self._verbose:
            count = f"{self._n_done:>{len(str(self._n_runs))}}/{self._n_runs}"
            print(f"{count} | {technique} | {text} | {left}", file=sys.stdout, flush=True)

    def seconds_left(self):
        """Return the seconds that the runs left will take, if they are like those of before."""
        known = {name: sum(spent) / len(spent) for name, spent in self._seconds.items()}
        usual = sum(known.values()) / len(known) if known else 0.0
        return sum(known.get(technique, usual) for technique in self._left)


def format_seconds(seconds):
    """Return seconds as a person says them."""
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"
