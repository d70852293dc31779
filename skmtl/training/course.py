"""What a fit has come to: history, best weights, last good weights, when to stop."""

import math
import warnings

import numpy as np

from skmtl.training.history import mean_task_score

_ADVICE = (
    "training stopped. Lower optimizer__learning_rate, or check the inputs for very large numbers."
)


class Course:
    """What a fit has come to, epoch by epoch."""

    def __init__(self, settings):
        self.settings = settings
        self.history = {}
        self.n_epochs = 0
        self.is_over = False
        self.best = _Best(settings.patience)
        self.good = None
        self.is_kept = settings.checkpoint is not None or settings.nonfinite_loss == "restore"

    def end_epoch(self, logs, program, stop, *, has_validation):
        """Take an epoch in."""
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)
        if has_validation and self.settings.patience is not None:
            score = mean_task_score(logs, self.settings.task_names, "val_")
            stop |= self.best.sees(score, program)
        self.n_epochs += 1
        self.is_over = bool(stop)
        if self.settings.nonfinite_loss == "restore":
            self.good = program.values()

    def go_back(self, trouble, epoch, program):
        """End training at the last good epoch, or with an error."""
        if self.good is None:
            hint = " There is no epoch before it." * (self.settings.nonfinite_loss == "restore")
            raise ValueError(trouble + hint)
        warnings.warn(f"{trouble} The weights of epoch {epoch} are kept.", stacklevel=2)
        program.assign(self.good)

    def state(self, program) -> dict:
        """Return what `go_on` needs, as plain values and arrays."""
        return {
            "history": self.history,
            "n_epochs": self.n_epochs,
            "is_over": self.is_over,
            "values": program.values(),
            "training": program.training_state(),
            "best": [self.best.score, self.best.values, self.best.n_worse],
        }

    def go_on(self, state, program):
        """Take up what `state` returned, if there is something."""
        if state is None:
            return
        if self.settings.verbose:
            print(f"going on after epoch {state['n_epochs']}, from checkpoint_path")
        self.history, self.n_epochs = state["history"], state["n_epochs"]
        self.is_over = state["is_over"]
        self.best.score, self.best.values, self.best.n_worse = state["best"]
        program.restore(state["values"], state["training"])
        if self.settings.nonfinite_loss == "restore":
            self.good = state["values"]


class _Best:
    """The weights of the epoch with the best validation score."""

    def __init__(self, patience):
        self.patience = patience
        self.score = -math.inf
        self.values = None
        self.n_worse = 0

    def sees(self, score, program) -> bool:
        """Remember a better epoch; return whether to stop."""
        if score > self.score:
            self.score, self.values, self.n_worse = score, program.values(), 0
        else:
            self.n_worse += 1
        return self.n_worse >= self.patience

    def restore(self, program):
        if self.values is not None:
            program.assign(self.values)


def find_trouble(logs, sums, task_names, epoch) -> str | None:
    """Return which loss of an epoch is not finite, None if all are."""
    if np.isfinite(logs["loss"]):
        return None
    bad = [
        name for name, loss in zip(task_names, sums["losses"], strict=True) if not np.isfinite(loss)
    ]
    names = ", ".join(f"task {name!r}" for name in bad) or "the network"
    return f"The loss of {names} became {logs['loss']} in epoch {epoch + 1}; {_ADVICE}"


def find_spoiled(program, epoch) -> str | None:
    """Return whether weights are not finite, as the last step may leave them after its loss."""
    if all(np.isfinite(value).all() for value in program.values()):
        return None
    return f"The weights became NaN or infinite at the end of epoch {epoch + 1}; {_ADVICE}"
