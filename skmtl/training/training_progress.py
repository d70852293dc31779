"""Training progress: history, best weights, stopping."""

import math
import warnings

from skmtl.training.history import stopping_value


class TrainingInterrupted(Exception):
    """Ctrl-C, and what was trained before it.

    Parameters
    ----------
    history : dict of str to list of float
        Of the finished epochs.
    values : list of ndarray
        The weights to keep, one array per variable of the network.
    message : str
        Which weights these are.
    """

    def __init__(self, history, values, message):
        super().__init__(message)
        self.history = history
        self.values = values


class TrainingProgress:
    """History, best weights and last good weights of a fit, epoch by epoch.

    Parameters
    ----------
    settings : LoopSettings
        How long to train and when to stop.
    """

    def __init__(self, settings):
        self.settings = settings
        self.history = {}
        self.n_epochs = 0
        self.is_over = False
        self.best = _Best(settings.patience)
        self.last_good = None
        self.restores = settings.nonfinite_loss == "restore"
        self.keeps = settings.on_interrupt == "keep"
        self.returns = self.restores or self.keeps

    def end_epoch(self, logs, program, stop, *, has_validation):
        """Record an epoch, and decide whether it was the last one."""
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)
        if has_validation and self.settings.patience is not None:
            settings = self.settings
            heads = program.network.heads
            score = stopping_value(logs, settings.stopping_key, settings.task_names, heads)
            if not self.n_epochs:
                _refuse_no_score(score, settings.stopping_key)
            stop |= self.best.sees(score, program)
        self.n_epochs += 1
        self.is_over = bool(stop)
        if self.returns:
            self.last_good = program.values()

    def interruption(self) -> TrainingInterrupted:
        """Return what Ctrl-C leaves: the best epoch of early stopping, or the last whole one."""
        is_best = self.best.values is not None
        epoch = self.n_epochs - self.best.n_worse if is_best else self.n_epochs
        text = "the best one" if is_best else "the last whole one"
        return TrainingInterrupted(
            self.history,
            self.best.values if is_best else self.last_good,
            f"Training was interrupted after epoch {self.n_epochs} of {self.settings.epochs}; the "
            f"weights of epoch {epoch}, {text}, are kept.",
        )

    def go_back(self, trouble, program):
        """End training with the weights of the last good epoch, or with an error."""
        if not self.restores or self.last_good is None:
            raise ValueError(trouble + " There is no epoch before it." * self.restores)
        message = f"{trouble} The weights of epoch {self.n_epochs} are kept."
        warnings.warn(message, stacklevel=2)
        program.assign(self.last_good)

    def state(self, program) -> dict:
        """Return what `resume` needs, as plain values and arrays."""
        return {
            "history": self.history,
            "n_epochs": self.n_epochs,
            "is_over": self.is_over,
            "values": program.values(),
            "training": program.training_state(),
            "best": [self.best.score, self.best.values, self.best.n_worse],
        }

    def resume(self, state, program):
        """Continue from what `state` returned; None starts from the beginning."""
        if state is None:
            return
        if self.settings.verbose:
            print(f"going on after epoch {state['n_epochs']}, from checkpoint_path")
        self.history, self.n_epochs = state["history"], state["n_epochs"]
        self.is_over = state["is_over"]
        self.best.score, self.best.values, self.best.n_worse = state["best"]
        program.restore(state["values"], state["training"])
        if self.returns:
            self.last_good = state["values"]


def _refuse_no_score(score, key):
    """Refuse validation rows that no epoch can be chosen by: NaN is never better than NaN."""
    if math.isnan(score):
        what = "the mean score of the tasks" if key is None else repr(key)
        raise ValueError(
            f"early_stopping goes by {what}, which is NaN on the validation rows: they have no "
            "label, or numbers that are all equal, of which R² says nothing. Give other rows as "
            "X_val and y_val, or choose another stopping_score, such as 'val_loss'."
        )


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
        """Load the best weights, if an epoch was scored."""
        if self.values is not None:
            program.assign(self.values)
