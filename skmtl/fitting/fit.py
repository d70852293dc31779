"""From a table and labels to a trained network."""

import os
from copy import deepcopy
from dataclasses import dataclass
from numbers import Integral

import numpy as np

from skmtl._runtime.checks import as_count, as_number
from skmtl._runtime.fork import is_forked, refuse_forked_process
from skmtl._runtime.keras_state import keras_names
from skmtl.backbones.feature_cache import as_feature_cache
from skmtl.backbones.text import describe_text_backbone
from skmtl.columns.inputs import InputEncoder
from skmtl.exceptions import describe
from skmtl.fitting.specification import gradient_aggregator, loss_weighting, network_spec
from skmtl.labels import Tasks, label_weights
from skmtl.network.network import Network, NetworkSpec, build_network
from skmtl.preprocessing import WordPieceSequencer
from skmtl.training.callbacks import as_callbacks
from skmtl.training.checkpoint import Checkpoint, parameter_key
from skmtl.training.device_memory import fit_in_memory
from skmtl.training.features import standardize, with_features
from skmtl.training.loop import LabelledTable, LoopSettings, train
from skmtl.training.optimizers import constant_learning_rate, make_optimizer
from skmtl.training.plan import shuffled
from skmtl.training.prediction import predicted
from skmtl.training.programs import borrowed_program, predictor_for


@dataclass(frozen=True)
class FittedNetwork:
    """What remains of a fit.

    Parameters
    ----------
    inputs : InputEncoder
        Fitted.
    tasks : Tasks
        Names and classes.
    spec : NetworkSpec
        The architecture.
    network : Network
        With its trained weights.
    history : dict of str to list of float
        One number per epoch.
    training_state : list of ndarray or None
        Optimizer slots and the like, for `partial_fit`; not pickled.
    batch_size : int or None
        Rows per step; None if nothing was trained.
    """

    inputs: InputEncoder
    tasks: Tasks
    spec: NetworkSpec
    network: Network
    history: dict
    training_state: list | None = None
    batch_size: int | None = None

    def probabilities(self, X, feature_cache=None) -> list[np.ndarray]:
        """Return the class probabilities ``(n_samples, n_classes)`` of each task."""
        refuse_forked_process()
        table = self.inputs.transform(X)
        cache = as_feature_cache(feature_cache)
        predictor = predictor_for(self.spec, self.network.encoders)
        values = self._weights(predictor)

        def prepare(part):
            return with_features(self.network, part, cache).read()

        return predicted(predictor, values, table, prepare)

    def _weights(self, predictor) -> list:
        """Return the weights on the device, read anew only where somebody may have changed them."""
        if self.network.is_handed_out or "weights" not in vars(self):
            object.__setattr__(self, "weights", predictor.weights(self.network))
        return vars(self)["weights"]

    def __getattr__(self, name):
        if name == "network":
            refuse_forked_process()
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __getstate__(self):
        if "network" not in vars(self):
            return dict(vars(self))
        names = ("inputs", "tasks", "spec", "history", "batch_size")
        state = {name: getattr(self, name) for name in names}
        state["values"] = [np.asarray(v) for v in self.network.all_variables]
        return state

    def __setstate__(self, state):
        if is_forked():  # an error here would hang a pool of workers: the first use raises it
            vars(self).update(state)
            return
        network = build_network(state["spec"], seed=0)
        network.encoders = {name: e.private() for name, e in network.encoders.items()}
        for variable, value in zip(network.all_variables, state.pop("values"), strict=True):
            variable.assign(value)
        vars(self).update(state, network=network, training_state=None)


