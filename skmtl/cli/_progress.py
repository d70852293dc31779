"""A progress bar over the epochs of a fit."""

import skmtl._runtime.quiet_start  # isort: skip  # noqa: F401
import keras
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from skmtl.cli._printed import console


class EpochBar(keras.callbacks.Callback):
    """Shows the epoch and its loss on stderr, where that is a terminal."""

    def __init__(self):
        super().__init__()
        columns = TextColumn("epoch"), MofNCompleteColumn(), BarColumn()
        columns += TextColumn("{task.description}"), TimeRemainingColumn()
        self._bar = Progress(*columns, console=console(stderr=True), transient=True)

    def on_train_begin(self, logs=None):  # noqa: ARG002
        """Show the bar."""
        if self._bar.console.is_terminal:
            self._bar.start()
        self._task = self._bar.add_task("", total=self.params["epochs"])

    def on_epoch_end(self, epoch, logs=None):
        """Move it."""
        loss = (logs or {}).get("loss", float("nan"))
        self._bar.update(self._task, completed=epoch + 1, description=f"loss {loss:.3f}")

    def on_train_end(self, logs=None):  # noqa: ARG002
        """Take it away."""
        self.close()

    def close(self):
        """Take the bar away, also after an error."""
        if self._bar.console.is_terminal:
            self._bar.stop()
