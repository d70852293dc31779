"""Labels that are numbers, learned on their own scale and predicted in their own units."""

from dataclasses import dataclass, field
from typing import final

import numpy as np
from keras import ops
from scipy.special import expit

from skmtl.labels import keras_losses
from skmtl.labels.head import Head
from skmtl.labels.kind import LabelKind
from skmtl.labels.number_cells import finite_numbers, has_fractions
from skmtl.labels.options import LabelOptions

LOSSES = ("squared", "huber", "absolute", "quantile")
_CORNER = 0.05  # how far the corner of a quantile's loss reaches, in standard deviations
_TOO_FEW = 1e-12  # of the variance of a standardised number: there is nothing to explain


@final
@dataclass(frozen=True)
class NumberHead(Head):
    """One standardised number, or one per quantile.

    Parameters
    ----------
    quantiles : tuple of float
        Those that the loss "quantile" learns; else empty.
    center, scale : float
        Of the training rows; they do not change what is compiled.
    transform : {"log1p"} or None
        What the numbers went through before.
    """

    loss: str = "squared"
    quantiles: tuple[float, ...] = ()
    center: float = field(default=0.0, compare=False)
    scale: float = field(default=1.0, compare=False)
    transform: str | None = field(default=None, compare=False)

    score_name = "r2"
    n_statistics = 3

    @property
    def is_squared(self):
        """Whether errors are squared, at least small ones."""
        return self.loss in ("squared", "huber")

    def row_losses(self, logits, targets):
        """Return the loss of each row, of standardised numbers."""
        errors = targets - logits
        if self.loss == "squared":
            losses = ops.square(errors)
        elif self.loss == "absolute":
            losses = ops.abs(errors)
        elif self.loss == "huber":
            size = ops.abs(errors)
            losses = ops.where(size <= 1.0, 0.5 * ops.square(errors), size - 0.5)
        elif self.loss == "quantile":
            shares = ops.convert_to_tensor(np.array(self.quantiles, np.float32))
            losses = ops.maximum(shares * errors, (shares - 1) * errors)
        else:
            return keras_losses.row_losses(self.loss, targets, logits)
        return ops.mean(losses, axis=-1)

    def row_statistics(self, logits, targets):
        """Return the squared error of each row, the number and its square."""
        truth = targets[:, 0]
        error = truth - logits[:, middle(self.quantiles)]
        return ops.square(error), truth, ops.square(truth)

    @staticmethod
    def score(sums, n_rows):
        """Return the share of the variance that is explained; NaN where there is no variance."""
        if not n_rows:
            return float("nan")
        squares, total, total_squares = (float(x) / float(n_rows) for x in sums[:3])
        variance = total_squares - total**2
        return 1 - squares / variance if variance > _TOO_FEW else float("nan")

    def outputs(self, logits):
        """Return standardised numbers."""
        return logits

    def loss_and_slope(self, logits, targets):
        """Return the squared error, or the mean loss of the quantiles, its corner rounded off."""
        errors = targets - logits
        if not self.quantiles:
            return (errors**2).mean(axis=1), -2 * errors / errors.shape[1]
        levels = np.array(self.quantiles)
        losses = levels * errors + _CORNER * np.logaddexp(0, -errors / _CORNER)
        return losses.mean(axis=1), (expit(-errors / _CORNER) - levels) / len(levels)

    def in_units(self, outputs):
        """Return numbers in the units of `y`."""
        numbers = outputs * self.scale + self.center
        return ops.expm1(numbers) if self.transform else numbers

    def describe(self):
        """Return what the head computes."""
        return "quantiles" if self.quantiles else "number"


