"""Temperatures of the tasks, and the scores of true labels that prediction sets need."""

from dataclasses import dataclass, replace

import numpy as np
from keras import ops
from scipy.optimize import minimize_scalar

from skmtl.labels import target_slices

_MAX_LOG = 3.0  # largest logarithm of a temperature: temperatures from 1/20 to 20


@dataclass(frozen=True, eq=False)
class Calibration:
    """The calibration of one task.

    Parameters
    ----------
    temperature : float
        Divisor of the logits.
    scores : ndarray of shape (n_rows,)
        How implausible the network found the true label of each row, in ascending order.
    """

    temperature: float
    scores: np.ndarray

    def limit(self, coverage) -> float:
        """Return the largest score of a label in a prediction set: infinity if rows are too few."""
        place = int(np.ceil((len(self.scores) + 1) * coverage))
        return float(self.scores[place - 1]) if place <= len(self.scores) else float("inf")

    def trouble(self) -> str | None:
        """Return what is wrong with an object out of a file, None if nothing is."""
        scores = self.scores
        if not 0 < self.temperature < float("inf"):
            return "a temperature that is not above 0"
        if scores.ndim != 1 or scores.dtype.kind != "f" or not (np.diff(scores) >= 0).all():
            return "scores that are not sorted numbers"
        return None


def calibrate(fitted, logits, targets, weights) -> dict[str, Calibration]:
    """Find temperatures, divide the logits by them, and return the calibration of each task.

    The temperature of a task is found on half of its labelled rows, its scores on the other half:
    on the rows of the temperature, scores would be lower than on new rows. A task with fewer than
    two labelled rows is not changed.

    Parameters
    ----------
    fitted : FittedNetwork
        Its weights are changed, and the thresholds of its tags, so that predictions stay.
    logits : list of ndarray of shape (n_rows, n_outputs)
        One array per task.
    targets : ndarray of shape (n_rows, n_targets)
        Labels as `Tasks.encode` returns them.
    weights : ndarray of shape (n_rows, n_tasks)
        0 where a label is missing.
    """
    found, rng = {}, np.random.default_rng(0)
    tasks = fitted.tasks
    kinds = list(tasks.kinds)
    shown = zip(tasks.names, tasks.kinds, logits, target_slices(tasks.heads), strict=True)
    for task, (name, kind, z, columns) in enumerate(shown):
        rows = rng.permutation(np.flatnonzero(weights[:, task] > 0))
        if len(rows) < 2:
            continue
        first, second = rows[: len(rows) // 2], rows[len(rows) // 2 :]
        temperature = 1.0
        if kind.has_temperature:
            temperature = best_temperature(
                kind, z[first], targets[first, columns], weights[first, task]
            )
            fitted.network.divide_logits(task, temperature)
            kinds[task] = kind.at_temperature(temperature)
        outputs = ops.convert_to_numpy(kind.head.outputs(z[second] / np.float32(temperature)))
        scores = kind.strangeness(outputs, targets[second, columns])
        before = fitted.calibration.get(name)
        total = temperature * (1.0 if before is None else before.temperature)
        found[name] = Calibration(total, np.sort(scores))
    fitted.tasks = replace(tasks, kinds=tuple(kinds))
    return found


def best_temperature(kind, logits, targets, weights) -> float:
    r"""Return the temperature that makes a network as confident as it is accurate.

    .. math:: T = \arg\min_T \sum_i w_i\, \big(p_i(T) - h_i\big)^2 + \tfrac{1}{2} (\log T)^2

    where :math:`p_i` is the probability of the prediction and :math:`h_i` is 1 if it is right, else
    0; for tags, the squared gap is a mean over the tags. Unlike the log loss, this is not dominated
    by a few rows that are far off. The result is 1 unless the mean gain over a temperature of 1 is
    larger than its standard error.

    Guo, Pleiss, Sun and Weinberger, *On calibration of modern neural networks*, ICML 2017.

    Parameters
    ----------
    kind : LabelKind
        Computes probabilities and gaps.
    logits : ndarray of shape (n_rows, n_outputs)
        Logits of rows that the network was not trained on.
    targets : ndarray of shape (n_rows, n_targets)
        Labels as the head takes them.
    weights : ndarray of shape (n_rows,)
        Weights of the labels.

    Returns
    -------
    float
        Above 1 if the network is overconfident.

    Examples
    --------
    Logits that always favour the first class, which is right in two rows out of three:

    >>> from skmtl.labels import ClassLabels
    >>> logits, targets = np.tile([4.0, 0.0], (300, 1)), np.array([[0], [0], [1]] * 100)
    >>> kind = ClassLabels(np.array(["a", "b"]))
    >>> round(best_temperature(kind, logits, targets, np.ones(300)), 1)
    5.2
    """

    def gaps(log_temperature):
        z = (logits / np.exp(log_temperature)).astype(np.float32)
        outputs = ops.convert_to_numpy(kind.head.outputs(z))
        return weights * kind.squared_gaps(outputs, targets)

    def loss(log_temperature):
        return gaps(log_temperature).sum() + log_temperature**2 / 2

    best = minimize_scalar(loss, bounds=(-_MAX_LOG, _MAX_LOG), method="bounded").x
    gains = gaps(0.0) - gaps(best)
    is_certain = len(gains) > 1 and gains.mean() > gains.std() / np.sqrt(len(gains))
    return float(np.exp(best)) if is_certain else 1.0
