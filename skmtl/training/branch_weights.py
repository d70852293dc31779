"""Weights of the branches, learned from rows that the network was not trained on."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from skmtl.labels import target_slices
from skmtl.network.fusion import branch_names
from skmtl.training.objective import with_branches
from skmtl.training.plan import presence_patterns, shuffled
from skmtl.training.prediction import outputs_of
from skmtl.training.programs import predictor_for

HELD_OUT_SHARE = 0.2
MAX_HELD_OUT = 1000  # rows; a weight per branch needs no more
MIN_HELD_OUT = 10
TRAINED_SHARE = 0.7  # of the epochs, before the weights are learned


@dataclass(frozen=True)
class BranchWeighting:
    """When and from which rows a fit learns the weights of its branches.

    Parameters
    ----------
    rows : LabelledTable
        Rows that the network was not trained on when the weights are learned.
    predictor : Predictor
        Returns the outputs of `Network.joint` unchanged.
    names : list of list of str
        For each task, the names of its weights in the history.
    held_out : ndarray of int or None
        Positions of `rows` among the training rows; from `epoch` on, they are trained on as well.
        None if they are validation rows; the weights are then learned after every epoch.
    epoch : int or None
        Number of epochs before the weights are learned.
    """

    rows: object
    predictor: object
    names: list
    held_out: np.ndarray | None = None
    epoch: int | None = None

    def trained_rows(self, rows, epoch) -> np.ndarray:
        """Return which of some sorted rows an epoch trains on."""
        is_held = self.held_out is not None and epoch < self.epoch
        return np.setdiff1d(rows, self.held_out, assume_unique=True) if is_held else rows

    def learn(self, program):
        """Learn the weights for the network of a program as it is now, and set them."""
        program.assign(self.learned(program.values()))

    def learned_after(self, n_epochs, values) -> list[np.ndarray]:
        """Return the values of a network, with new weights if training ended before `epoch`."""
        is_early = self.epoch is not None and n_epochs <= self.epoch
        return self.learned(values) if is_early else values

    def learned(self, values) -> list[np.ndarray]:
        """Return the values of a network with the best weights of its branches."""
        network = self.predictor.network
        place = {id(v): i for i, v in enumerate(network.variables)}
        values = list(values)
        for variable, best in zip(network.branch_weights, self.best_for(values), strict=True):
            values[place[id(variable)]] = best
        return values

    def best_for(self, values) -> list[np.ndarray]:
        """Return the best weights of the branches for every task, ``(n_branches, 1)`` each."""
        outputs = outputs_of(self.predictor, values, self.rows.table)
        heads, rows = self.predictor.network.heads, self.rows
        _, branches = with_branches(outputs, len(heads))
        learnt = [
            best_weights(
                head,
                np.stack(terms, axis=1),
                flags,
                rows.targets[:, columns],
                rows.weights[:, task],
            )
            for task, (head, columns, (terms, flags)) in enumerate(
                zip(heads, target_slices(heads), branches, strict=True)
            )
        ]
        return [one[:, None].astype(np.float32) for one in learnt]

    def logs(self, program) -> dict:
        """Return the weights by their names in the history."""
        logs = {}
        for names, weights in zip(self.names, program.network.branch_weights, strict=True):
            logs |= dict(zip(names, np.ravel(weights).tolist(), strict=False))
        return logs


def branch_weighting(
    spec, encoders, task_names, rows, validation, *, epochs, seed
) -> BranchWeighting | None:
    """Return how a fit learns the weights of its branches, None if there are none to learn.

    Parameters
    ----------
    spec : NetworkSpec
        The architecture.
    encoders : dict of str to FrozenEncoder
        Its frozen backbones.
    task_names : sequence of str
        Names of the tasks.
    rows, validation : LabelledTable, LabelledTable or None
        Training rows, and validation rows if there are any.
    epochs : int
        Number of epochs.
    seed : int
        Seed of the choice of rows.
    """
    seen = branch_names(spec)
    if spec.fusion != "weighted" or max(map(len, seen)) == 1:
        return None
    predictor = predictor_for(spec, encoders, stage="logits")
    names = [
        [f"{task}|{column}_branch_weight" for column in columns]
        for task, columns in zip(task_names, seen, strict=True)
    ]
    if validation is not None:
        return BranchWeighting(validation, predictor, names)
    patterns = presence_patterns(rows.table, rows.weights)
    texts = {branch.modality for branch in spec.branches if branch.kind == "text"}
    repeated = repeated_rows(rows.table, texts)
    held_out = held_out_rows(patterns, repeated, np.random.default_rng([seed, 1]))
    if held_out is None or epochs < 2:
        return None
    n_epochs = max(1, round(TRAINED_SHARE * epochs))
    return BranchWeighting(rows.take(held_out), predictor, names, held_out, n_epochs)


def repeated_rows(table, names) -> np.ndarray:
    """Return which rows have a text that another row has as well.

    Parameters
    ----------
    table : Table
        Input of the rows.
    names : collection of str
        Modalities to look at.

    Returns
    -------
    ndarray of bool, shape (n_rows,)
    """
    repeated = np.zeros(table.n_samples, dtype=bool)
    for name in names:
        modality = table.modalities[name]
        cells = pd.Series([cell.tobytes() for cell in modality.values], dtype=object)
        is_twice = cells.duplicated(keep=False).to_numpy()
        repeated[modality.present] |= is_twice[modality.positions[modality.present]]
    return repeated


def held_out_rows(patterns, repeated, rng) -> np.ndarray | None:
    """Choose the rows that the weights are learned from; None if there are too few.

    A text that occurs in a training row as well would show how well a branch memorises, not how
    well it generalises, so rows that repeat a text are chosen last.

    Parameters
    ----------
    patterns : ndarray of int, shape (n_rows,)
        Number of each row's pattern of present modalities and labels, to stratify by.
    repeated : ndarray of bool, shape (n_rows,)
        Which rows have a text that another row has as well.
    rng : numpy.random.Generator
        Source of the choice.
    """
    n_rows = min(int(HELD_OUT_SHARE * len(patterns)), MAX_HELD_OUT)
    if n_rows < MIN_HELD_OUT:
        return None
    order = shuffled(np.arange(len(patterns)), patterns, rng)
    return np.sort(order[np.argsort(repeated[order], kind="stable")][:n_rows])


def best_weights(head, logits, is_there, targets, weights) -> np.ndarray:
    r"""Return the weights of the branches that make the sum of their logits predict best.

    They minimise the loss of the weighted sum of the logits,

    .. math:: \sum_i w_i\, \ell\Big(y_i, \sum_b a_b f_{ib} z_{ib}\Big)
              + \frac{1}{2} \sum_b (a_b - 1/B)^2, \qquad a \ge 0

    where the second term keeps the weights near :math:`1/B` if there are few rows.

    Parameters
    ----------
    head : Head
        Gives the loss.
    logits : ndarray of shape (n_rows, n_branches, n_outputs)
        Of each branch alone.
    is_there : ndarray of shape (n_rows, n_branches)
        1 where a row has the branch.
    targets : ndarray of shape (n_rows, n_targets)
        Labels as the head takes them.
    weights : ndarray of shape (n_rows,)
        Weights of the labels; 0 where a label is missing.

    Returns
    -------
    ndarray of shape (n_branches,)
        Not negative.

    Examples
    --------
    A branch that knows the class, and one that predicts the same for every row:

    >>> from skmtl.labels import ClassHead
    >>> logits = np.array([[[0.0, 2.0], [3.0, 0.0]], [[2.0, 0.0], [3.0, 0.0]]] * 20)
    >>> is_there, targets = np.ones((40, 2)), np.array([[1], [0]] * 20)
    >>> best_weights(ClassHead(2), logits, is_there, targets, np.ones(40)).round(1).tolist()
    [2.0, 0.1]
    """
    n_branches = logits.shape[1]
    start = np.full(n_branches, 1 / n_branches)
    used = weights > 0
    terms = np.where(is_there[used, :, None] > 0, logits[used], 0.0).astype(np.float64)
    targets, weights = targets[used], weights[used].astype(np.float64)
    if not len(terms) or not np.isfinite(terms).all():
        return start  # the training loop raises the error about numbers that are not finite

    def loss(a):
        losses, slopes = head.loss_and_slope(np.einsum("b,nbk->nk", a, terms), targets)
        gradient = np.einsum("n,nk,nbk->b", weights, slopes, terms) + a - start
        return weights @ losses + ((a - start) ** 2).sum() / 2, gradient

    return minimize(loss, start, jac=True, bounds=[(0, None)] * n_branches).x
