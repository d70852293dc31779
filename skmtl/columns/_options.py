"""Parameters of a column: one value for all columns, or a dict by kind or by column."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ColumnOptions:
    """The values of the estimator's parameters for one column.

    Parameters
    ----------
    estimator : MultiTaskBase
        Its parameters are read.
    names : tuple
        Names that a dict may use for the column: its name, and its name without the prefix of a
        `ColumnTransformer`.
    kind : {"image", "text", "table"}
        Kind of the column's branch.
    known : tuple
        Every key that a dict may have: all kinds, and the names of all columns.
    """

    estimator: object
    names: tuple
    kind: str
    known: tuple

    def get(self, parameter):
        """Return the value of a parameter for this column.

        In a dict, the name of a column has precedence over its kind; a column that is not named has
        the parameter's default.

        Raises
        ------
        ValueError
            If a dict names neither a kind nor a column of `X`.
        """
        value = getattr(self.estimator, parameter)
        if not isinstance(value, Mapping):
            return value
        unknown = [key for key in value if key not in self.known]
        if unknown:
            raise ValueError(
                f"{parameter} names {unknown}, which are neither kinds of columns nor columns of "
                f"X; known: {list(self.known)}."
            )
        for key in (*self.names, self.kind):
            if key in value:
                return value[key]
        return self.estimator._default_of(parameter)

    def routed(self, prefix) -> dict:
        """Return the options set as ``<prefix>__<option>``."""
        return self.estimator._routed_options(prefix)
