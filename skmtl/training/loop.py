"""Epochs: shuffle, run, validate, call back, stop."""

import math
import warnings
from dataclasses import dataclass, field

import keras
import numpy as np

from skmtl.training.callbacks import overrides_batch_hooks
from skmtl.training.history import epoch_logs, mean_task_score
from skmtl.training.plan import batch_plan, presence_patterns, shuffled
from skmtl.training.progress import EpochPrinter

_ADVICE = (
    "training stopped. Lower optimizer__learning_rate, or check the inputs for very large numbers."
)


@dataclass(frozen=True)
class LabelledTable:
    """Input and labels of some rows.

    Parameters
    ----------
    table : Table
        Features or raw input by modality.
    codes : ndarray of int32, shape (n_samples, n_tasks)
        Class codes; -1 where a label is missing.
    weights : ndarray of float32, shape (n_samples, n_tasks)
        Label weights; 0 where a label is missing.
    """

    table: object
    codes: np.ndarray
    weights: np.ndarray

    def take(self, rows) -> "LabelledTable":
        """Return some rows, in their order."""
        return LabelledTable(self.table.take(rows), self.codes[rows], self.weights[rows])


@dataclass(frozen=True)
class LoopSettings:
    """How long to train and when to stop.

    Parameters
    ----------
    task_names : tuple of str
        Names of the tasks.
    epochs : int
        Largest number of epochs.
    batch_size : int
        Rows per batch.
    patience : int or None
        Number of epochs without a better mean task score on the validation rows after which
        training stops; None never stops.
    verbose : int
        0 prints nothing, 1 a line per epoch.
    callbacks : list of keras.callbacks.Callback
        Called with the whole network as `model`.
    checkpoint : Checkpoint or None
        Where the fit is kept after every epoch, and taken up from.
    nonfinite_loss : {"raise", "restore"}
        Whether a loss that is NaN or infinite is an error, or ends training with the weights of
        the last epoch before it.
    """

    task_names: tuple
    epochs: int
    batch_size: int
    patience: int | None = None
    verbose: int = 0
    callbacks: list = field(default_factory=list)
    checkpoint: object = None
    nonfinite_loss: str = "raise"


def train(program, weighting, rows, validation, settings, rng) -> dict:
    """Train a started program.

    Parameters
    ----------
    program : Program
        After `start`; it holds the final weights afterwards.
    weighting : LossWeighting
        Of this fit.
    rows : LabelledTable
        What to train on.
    validation : LabelledTable or None
        What to judge on after every epoch.
    settings : LoopSettings
        How long to train.
    rng : numpy.random.Generator
        Source of the shuffles.

    Returns
    -------
    dict of str to list of float
        One number per epoch.

    Raises
    ------
    ValueError
        If a loss or a weight is not finite, and there is no epoch to go back to.
    """
    course = _Course(settings)
    checkpoint = settings.checkpoint
    if checkpoint is not None:
        course.go_on(checkpoint.open(program, rows, validation, rng), program)
    data = program.load(rows.table, rows.codes, rows.weights)
    # a row without any label moves nothing, so it is not computed
    labelled = np.flatnonzero((rows.weights > 0).any(axis=1))
    patterns = presence_patterns(rows.table, rows.weights)[labelled]
    if validation is not None:
        validation_data = program.load(validation.table, validation.codes, validation.weights)
        validation_plan = batch_plan(np.arange(len(validation.codes)), settings.batch_size)
    callbacks = _CallbackCaller(settings, program)
    printer = EpochPrinter(settings.epochs, settings.task_names) if settings.verbose else None
    callbacks.begin()
    for epoch in range(course.n_epochs, 0 if course.is_over else settings.epochs):
        callbacks.epoch_begin(epoch)
        plan = batch_plan(shuffled(labelled, patterns, rng), settings.batch_size)
        sums = callbacks.run(data, plan)
        logs = epoch_logs(sums, settings.task_names)
        trouble = _trouble(logs, sums, settings.task_names, epoch)
        if trouble is None and (course.is_kept or epoch == settings.epochs - 1):
            trouble = _spoiled(program, epoch)
        if trouble is not None:
            course.go_back(trouble, epoch, program)
            break
        present = sums["n_labelled"] > 0
        means = (sums["losses"] / np.maximum(sums["n_labelled"], 1)).astype(np.float32)
        program.state.end_epoch(weighting, means, present)
        if validation is not None:
            sums = program.evaluate(validation_data, validation_plan)
            logs |= epoch_logs(sums, settings.task_names, "val_")
        if printer:
            printer(epoch, logs)
        stop = callbacks.epoch_end(epoch, logs)
        course.end_epoch(logs, program, stop, has_validation=validation is not None)
        if checkpoint is not None:
            checkpoint.write(rng, **course.state(program))
        if course.is_over:
            break
    callbacks.end()
    course.best.restore(program)
    return course.history


class _Course:
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


class _CallbackCaller:
    """Calls Keras callbacks; does nothing at all when there are none."""

    def __init__(self, settings, program):
        self.program = program
        self.list = None
        self.per_batch = overrides_batch_hooks(settings.callbacks)
        if settings.callbacks:
            self.model = program.network.model
            self.model.optimizer = program.optimizer
            self.model.stop_training = False
            self.list = keras.callbacks.CallbackList(
                settings.callbacks, model=self.model, epochs=settings.epochs, verbose=0
            )

    def begin(self):
        if self.list:
            self.list.on_train_begin()

    def epoch_begin(self, epoch):
        if self.list:
            self.list.on_epoch_begin(epoch)

    def epoch_end(self, epoch, logs) -> bool:
        if not self.list:
            return False
        self.list.on_epoch_end(epoch, dict(logs))
        return bool(self.model.stop_training)

    def end(self):
        if self.list:
            self.list.on_train_end()

    def run(self, data, plan) -> dict:
        """Run an epoch: in one call, or batch by batch where a callback wants every batch."""
        if not self.per_batch:
            return self.program.run(data, plan)
        total = None
        for step in range(len(plan)):
            self.list.on_train_batch_begin(step)
            sums = self.program.run(data, plan[step : step + 1])
            total = sums if total is None else {n: total[n] + sums[n] for n in sums}
            self.list.on_train_batch_end(step, {"loss": float(sums["loss"] / sums["n_rows"])})
        return total


def _trouble(logs, sums, task_names, epoch) -> str | None:
    """Return which loss of an epoch is not finite, None if all are."""
    if np.isfinite(logs["loss"]):
        return None
    bad = [
        name for name, loss in zip(task_names, sums["losses"], strict=True) if not np.isfinite(loss)
    ]
    names = ", ".join(f"task {name!r}" for name in bad) or "the network"
    return f"The loss of {names} became {logs['loss']} in epoch {epoch + 1}; {_ADVICE}"


def _spoiled(program, epoch) -> str | None:
    """Return whether weights are not finite, as the last step may leave them after its loss."""
    if all(np.isfinite(value).all() for value in program.values()):
        return None
    return f"The weights became NaN or infinite at the end of epoch {epoch + 1}; {_ADVICE}"
