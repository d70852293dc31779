"""Epochs: shuffle, run, validate, call back, stop."""

from dataclasses import dataclass, field

import keras
import numpy as np

from skmtl.training.callbacks import overrides_batch_hooks
from skmtl.training.chunks import on_device
from skmtl.training.course import Course, find_spoiled, find_trouble
from skmtl.training.history import epoch_logs
from skmtl.training.plan import batch_plan, presence_patterns, shuffled
from skmtl.training.progress import EpochPrinter


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
    course = Course(settings)
    checkpoint = settings.checkpoint
    if checkpoint is not None:
        course.go_on(checkpoint.open(program, rows, validation, rng), program)
    data = on_device(program, rows)
    # a row without any label moves nothing, so it is not computed
    labelled = np.flatnonzero((rows.weights > 0).any(axis=1))
    patterns = presence_patterns(rows.table, rows.weights)[labelled]
    if validation is not None:
        validation_data = on_device(program, validation)
        validation_plan = batch_plan(np.arange(len(validation.codes)), settings.batch_size)
    callbacks = _CallbackCaller(settings, program)
    printer = EpochPrinter(settings.epochs, settings.task_names) if settings.verbose else None
    callbacks.begin()
    for epoch in range(course.n_epochs, 0 if course.is_over else settings.epochs):
        callbacks.epoch_begin(epoch)
        plan = batch_plan(shuffled(labelled, patterns, rng), settings.batch_size)
        sums = callbacks.run(data, plan)
        logs = epoch_logs(sums, settings.task_names)
        trouble = find_trouble(logs, sums, settings.task_names, epoch)
        if trouble is None and (course.is_kept or epoch == settings.epochs - 1):
            trouble = find_spoiled(program, epoch)
        if trouble is not None:
            course.go_back(trouble, epoch, program)
            break
        present = sums["n_labelled"] > 0
        means = (sums["losses"] / np.maximum(sums["n_labelled"], 1)).astype(np.float32)
        program.state.end_epoch(weighting, means, present)
        if validation is not None:
            sums = None
            for part, steps in validation_data.parts(validation_plan):
                sums = program.evaluate(part, steps, sums)
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
        """Run an epoch: part by part, or batch by batch where a callback wants every batch."""
        sums, step = None, 0
        for part, steps in data.parts(plan):
            if not self.per_batch:
                sums = self.program.run(part, steps, sums)
                continue
            for batch in steps[:, np.newaxis]:
                self.list.on_train_batch_begin(step)
                seen = self.program.run(part, batch)
                sums = seen if sums is None else {n: sums[n] + seen[n] for n in sums}
                self.list.on_train_batch_end(step, {"loss": float(seen["loss"] / seen["n_rows"])})
                step += 1
        return sums
