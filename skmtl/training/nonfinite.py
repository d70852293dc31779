"""Losses and weights that are NaN or infinite."""

import numpy as np

from skmtl.training.chunks import evaluate

# below it no layer of usual width makes infinite numbers of finite ones
_ORDINARY_WEIGHT = 100.0

_ADVICE = "training stopped. Lower learning_rate, or check the inputs for very large numbers."


def find_nonfinite_loss(sums, task_names, epoch, of="loss") -> str | None:
    """Return a message that names the losses of an epoch that are not finite, None if all are."""
    loss = float(sums["loss"] / sums["n_rows"])
    if np.isfinite(loss):
        return None
    bad = [n for n, one in zip(task_names, sums["losses"], strict=True) if not np.isfinite(one)]
    names = ", ".join(f"task {name!r}" for name in bad) or "the network"
    return f"The {of} of {names} became {loss} in epoch {epoch + 1}; {_ADVICE}"


def find_nonfinite_weights(program, data, plan, task_names, epoch) -> str | None:
    """Return a message if the last step of an epoch has spoilt the network, None if it has not.

    The loss of a step is taken before its weights change, so the last step is judged by the
    weights it leaves: they must be finite, and if any is large, so must be the loss of all rows.

    Parameters
    ----------
    program : Program
        With the weights.
    data : WholeTable or ChunkedTable
        What was trained on.
    plan : ndarray of int32, shape (n_batches, batch_size)
        Of the epoch.
    task_names : sequence of str
        Names of the tasks.
    epoch : int
        Counted from 0.
    """
    values = dict(zip(map(id, program.network.variables), program.values(), strict=True))
    if not all(np.isfinite(value).all() for value in values.values()):
        return f"The weights became NaN or infinite at the end of epoch {epoch + 1}; {_ADVICE}"
    trained = [values[id(variable)] for variable in program.network.trainable_variables]
    if all(np.abs(value).max(initial=0) <= _ORDINARY_WEIGHT for value in trained):
        return None
    sums = evaluate(program, data, plan)
    return find_nonfinite_loss(sums, task_names, epoch, "loss after the last step")
