"""What long work prints: losses and scores per epoch, rows encoded, time left."""

import sys
import time

from skmtl._runtime.durations import format_seconds


class EpochPrinter:
    """Print one line per epoch.

    Parameters
    ----------
    n_epochs : int
        Planned number of epochs.
    task_names : sequence of str
        Names of the tasks.
    heads : sequence of Head
        One per task; they name the scores.
    """

    def __init__(self, n_epochs, task_names, heads):
        self.n_epochs = n_epochs
        self.score_names = {n: h.score_name for n, h in zip(task_names, heads, strict=True)}
        self.started = time.perf_counter()

    def __call__(self, epoch, logs):
        """Print the line of an epoch (counted from 0)."""
        spent = time.perf_counter() - self.started
        left = spent / (epoch + 1) * (self.n_epochs - epoch - 1)
        parts = [f"epoch {epoch + 1:>{len(str(self.n_epochs))}}/{self.n_epochs}"]
        parts.append(f"loss {logs['loss']:.4f}")
        for name, score in self.score_names.items():
            short = "acc" if score == "accuracy" else score
            text = f"{name}: loss {logs[f'{name}_loss']:.4f} {short} {logs[f'{name}_{score}']:.3f}"
            if f"val_{name}_{score}" in logs:
                text += f" val {logs[f'val_{name}_{score}']:.3f}"
            parts.append(text)
        parts.append(f"{format_seconds(left)} left")
        print(" | ".join(parts), file=sys.stdout, flush=True)


class RowPrinter:
    """Print how many rows went through a frozen backbone, at most once every two seconds.

    Parameters
    ----------
    name : str
        Modality.
    n_rows : int
        Number of rows to encode.
    """

    def __init__(self, name, n_rows):
        self.name = name
        self.n_rows = n_rows
        self.started = self.printed = time.perf_counter()

    def __call__(self, n_done):
        """Print, if it is time to."""
        now = time.perf_counter()
        if now - self.printed < 2 and n_done < self.n_rows:
            return
        self.printed = now
        left = (now - self.started) / n_done * (self.n_rows - n_done)
        print(
            f"{self.name} backbone | {n_done}/{self.n_rows} new rows encoded | "
            f"{format_seconds(left)} left",
            file=sys.stdout,
            flush=True,
        )
