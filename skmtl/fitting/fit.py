"""From a table and labels to a trained network, step by step."""

import os
import warnings
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import NamedTuple

import keras
import numpy as np

from skmtl._runtime.checks import as_count, as_seed, check_choice
from skmtl._runtime.fork import refuse_forked_process
from skmtl._runtime.keras_state import keras_names
from skmtl.backbones.feature_cache import as_feature_cache
from skmtl.columns import TableReader
from skmtl.data.tables import count_rows
from skmtl.exceptions import describe
from skmtl.fitting.fitted import FittedNetwork
from skmtl.fitting.rows import RawRows, held_out_rows, labelled_rows, of_validation_rows
from skmtl.fitting.specification import (
    check_unchanged,
    gradient_aggregator,
    loss_weighting,
    network_spec,
)
from skmtl.fitting.stopping import EpochScorer, stopping_key, stopping_text
from skmtl.fitting.thresholds import tunes_thresholds, with_tuned_thresholds
from skmtl.labels import Tasks, label_options
from skmtl.network.weights import NetworkWeights
from skmtl.training.branch_weights import branch_weighting
from skmtl.training.callbacks import as_callbacks
from skmtl.training.checkpoint import Checkpoint, parameter_key
from skmtl.training.device_memory import fit_in_memory
from skmtl.training.features import standardized, with_features
from skmtl.training.history import lengthened
from skmtl.training.loop import LoopSettings, train
from skmtl.training.optimizers import check_accumulation, constant_learning_rate, make_optimizer
from skmtl.training.programs import borrowed_program
from skmtl.training.schedule import learning_rate_schedule
from skmtl.training.training_progress import TrainingInterrupted
from skmtl.weighting import LossWeighting


@dataclass(frozen=True)
class Start:
    """What a fit starts from.

    Parameters
    ----------
    fitted : FittedNetwork or None
        Network whose weights are trained further; None starts from new weights.
    keeps_state : bool, default=False
        Whether the state of the optimizer is continued and kept as well, and the history extended.
    """

    fitted: FittedNetwork | None = None
    keeps_state: bool = False

    @property
    def continued(self) -> FittedNetwork | None:
        """The network whose optimizer state and history are continued, if any."""
        return self.fitted if self.keeps_state else None

    @property
    def is_untrained(self) -> bool:
        """Whether nothing was trained before; `initialize` leaves a network without a history."""
        return self.fitted is None or not self.fitted.history


def fit_network(
    estimator, X, y, sample_weight, *, epochs, start, classes=None, given=None, reporters=()
) -> FittedNetwork:
    """Train the network of an estimator.

    Parameters
    ----------
    estimator : MultiTaskBase
        Its parameters are read; it is not changed.
    X, y, sample_weight
        As in `MultiTaskBase.fit`.
    epochs : int
        Number of epochs; 0 only builds the network.
    start : Start
        What to continue from.
    classes : array-like, dict or None
        All classes of the tasks, in case `y` lacks some.
    given : RawRows or None
        Validation rows. If None, `validation_fraction` of the rows is held out where some are
        needed.
    reporters : list of keras.callbacks.Callback
        Called after those of the parameter `callbacks`.

    Raises
    ------
    TypeError, ValueError, DeviceMemoryError
        If a parameter, `X` or `y` is invalid, or memory runs out.
    """
    refuse_forked_process()
    seed = as_seed(estimator.random_state)
    raw = RawRows(X, y, sample_weight)
    reader, tasks, spec, rows, held_out = _read(estimator, raw, given, start.fitted, classes)
    strategies = _strategies(estimator, spec, tasks)
    check_accumulation(strategies.optimizer, rows.weights)
    stopping = stopping_key(estimator, tasks)
    weights = NetworkWeights.new(spec, seed) if start.fitted is None else start.fitted.weights
    history = {} if start.continued is None else start.continued.history
    untrained = FittedNetwork(reader, tasks, weights, history)
    if epochs == 0:
        return untrained
    rng = np.random.default_rng([seed, len(history.get("loss", ()))])
    cache = as_feature_cache(estimator.feature_cache)

    def featured(rows):
        table = with_features(weights, rows.table, cache, verbose=estimator.verbose)
        return replace(rows, table=table)

    rows, held_out = featured(rows), None if held_out is None else featured(held_out)
    tunes = tunes_thresholds(estimator, tasks)
    validation = held_out
    if given is None and (estimator.early_stopping or tunes):
        kept, chosen = held_out_rows(estimator, rows, rng)
        rows, held_out = rows.take(kept), rows.take(chosen)
        validation = held_out if estimator.early_stopping else None
    branches = None
    if start.is_untrained and not start.keeps_state:
        branches = branch_weighting(
            spec, weights.encoders, tasks.names, rows, validation, epochs=epochs, seed=seed
        )

    schedule = learning_rate_schedule(
        estimator.learning_rate,
        epochs,
        stops_early=estimator.early_stopping,
        continues=start.keeps_state,
        callbacks=as_callbacks(estimator.callbacks),
    )
    scorer = None
    if estimator.early_stopping and callable(estimator.stopping_score):
        judged = raw.take(chosen) if given is None else given
        scorer = EpochScorer(estimator, untrained, judged)

    def attempt(batch_size):
        settings = _loop_settings(estimator, tasks, epochs, batch_size, reporters)
        settings = replace(
            settings,
            branch_weighting=branches,
            schedule=schedule,
            stopping_key=stopping,
            scorer=scorer,
        )
        if not start.keeps_state:
            checkpoint = _checkpoint(estimator, settings, spec, strategies)
            settings = replace(settings, checkpoint=checkpoint)
        return _train(estimator, weights, strategies, start, rows, validation, settings, rng, seed)

    batch_size, (new, values, state) = fit_in_memory(
        attempt, estimator.batch_size, len(rows.targets)
    )
    weights.assign(values)
    history = lengthened(history, new)
    if tunes:
        tasks = with_tuned_thresholds(tasks, weights, held_out)
    return FittedNetwork(
        reader, tasks, weights, history, training_state=state, batch_size=batch_size
    )