def fit_estimator(
    estimator, X, y, sample_weight, *, start, epochs, classes, keep, reporters=()
) -> FittedNetwork:
    """Train the network of an estimator.

    Parameters
    ----------
    estimator : MultiTaskClassifier
        Gives the parameters; it is not changed.
    X, y, sample_weight
        As in `MultiTaskClassifier.fit`.
    start : FittedNetwork or None
        What to go on from.
    epochs : int
        Number of epochs; 0 only builds the network.
    classes : array-like, dict or None
        All classes of the tasks, where `y` does not hold them.
    keep : bool
        Whether to go on from the optimizer's state too, to keep it, and to lengthen the history.
    reporters : list of keras.callbacks.Callback
        Called like the parameter `callbacks`.
    """
    refuse_forked_process()
    p = estimator
    seed = _seed(p.random_state)
    cache = as_feature_cache(p.feature_cache)
    if start is None:
        inputs = InputEncoder(
            image_column=p.image_column,
            text_column=p.text_column,
            image_size=p.image_size,
            tokenizer=_tokenizer(p),
            tokenizer_options=p.routed_options("tokenizer"),
        )
        tasks = Tasks.of(y, missing_label=p.missing_label, classes=classes)
        table = inputs.fit_transform(X)
        spec = network_spec(p, inputs, tasks)
    else:
        inputs, tasks, spec = start.inputs, start.tasks, start.spec
        table = inputs.transform(X)
    codes = tasks.encode(y)
    if len(codes) != table.n_samples:
        raise ValueError(
            f"X and y must have the same number of rows; got {table.n_samples} and {len(codes)}."
        )
    weights = label_weights(codes, tasks, sample_weight=sample_weight, class_weight=p.class_weight)
    weighting = loss_weighting(p, tasks.names)
    aggregator = gradient_aggregator(p, spec)
    with keras_names():
        optimizer = make_optimizer(p)
    network = build_network(spec, seed) if start is None else start.network
    history = {} if start is None or not keep else start.history
    if epochs == 0:
        return FittedNetwork(inputs, tasks, spec, network, history)
    rng = np.random.default_rng([seed, len(history.get("loss", ()))])
    table = with_features(network, table, cache, verbose=p.verbose)
    rows = LabelledTable(table, codes, weights)
    rows, validation = _split(p, rows, rng)
    if start is None:
        standardize(network, rows.table)
    strategies = (optimizer, weighting, aggregator)

    def attempt(batch_size):
        settings = LoopSettings(
            task_names=tasks.names,
            epochs=epochs,
            batch_size=batch_size,
            patience=as_count("n_iter_no_change", p.n_iter_no_change) if p.early_stopping else None,
            verbose=p.verbose,
            callbacks=[*as_callbacks(p.callbacks), *reporters],
            checkpoint=None if keep else _checkpoint(p, batch_size, spec, *strategies),
            nonfinite_loss=_nonfinite_loss(p),
        )
        with borrowed_program(
            spec, network.encoders, *strategies, n_devices=p.n_devices
        ) as program:
            program.start(
                network.variables,
                weighting,
                aggregator,
                learning_rate=constant_learning_rate(optimizer),
                seed=seed,
                state=start.training_state if start is not None and keep else None,
            )
            new = train(program, weighting, rows, validation, settings, deepcopy(rng))
            for variable, value in zip(network.variables, program.values(), strict=True):
                variable.assign(value)
            state = program.training_state() if keep else None
        if settings.checkpoint is not None:
            settings.checkpoint.remove()
        return new, state

    batch_size, (new, state) = fit_in_memory(attempt, p.batch_size, len(rows.codes))
    history = {name: history.get(name, []) + values for name, values in new.items()}
    return FittedNetwork(inputs, tasks, spec, network, history, state, batch_size)


def _tokenizer(p):
    """Return the tokenizer: the parameter's, or the one that the text backbone was trained with."""
    if p.tokenizer is not None or not isinstance(p.text_backbone, str):
        return p.tokenizer
    options = p.routed_options("text_backbone")
    vocabulary = describe_text_backbone(p.text_backbone, options=options).tokenizer
    return None if vocabulary is None else WordPieceSequencer(vocabulary=vocabulary)


def _split(p, rows, rng):
    """Hold out validation rows, each class of the first task in proportion."""
    if not p.early_stopping:
        return rows, None
    share = as_number("validation_fraction", p.validation_fraction, low=0, high=1, closed="neither")
    n_rows = len(rows.codes)
    n_validation = max(1, round(share * n_rows))
    if n_rows - n_validation < 1:
        raise ValueError(
            f"early_stopping needs at least 2 rows to hold out validation_fraction={share}; "
            f"got {n_rows}."
        )
    order = shuffled(np.arange(n_rows), rows.codes[:, 0], rng)
    held_out, kept = np.sort(order[:n_validation]), np.sort(order[n_validation:])
    return rows.take(kept), rows.take(held_out)


def _checkpoint(p, batch_size, spec, optimizer, weighting, aggregator):
    """Return where the fit is kept after every epoch, None if nowhere."""
    if p.checkpoint_path is None:
        return None
    if p.random_state is None:
        raise ValueError(
            "checkpoint_path needs a random_state: without one, no two fits are the same, and none "
            "can be taken up again."
        )
    if not isinstance(p.checkpoint_path, str | os.PathLike):
        raise TypeError(
            f"checkpoint_path must be None or a folder; got {describe(p.checkpoint_path)}."
        )
    patience = p.n_iter_no_change if p.early_stopping else None
    settings = {"batch_size": batch_size, "nonfinite_loss": p.nonfinite_loss, "patience": patience}
    key = parameter_key(spec, optimizer, weighting, aggregator, **settings)
    return Checkpoint(p.checkpoint_path, key)


def _nonfinite_loss(p) -> str:
    if p.nonfinite_loss not in ("raise", "restore"):
        raise ValueError(f"nonfinite_loss must be 'raise' or 'restore'; got {p.nonfinite_loss!r}.")
    return p.nonfinite_loss


def _seed(random_state) -> int:
    """Return a seed without reading or setting a process-wide one."""
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1)[0] % 2**31)
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31 - 1))
    is_int = isinstance(random_state, Integral) and not isinstance(random_state, bool)
    if is_int and 0 <= random_state < 2**32:
        return int(random_state)
    raise ValueError(
        "random_state must be None, an int in [0, 2**32) or a numpy RandomState; "
        f"got {random_state!r}."
    )
