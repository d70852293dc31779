"""Epochs: shuffle, run, validate, call back, stop."""

from contextlib import nullcontext
from dataclasses import dataclass, field

import numpy as np

from skmtl._runtime.interrupts import interrupts_held
from skmtl.training.callbacks import CallbackCaller
from skmtl.training.chunks import evaluate, on_device
from skmtl.training.history import epoch_logs
from skmtl.training.nonfinite import find_nonfinite_loss, find_nonfinite_weights
from skmtl.training.plan import batch_plan, presence_patterns, shuffled
from skmtl.training.progress_printer import EpochPrinter
from skmtl.training.training_progress import TrainingProgress


@dataclass(frozen=True)
class LabelledTable:
    """Input and labels of some rows.

    Parameters
    ----------
    table : Table
        Features or raw input by modality.
    targets : ndarray of float32, shape (n_samples, n_targets)
        What the tasks learn; see `skmtl.labels.Targets`.
    weights : ndarray of float32, shape (n_samples, n_tasks)
        Label weights; 0 where a label is missing.
    """

    table: object
    targets: np.ndarray
    weights: np.ndarray

    def take(self, rows) -> "LabelledTable":
        """Return some rows, in their order."""
        return LabelledTable(self.table.take(rows), self.targets[rows], self.weights[rows])


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
        Rows per batch; no batch is larger than the table.
    patience : int or None
        Number of epochs without a better value of `stopping_key` after which training stops; None
        never stops.
    stopping_key : str or None
        Name in the history of what early stopping watches; None is the mean score of the tasks on
        the validation rows.
    scorer : callable or None
        Returns the "val_score" of an epoch for a program.
    on_interrupt : {"raise", "keep"}
        Whether Ctrl-C is an error, or ends training with the epochs that were finished.
    verbose : int
        0 prints nothing, 1 a line per epoch.
    callbacks : list of keras.callbacks.Callback
        Called with the whole network as `model`.
    checkpoint : Checkpoint or None
        Where the state of the fit is written after every epoch, and read when it resumes.
    nonfinite_loss : {"raise", "restore"}
        Whether a loss that is NaN or infinite is an error, or ends training with the weights of
        the last epoch before it.
    schedule : AutoSchedule, WarmupCosine or None
        The learning rate of each epoch or step; None leaves it to the optimizer.
    branch_weighting : BranchWeighting or None
        How the weights of the branches are learned; None if there are none to learn.
    """

    task_names: tuple
    epochs: int
    batch_size: int
    patience: int | None = None
    stopping_key: str | None = None
    scorer: object = None
    on_interrupt: str = "raise"
    verbose: int = 0
    callbacks: list = field(default_factory=list)
    checkpoint: object = None
    nonfinite_loss: str = "raise"
    schedule: object = None
    branch_weighting: object = None


def train(program, weighting, rows, validation, settings, rng) -> dict:
    """Train a started program.

    Parameters
    ----------
    program : Program
        After `start`; it holds the final weights afterwards.
    weighting : LossWeighting
        The loss weighting of this fit.
    rows : LabelledTable
        Training rows.
    validation : LabelledTable or None
        Validation rows, evaluated after every epoch.
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
    TrainingInterrupted
        On Ctrl-C, with what was trained, if `settings` keep it.
    """
    progress = TrainingProgress(settings)
    checkpoint, names, heads = settings.checkpoint, settings.task_names, program.network.heads
    branches, schedule = settings.branch_weighting, settings.schedule
    if checkpoint is not None:
        progress.resume(checkpoint.open(program, rows, validation, rng), program)
    data = on_device(program, rows)
    # a row without any label changes nothing, so it is left out
    labelled = np.flatnonzero((rows.weights > 0).any(axis=1))
    patterns = presence_patterns(rows.table, rows.weights)
    plan = batch_plan(labelled, settings.batch_size)
    if validation is not None:
        validation_data = on_device(program, validation)
        validation_plan = batch_plan(np.arange(len(validation.targets)), settings.batch_size)
    callbacks = CallbackCaller(settings, program, len(plan))
    printer = EpochPrinter(settings.epochs, names, heads) if settings.verbose else None
    # weights are checked after every epoch that training may return to, else after the last one
    judges_all = progress.returns or checkpoint is not None
    callbacks.begin()
    try:
        while progress.n_epochs < settings.epochs and not progress.is_over:
            epoch = progress.n_epochs
            if schedule is not None:
                program.optimizer.learning_rate = schedule.of_epoch(epoch)
            callbacks.epoch_begin(epoch)
            trained = labelled
            if branches is not None:
                if epoch == branches.epoch:
                    branches.learn(program)
                trained = branches.trained_rows(labelled, epoch)
            plan = batch_plan(shuffled(trained, patterns[trained], rng), settings.batch_size)
            rates = None if schedule is None else schedule.of_steps(epoch, len(plan))
            sums = callbacks.run(data, plan, rates)
            trouble = find_nonfinite_loss(sums, names, epoch)
            if trouble is None and judges_all:
                trouble = find_nonfinite_weights(program, data, plan, names, epoch)
            if trouble is not None:
                progress.go_back(trouble, program)
                break
            logs = epoch_logs(sums, names, heads)
            present = sums["n_labelled"] > 0
            means = (sums["losses"] / np.maximum(sums["n_labelled"], 1)).astype(np.float32)
            program.state.end_epoch(weighting, means, present)
            if branches is not None:
                if branches.held_out is None:
                    branches.learn(program)
                logs |= branches.logs(program)
            if validation is not None:
                sums = evaluate(program, validation_data, validation_plan)
                logs |= epoch_logs(sums, names, heads, "val_")
            if settings.scorer is not None:
                logs["val_score"] = settings.scorer(program)
            if printer:
                printer(epoch, logs)
            stop = callbacks.epoch_end(epoch, logs)
            with interrupts_held() if progress.keeps else nullcontext():  # all of it, or nothing
                progress.end_epoch(logs, program, stop, has_validation=validation is not None)
            if checkpoint is not None:
                checkpoint.write(rng, progress.state(program))
    except KeyboardInterrupt:
        if not progress.keeps or not progress.n_epochs:
            raise
        callbacks.end()
        raise progress.interruption() from None
    callbacks.end()
    progress.best.restore(program)
    if not judges_all:
        trouble = find_nonfinite_weights(program, data, plan, names, progress.n_epochs - 1)
        if trouble is not None:
            progress.go_back(trouble, program)
    return progress.history