@final
@dataclass(frozen=True, eq=False)
class NumberLabels(LabelKind):
    """A task whose label is a number.

    Parameters
    ----------
    center, scale : float
        Mean and standard deviation of the training rows, after `transform`.
    loss : str
        One of "squared", "huber", "absolute", "quantile", or a loss of Keras.
    quantiles : tuple of float
        Those that the loss "quantile" learns; else empty.
    transform : {"log1p"} or None
        What the numbers go through before they are learned.
    """

    center: float
    scale: float
    loss: str = "squared"
    quantiles: tuple[float, ...] = ()
    transform: str | None = None

    kind = "number"
    takes = LabelKind.takes | {"quantiles", "target_transform"}
    classes = None
    score_name = "r2"

    @classmethod
    def recognizes(cls, column, options):  # noqa: ARG003
        """Return whether the labels are numbers, some with fractions."""
        return has_fractions(column.labels)

    @classmethod
    def of(cls, column, known=None, options=None):
        """Learn mean and standard deviation of a column."""
        options = options or LabelOptions()
        if known is not None:
            raise ValueError(
                f"classes names task {column.name!r}, whose labels are numbers; leave it out."
            )
        if not column.is_labelled.any():
            raise ValueError(
                f"y: task {column.name!r} has no label at all; drop the task or add labels."
            )
        loss = options.loss_of(column.name, cls.kind, LOSSES)
        numbers = _transformed(column, options.transform)[column.is_labelled]
        # divided first: squares of very large or small numbers are not finite
        size = float(np.abs(numbers).max()) or 1.0
        center, scale = numbers.mean() if size == 1.0 else (numbers / size).mean() * size, 0.0
        scale = float(((numbers - center) / size).std() * size)
        quantiles = options.quantiles if loss == "quantile" else ()
        # what errors of a constant are measured by is its own size: that has its unit
        return cls(float(center), scale or size, loss, quantiles, options.transform)

    @property
    def head(self):
        """One standardised number, or one per quantile."""
        n_outputs = max(1, len(self.quantiles))
        units = (self.center, self.scale, self.transform)
        return NumberHead(n_outputs, self.loss, self.quantiles, *units)

    def encode(self, column):
        """Return the standardised number of each row, 0 where the label is missing."""
        numbers = _transformed(column, self.transform)
        standardised = (numbers - self.center) / self.scale
        return np.where(column.is_labelled, standardised, 0)[:, None].astype(np.float32)

    @property
    def output_names(self):
        """The quantiles, or that it is a number."""
        return list(self.quantiles) or ["number"]

    def in_units(self, outputs):
        """Return the numbers ``(n_rows, n_outputs)`` in the units of `y`."""
        numbers = outputs.astype(np.float64) * self.scale + self.center
        return np.expm1(numbers) if self.transform else numbers

    def predict(self, outputs):
        """Return the number of each row; of several quantiles the one next to the median."""
        return self.in_units(outputs)[:, middle(self.quantiles)]

    def predict_alone(self, outputs):
        """Return the numbers of a 1-D `y`: all quantiles, if there are several."""
        return self.in_units(outputs) if len(self.quantiles) > 1 else self.predict(outputs)

    def score(self, column, outputs, weights):
        """Return the share of the variance that is explained, in the units of `y`."""
        truth, guess = finite_numbers(column), self.predict(outputs)
        # divided first: equal numbers are then 1, and their mean has no rounding error
        size = float(np.abs(truth).max()) or 1.0
        errors = np.average(((truth - guess) / size) ** 2, weights=weights)
        mean = np.average(truth / size, weights=weights)
        variance = np.average((truth / size - mean) ** 2, weights=weights)
        if variance == 0:
            return float(errors == 0)
        return float(1 - errors / variance)

    has_temperature = False

    def strangeness(self, outputs, targets):
        """Return how far the number lies outside the interval that is predicted, if there is one.

        Of a single number that is the absolute error; inside an interval it is below 0.
        """
        low, high = outputs.min(axis=1), outputs.max(axis=1)
        return np.maximum(low - targets[:, 0], targets[:, 0] - high)

    def prediction_sets(self, outputs, limit):
        """Return lowest and highest number."""
        low, high = outputs.min(axis=1) - limit, outputs.max(axis=1) + limit
        ends = self.in_units(np.stack([low, np.maximum(low, high)], axis=1))
        sets = np.empty(len(outputs), object)
        sets[:] = list(map(tuple, ends.tolist()))
        return sets

    def evidence(self, logits):
        """Return the number next to the median in the units of `y`, or of their logarithm."""
        return logits[..., [middle(self.quantiles)]] * self.scale

    @property
    def evidence_names(self):
        """That it is a number."""
        return ["number"]

    @property
    def evidence_start(self):
        """The mean of the training rows."""
        return self.center

    def describe_outputs(self):
        """Return what the outputs of an exported network are."""
        return {"quantiles": list(self.quantiles)} if self.quantiles else {}

    def trouble(self):
        """Return what is wrong with an object out of a file, None if nothing is."""
        is_finite = np.isfinite([self.center, self.scale, *self.quantiles]).all()
        if not is_finite or self.scale <= 0 or (self.loss == "quantile") != bool(self.quantiles):
            return "a scale or quantiles that no numbers have"
        return None if self.loss in LOSSES else keras_losses.trouble(self.loss)


def middle(quantiles) -> int:
    """Return the position of the quantile next to the median, 0 without any."""
    return min(range(len(quantiles)), key=lambda i: abs(quantiles[i] - 0.5)) if quantiles else 0


def _transformed(column, transform) -> np.ndarray:
    """Return numbers as they are learned."""
    numbers = finite_numbers(column)
    if transform is None:
        return numbers
    is_bad = column.is_labelled & (numbers <= -1)
    if is_bad.any():
        row = int(np.argmax(is_bad))
        raise ValueError(
            f"y: task {column.name!r}, row {row}: target_transform='log1p' needs numbers above -1; "
            f"got {numbers[row]:g}."
        )
    return np.log1p(numbers)
