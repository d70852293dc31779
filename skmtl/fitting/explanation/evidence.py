"""What is explained: the evidence for one label of each task and row, and its parts by branch."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from skmtl.training.objective import with_branches


@dataclass(frozen=True)
class Explained:
    """The tasks that are explained, and the label of each row.

    Parameters
    ----------
    fitted : FittedNetwork
        Its tasks say what evidence is.
    positions : list of int
        The tasks.
    labels : list of ndarray of int, shape (n_rows,)
        For each of them the place of the label in `LabelKind.evidence_names`.
    """

    fitted: object
    positions: list
    labels: list

    @classmethod
    def of(cls, fitted, outputs, task=None, label=None) -> "Explained":
        """Choose tasks and labels.

        Parameters
        ----------
        fitted : FittedNetwork
            The network.
        outputs : list of ndarray
            Of the stage "logits", for the rows that are explained.
        task : str or None
            The only task; None for all.
        label : object or None
            The label of every row; None for the one with most evidence.

        Raises
        ------
        ValueError
            If a task or a label is unknown, or a label has no task.
        """
        names, kinds = list(fitted.tasks.names), fitted.tasks.kinds
        if task is not None and task not in names:
            raise ValueError(f"task must be None or one of {names}; got {task!r}.")
        if label is not None and task is None:
            raise ValueError(f"label={label!r} needs task=..., one of {names}.")
        positions = list(range(len(names))) if task is None else [names.index(task)]
        labels = []
        for position in positions:
            kind, logits = kinds[position], outputs[position]
            if label is None:
                labels.append(kind.evidence(logits).argmax(axis=1))
                continue
            known = kind.evidence_names
            if label not in known:
                raise ValueError(f"label of task {task!r} must be one of {known}; got {label!r}.")
            labels.append(np.full(len(logits), known.index(label)))
        return cls(fitted, positions, labels)

    @property
    def n_rows(self) -> int:
        """Number of rows that are explained."""
        return len(self.labels[0])

    def names(self, rows) -> list[tuple]:
        """Return for each task its name, and the label of a row or of several rows."""
        tasks = self.fitted.tasks
        return [
            (tasks.names[p], np.array([*tasks.kinds[p].evidence_names, None], object)[label[rows]])
            for p, label in zip(self.positions, self.labels, strict=True)
        ]

    def pick(self, outputs, rows=None, branch=None) -> np.ndarray:
        """Return the evidence ``(n, n_tasks)`` for the labels, without its start.

        Parameters
        ----------
        outputs : list of ndarray
            Of the stage "logits", for n rows, a multiple of those explained or as many as `rows`.
        rows : ndarray of int, optional
            Which row each of them is about; by default the rows in order, again and again.
        branch : str, optional
            The only branch, of additive logits; those of a row that lacks it are the logits of a
            vector of zeros.
        """
        logits, found = outputs if branch is None else self._part(outputs, branch), []
        for position, label in zip(self.positions, self.labels, strict=True):
            z = self.fitted.tasks.kinds[position].evidence(logits[position])
            place = np.resize(label, len(z)) if rows is None else label[rows]
            found.append(z[np.arange(len(z)), place].astype(np.float64))
        return np.stack(found, axis=1)

    def _part(self, outputs, branch) -> list[np.ndarray]:
        """Return for each task what one branch adds to its logits; zeros if it does not see it."""
        if not self._weights:
            return outputs
        _, branches = with_branches(outputs, len(self._weights))
        return [
            weights[branch] * terms[[*weights].index(branch)]
            if branch in weights
            else np.zeros_like(terms[0])
            for weights, (terms, _) in zip(self._weights.values(), branches, strict=True)
        ]

    @cached_property
    def _weights(self) -> dict:
        """The weights of the branches; each one is read from the device."""
        return self.fitted.branch_weights

    @property
    def start(self) -> np.ndarray:
        """What is added to the evidence of each task ``(n_tasks,)``, such as a mean."""
        return np.array([self.fitted.tasks.kinds[p].evidence_start for p in self.positions])


def is_additive(fitted) -> bool:
    """Return whether the logits are a weighted sum over the branches, which are known by branch."""
    return bool(fitted.network.branch_weights) or len(fitted.spec.branches) == 1


def part_frames(explained, row, name, column, parts, contributions) -> list[pd.DataFrame]:
    """Return for each task a tidy frame of what the parts of one cell contribute.

    Parameters
    ----------
    explained : Explained
        Tasks and labels.
    row, name : int, object
        The row that the cell stands in, and what it is called.
    column : object
        Name of the column.
    parts : dict of str to sequence of length n_parts
        What the parts are.
    contributions : ndarray of shape (n_parts, n_tasks)
        Contributions of the parts to the evidence for each task.
    """
    return [
        pd.DataFrame(
            {
                "row": name,
                "task": task,
                "label": label,
                "column": column,
                **parts,
                "contribution": contributions[:, place],
            }
        )
        for place, (task, label) in enumerate(explained.names(row))
    ]
