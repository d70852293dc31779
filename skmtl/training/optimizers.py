"""The optimizer that the parameters name."""

from functools import cache
from numbers import Real

import keras

from skmtl._runtime.checks import as_number
from skmtl.exceptions import describe
from skmtl.training.schedule import LEARNING_RATE, SCHEDULES
from skmtl.training.shapes import is_all_labelled


def make_optimizer(estimator):
    """Return a new optimizer: `optimizer` with the options ``optimizer__...``.

    Raises
    ------
    TypeError, ValueError
        If the name or an option is unknown to Keras, or `use_ema` is asked for.
    """
    options = estimator._routed_options("optimizer")
    if estimator.learning_rate is not None:
        options["learning_rate"] = _highest_rate(estimator.learning_rate)
    if isinstance(estimator.optimizer, keras.optimizers.Optimizer):
        kind, config = type(estimator.optimizer), estimator.optimizer.get_config()
    elif isinstance(estimator.optimizer, str):
        kind, config = _named(estimator.optimizer)
    elif isinstance(estimator.optimizer, type) and issubclass(
        estimator.optimizer, keras.optimizers.Optimizer
    ):
        kind, config = estimator.optimizer, {}
    else:
        raise TypeError(
            "optimizer must be a name, a Keras optimizer or its class; "
            f"got {describe(estimator.optimizer)}."
        )
    known = config or kind().get_config()
    unknown = options.keys() - known.keys()
    if unknown:
        raise ValueError(
            f"optimizer__{sorted(unknown)[0]} is not an option of {kind.__name__}; its options: "
            f"{sorted(known)}."
        )
    rate = options.get("learning_rate")
    if isinstance(rate, Real):
        rate = as_number("learning_rate", rate, low=0, closed="neither")
        options = options | {"learning_rate": rate}
    made = kind.from_config(config | options)
    if getattr(made, "use_ema", False):
        raise ValueError(
            "optimizer__use_ema must be False: the averages of the weights would never be used; a "
            "learning_rate that falls ('auto', 'warmup_cosine') does what they are for."
        )
    return made


@cache
def _named(name) -> tuple:
    """Return the class and the default configuration of Keras' optimizer of a name."""
    try:
        found = keras.optimizers.get(name)
    except ValueError:
        raise ValueError(
            f"optimizer must be the name of a Keras optimizer; got {name!r}."
        ) from None
    return type(found), found.get_config()


def _highest_rate(learning_rate):
    """Return the learning rate, for the name of a schedule the largest one."""
    if not isinstance(learning_rate, str):
        return learning_rate
    if learning_rate not in SCHEDULES:
        raise ValueError(
            "learning_rate must be a number, a schedule of Keras, None, "
            f"{' or '.join(map(repr, SCHEDULES))}; got {learning_rate!r}."
        )
    return LEARNING_RATE


def check_accumulation(optimizer, weights) -> None:
    """Raise ValueError if gradients are added up over steps, and labels are missing.

    Where one is missing, the variables of each task take their steps by themselves.

    Parameters
    ----------
    optimizer : keras.optimizers.Optimizer
    weights : ndarray of shape (n_rows, n_tasks)
        Label weights; 0 where the label is missing.
    """
    steps = getattr(optimizer, "gradient_accumulation_steps", None)
    if steps and not is_all_labelled(weights):
        raise ValueError(
            "optimizer__gradient_accumulation_steps needs labels of all tasks in all rows, and "
            f"some are missing; got {steps}. Leave it out, and raise batch_size for larger steps."
        )


def constant_learning_rate(optimizer) -> float | None:
    """Return the learning rate of an optimizer, None if it follows a schedule.

    Keras' configuration has a number for the one, and a schedule's configuration for the other.
    """
    rate = optimizer.get_config().get("learning_rate")
    return float(rate) if isinstance(rate, Real) else None
