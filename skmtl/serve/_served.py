"""A fitted estimator as a server sees it: what it reads, what it predicts, and why."""

import numpy as np
import pandas as pd

import skmtl
from skmtl.data import Table
from skmtl.estimators import ESTIMATORS
from skmtl.fitting.explanation import explain_table
from skmtl.serve._refused import RequestRefused, wrong_cell

PADDED = (8, 64)  # rows that are computed; compilers see few shapes


class ServedModel:
    """Columns, tasks and predictions of one estimator.

    Parameters
    ----------
    model : MultiTaskClassifier, MultiTaskRegressor or MultiTaskEstimator
        Fitted.
    name : str
        What the page calls it.

    Raises
    ------
    TypeError, ValueError
        If it is no fitted estimator, or was fitted on cells that no request can have.
    """

    def __init__(self, model, name):
        if not isinstance(model, ESTIMATORS):
            known = ", ".join(estimator.__name__ for estimator in ESTIMATORS)
            raise TypeError(f"model must be one of {known}; got a {type(model).__name__}.")
        self.fitted = model._fitted_network
        self.model, self.name = model, name
        self.reader = self.fitted.reader
        layout = self.reader.layout
        self._check()
        self.kinds = {str(name): layout.kinds[name] for name in layout.columns}
        self._index = pd.Index(layout.columns, dtype=object)
        self._places = {name: place for place, name in enumerate(self.kinds)}
        kinds = {source.kind for source in layout.sources}
        self.explanations = ["column"]
        self.explanations += ["word"] * ("text" in kinds) + ["region"] * ("image" in kinds)

    def _check(self):
        """Refuse columns whose cells were arrays in fit."""
        for source in self.reader.layout.sources:
            part = self.reader.parts[source.branch]
            if source.kind == "text" and part.sequencer_ is None:
                raise ValueError(
                    f"column {source.name!r} was fitted on token ids; fit it on texts."
                )
            if source.kind == "image" and part.dtype_ != "uint8":
                raise ValueError(
                    f"column {source.name!r} was fitted on scaled pixels; fit it on images or on "
                    "uint8 pixels."
                )
            if source.kind == "table" and source.columns == ("x",) and part.n_features > 64:
                raise ValueError("it was fitted on an array of numbers; fit it on a DataFrame.")

    def read(self, rows) -> Table:
        """Return the arrays of some rows, in memory.

        Parameters
        ----------
        rows : list of dict
            Checked cells by column; one that is not there is missing.

        Raises
        ------
        RequestRefused
            If a cell cannot be read, such as a damaged image.
        """
        try:
            return self._table(rows)
        except (ValueError, TypeError) as error:
            raise self._culprit(rows) or RequestRefused(422, "wrong_cell", str(error)) from None

    def _table(self, rows) -> Table:
        cells = np.empty((len(rows), len(self._places)), object)
        for number, row in enumerate(rows):
            for name, cell in row.items():
                cells[number, self._places[name]] = cell
        return self.reader.read(pd.DataFrame(cells, columns=self._index, dtype=object)).read()

    def _culprit(self, rows) -> RequestRefused | None:
        """Return the refusal of the first cell that cannot be read even alone."""
        for number, row in enumerate(rows):
            for name, cell in row.items():
                try:
                    self._table([{name: cell}])
                except (ValueError, TypeError) as error:
                    code = "bad_image" if self.kinds[name] == "image" else "wrong_cell"
                    return wrong_cell(code, str(error), number, name)
        return None

    def outputs(self, table) -> list[np.ndarray]:
        """Return the outputs of each task; the network computes one of a few numbers of rows.

        A padding row misses every column, so that no branch computes it, and the program is that
        of tables with missing cells, whatever the rows have.
        """
        size = next((n for n in PADDED if n > table.n_samples), table.n_samples + 1)
        outputs = self.fitted.compute("outputs", table.padded(size), self.model.feature_cache)
        return [values[: table.n_samples] for values in outputs]

    def predictions(self, outputs) -> list[dict]:
        """Return what is predicted of every row, by task, as JSON has it."""
        tasks, n_rows = self.fitted.tasks, len(outputs[0])
        rows = [{} for _ in range(n_rows)]
        for name, kind, values in zip(tasks.names, tasks.kinds, outputs, strict=True):
            labels = [_plain(label) for label in kind.predict(values)]
            shares = kind.in_units(values).astype(float).tolist()
            detail, names = details_of(kind)
            for row, label, share in zip(rows, labels, shares, strict=True):
                row[name] = {"prediction": label}
                if detail:
                    row[name][detail] = dict(zip(names, share, strict=True))
        return rows

    def explained(self, table, by) -> list[dict]:
        """Return for every row what columns, words or regions contribute, as JSON has it.

        Parameters
        ----------
        table : Table
            As of `read`.
        by : list of {"column", "word", "region"}
            What to explain.
        """
        index, rows = pd.RangeIndex(table.n_samples), [{} for _ in range(table.n_samples)]
        for kind in by:
            cache = self.model.feature_cache
            frame = explain_table(self.fitted, table, index, by=kind, feature_cache=cache)
            for row in rows:
                row[kind] = []
            for record in frame.astype(object).to_dict("records"):
                number = record.pop("row")
                rows[number][kind].append({name: _plain(value) for name, value in record.items()})
        return rows

    def describe(self) -> dict:
        """Return what the model reads and predicts, as JSON has it."""
        hints = {}
        for source in self.reader.layout.sources:
            part = self.reader.parts[source.branch]
            if source.kind == "image":
                hints[str(source.name)] = _image_hint(part)
            elif source.kind == "table":
                hints |= {str(name): hint for name, hint in part.hints().items()}
        tasks = [
            {
                "name": name,
                "kind": kind.kind,
                "labels": None if kind.classes is None else kind.classes.tolist(),
            }
            for name, kind in zip(self.fitted.tasks.names, self.fitted.tasks.kinds, strict=True)
        ]
        return {
            "name": self.name,
            "estimator": type(self.model).__name__,
            "skmtl": skmtl.__version__,
            "columns": [
                {"name": name, "kind": kind, **hints.get(name, {})}
                for name, kind in self.kinds.items()
                if kind != "drop"
            ],
            "tasks": tasks,
            "explain": self.explanations,
        }

    def warm_up(self):
        """Compile what requests will need, so that the first one does not wait for it."""
        table = self._table([self._sample()])
        for size in PADDED:
            self.outputs(table.take(np.zeros(size - 1, int)))
        self.explained(table, self.explanations)

    def _sample(self) -> dict:
        """Return a row that has a cell in every column."""
        cells = {"text": "一 a", "number": 0.0, "category": "a"}
        row = {name: cells.get(kind) for name, kind in self.kinds.items()}
        for source in self.reader.layout.sources:
            if source.kind == "image":
                shape = self.reader.parts[source.branch].shape_
                row[str(source.name)] = np.zeros(shape, np.uint8)
        return row


def details_of(kind) -> tuple[str | None, list[str]]:
    """Return what an answer says of a task beside its prediction, and of which labels."""
    names = [str(label) for label in kind.output_names]
    if kind.classes is not None:
        return "probabilities", names
    return ("quantiles" if len(names) > 1 else None), names


def _image_hint(part) -> dict:
    height, width, channels = part.shape_
    return {
        "height": height,
        "width": width,
        "channels": channels,
        "resized": part.size is not None,
    }


def _plain(value):
    """Return a label or a number of NumPy as JSON has it."""
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.item() if isinstance(value, np.generic) else value