class Strategies(NamedTuple):
    """Optimizer, loss weighting and gradient aggregator of a fit."""

    optimizer: keras.optimizers.Optimizer
    weighting: LossWeighting
    aggregator: object


def _read(estimator, raw, given, start, classes):
    """Return reader, tasks and specification, new or those of `start`; rows; validation rows."""
    if start is None:
        tasks = Tasks.of(
            raw.y,
            missing_label=estimator.missing_label,
            classes=classes,
            n_rows=count_rows(raw.X),
            kinds=estimator._label_kinds,
            options=lambda names: label_options(estimator, names),
        )
        reader, table = TableReader.fit(raw.X, estimator, tasks.names)
        spec = network_spec(estimator, reader, tasks)
    else:
        reader, tasks, spec = start.reader, start.tasks, start.spec
        check_unchanged(estimator, reader, spec)
        table = reader.read(raw.X)
    rows, targets = labelled_rows(estimator, table, tasks, raw)
    validation = None
    if given is not None:
        with of_validation_rows():
            table = reader.read(given.X)
            if not table.n_samples:
                raise ValueError("there are none; leave X_val and y_val out, or give some rows.")
            validation, _ = labelled_rows(estimator, table, tasks, given, balance=targets)
    return reader, tasks, spec, rows, validation


def _strategies(estimator, spec, tasks) -> Strategies:
    weighting = loss_weighting(estimator, tasks.names)
    aggregator = gradient_aggregator(estimator, spec)
    with keras_names():
        optimizer = make_optimizer(estimator)
    return Strategies(optimizer, weighting, aggregator)


def _train(estimator, weights, strategies, start, rows, validation, settings, rng, seed):
    """Train with one batch size; return history, values and training state of the network."""
    state, values = None, weights.values
    try:
        with borrowed_program(weights, *strategies, estimator.n_devices) as program:
            if start.is_untrained and weights.encoders:
                values = standardized(program.network, values, rows.table)
            program.start(
                values,
                strategies.weighting,
                strategies.aggregator,
                learning_rate=constant_learning_rate(strategies.optimizer),
                seed=seed,
                state=None if start.continued is None else start.continued.training_state,
            )
            history = train(
                program, strategies.weighting, rows, validation, settings, deepcopy(rng)
            )
            values = program.values()
            if start.keeps_state:
                state = program.training_state()
    except TrainingInterrupted as interrupted:  # the program is dropped, as after any error
        history, values = interrupted.history, interrupted.values
        warnings.warn(str(interrupted), UserWarning, stacklevel=2)
    else:
        if settings.checkpoint is not None:
            settings.checkpoint.remove()
    if settings.branch_weighting is not None:
        values = settings.branch_weighting.learned_after(len(history["loss"]), values)
    return history, values, state


def _loop_settings(estimator, tasks, epochs, batch_size, reporters) -> LoopSettings:
    if estimator.nonfinite_loss not in ("raise", "restore"):
        raise ValueError(
            f"nonfinite_loss must be 'raise' or 'restore'; got {estimator.nonfinite_loss!r}."
        )
    check_choice("on_interrupt", estimator.on_interrupt, ("raise", "keep"))
    patience = None
    if estimator.early_stopping:
        patience = as_count("n_iter_no_change", estimator.n_iter_no_change)
    return LoopSettings(
        task_names=tasks.names,
        epochs=epochs,
        batch_size=batch_size,
        patience=patience,
        verbose=estimator.verbose,
        callbacks=[*as_callbacks(estimator.callbacks), *reporters],
        nonfinite_loss=estimator.nonfinite_loss,
        on_interrupt=estimator.on_interrupt,
    )


def _checkpoint(estimator, settings, spec, strategies):
    """Return the file that the state of the fit is written to after every epoch, or None."""
    path = estimator.checkpoint_path
    if path is None:
        return None
    if estimator.random_state is None:
        raise ValueError(
            "checkpoint_path needs a random_state: a fit without one cannot be repeated, so it "
            "cannot be resumed either."
        )
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"checkpoint_path must be None or a folder; got {describe(path)}.")
    key = parameter_key(
        spec,
        *strategies,
        batch_size=settings.batch_size,
        nonfinite_loss=settings.nonfinite_loss,
        patience=settings.patience,
        stopping_score=stopping_text(estimator.stopping_score),
        schedule=None if settings.schedule is None else settings.schedule.key,
    )
    return Checkpoint(path, key)
