"""The arrays of a table: one compact array per modality, and which row it holds."""

from dataclasses import dataclass

import numpy as np

from skmtl.data.lazy import LazyRows, without_copy


@dataclass(frozen=True)
class Modality:
    """The cells of one column that are there.

    A missing cell takes no place in `values`, so nothing is ever computed for it.

    Parameters
    ----------
    values : ndarray or LazyRows of shape (n_present, ...)
        Pixels, token ids, numbers or features of the rows that have the modality.
    positions : ndarray of int32, shape (n_samples,)
        Where a row's value stands in `values`; -1 where it is missing.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.data import Modality
    >>> modality = Modality.of_rows(np.array([[1.0], [2.0]]), np.array([True, False, True]))
    >>> modality.positions.tolist(), modality.is_complete
    ([0, -1, 1], False)
    """

    values: np.ndarray | LazyRows
    positions: np.ndarray

    @classmethod
    def of_rows(cls, values, present=None) -> "Modality":
        """Make a modality from one value per present row.

        Parameters
        ----------
        values : ndarray or LazyRows of shape (n_present, ...)
            In the order of the rows.
        present : ndarray of bool, shape (n_samples,), optional
            Which rows have a value; all of them by default.

        Returns
        -------
        Modality
            With `values` as they are.
        """
        if present is None or len(values) == len(present):
            return cls(values, np.arange(len(values), dtype=np.int32))
        positions = np.where(present, np.cumsum(present) - 1, -1).astype(np.int32)
        return cls(values, positions)

    @classmethod
    def of_table(cls, values, present) -> "Modality":
        """Make a modality from a value for every row, of which some are missing.

        Parameters
        ----------
        values : ndarray of shape (n_samples, ...)
            In the order of the rows; undefined where a row has none.
        present : ndarray of bool, shape (n_samples,)
            Which rows have a value.
        """
        return cls.of_rows(values if present.all() else values[present], present)

    @property
    def present(self) -> np.ndarray:
        """Bool array ``(n_samples,)``: the rows that have the modality."""
        return self.positions >= 0

    @property
    def is_complete(self) -> bool:
        """Whether no row misses the modality."""
        return bool((self.positions >= 0).all())

    @property
    def is_in_order(self) -> bool:
        """Whether the values are those of all rows, one after the other."""
        return np.array_equal(self.positions, np.arange(len(self.values)))

    def take(self, rows) -> "Modality":
        """Return the modality of some rows, in their order; large values are not copied.

        Parameters
        ----------
        rows : ndarray of int, shape (n_rows,)
            Row numbers.

        Returns
        -------
        Modality
            Of `n_rows` rows.
        """
        positions = self.positions[rows]
        present = positions >= 0
        return Modality.of_rows(without_copy(self.values)[positions[present]], present)


@dataclass(frozen=True)
class Table:
    """The input of a network: rows of modalities.

    Parameters
    ----------
    n_samples : int
        Number of rows.
    modalities : dict of str to Modality
        Columns by name.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.data import Modality, Table
    >>> table = Table(2, {"numeric": Modality.of_rows(np.zeros((2, 3)))})
    >>> table.take(np.array([1])).modalities["numeric"].values.shape
    (1, 3)
    """

    n_samples: int
    modalities: dict[str, Modality]

    def take(self, rows) -> "Table":
        """Return some rows, in their order.

        Parameters
        ----------
        rows : ndarray of int, shape (n_rows,)
            Row numbers.

        Returns
        -------
        Table
            Of `n_rows` rows.
        """
        taken = {name: modality.take(rows) for name, modality in self.modalities.items()}
        return Table(len(rows), taken)

    @classmethod
    def joined(cls, tables) -> "Table":
        """Return the rows of tables in memory, one after the other.

        Parameters
        ----------
        tables : list of Table
            Of the same modalities, at least one.

        Examples
        --------
        >>> import numpy as np
        >>> from skmtl.data import Modality, Table
        >>> one = Table(2, {"x": Modality.of_rows(np.ones((1, 3)), np.array([False, True]))})
        >>> Table.joined([one, one]).modalities["x"].positions.tolist()
        [-1, 0, -1, 1]
        """
        if len(tables) == 1:
            return tables[0]
        found = {}
        for name in tables[0].modalities:
            parts = [table.modalities[name] for table in tables]
            starts = np.cumsum([0, *(len(part.values) for part in parts)])
            positions = [
                np.where(part.present, part.positions + start, -1)
                for part, start in zip(parts, starts, strict=False)
            ]
            values = np.concatenate([part.values for part in parts])
            found[name] = Modality(values, np.concatenate(positions).astype(np.int32))
        return cls(sum(table.n_samples for table in tables), found)

    def padded(self, n_rows) -> "Table":
        """Return the table with rows at its end that miss every modality, `n_rows` in all."""
        missing = np.full(n_rows - self.n_samples, -1, np.int32)
        found = {
            name: Modality(m.values, np.concatenate([m.positions, missing]))
            for name, m in self.modalities.items()
        }
        return Table(n_rows, found)

    @property
    def is_lazy(self) -> bool:
        """Whether some of its values are not read yet."""
        return any(isinstance(m.values, LazyRows) for m in self.modalities.values())

    @property
    def nbytes(self) -> int:
        """Bytes of all values, once they are read."""
        return sum(modality.values.nbytes for modality in self.modalities.values())

    def read(self) -> "Table":
        """Return the table with all values in memory.

        Returns
        -------
        Table
            Itself where there is nothing to read.
        """
        if not self.is_lazy:
            return self
        read = {n: Modality(np.asarray(m.values), m.positions) for n, m in self.modalities.items()}
        return Table(self.n_samples, read)
