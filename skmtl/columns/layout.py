"""The columns of X, their kinds, and the branch of the network that reads each of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from skmtl.columns.inference import CHOICES, base_name, infer_kind
from skmtl.exceptions import describe

TABLE_KINDS = ("number", "category")
BRANCH_KINDS = ("image", "text", "table")


@dataclass(frozen=True)
class Source:
    """What one branch reads.

    Parameters
    ----------
    branch : str
        Name of the branch, valid for a layer of Keras.
    kind : {"image", "text", "table"}
        Kind of the branch.
    columns : tuple
        Names of its columns in `X`: one, a run of token ids, or numbers and categories.
    name : object
        Name in error messages: that of the column, of the run, or "table".
    """

    branch: str
    kind: str
    columns: tuple
    name: object

    @property
    def names(self) -> tuple:
        """Names that a parameter may use for the column."""
        return (self.name, base_name(self.name))


@dataclass(frozen=True)
class Layout:
    """The columns of X and the branches that read them.

    Parameters
    ----------
    kinds : dict
        Kind of every column by name, "drop" included.
    sources : tuple of Source
        One per branch: images, texts, then numbers and categories.
    """

    kinds: dict
    sources: tuple

    @property
    def columns(self) -> tuple:
        """Names of the columns of X, with every column of a run of token ids."""
        runs = {s.name: s.columns for s in self.sources if s.kind != "table"}
        return tuple(name for key in self.kinds for name in runs.get(key, (key,)))

    @property
    def names(self) -> tuple:
        """Every key that a dict of options may have: kinds of branches, and names of columns."""
        known = [*BRANCH_KINDS]
        for source in self.sources:
            known += source.names if source.kind != "table" else ()
        return tuple(dict.fromkeys(known))


def read_layout(cells, columns, task_columns=None, tasks=()) -> Layout:
    """Return the columns of X with their kinds, and the branches that read them.

    Parameters
    ----------
    cells : dict
        Cells by name of the column.
    columns : dict or None
        The parameter: kinds of some or all columns.
    task_columns : dict or None
        The parameter: columns or kinds that a task may see.
    tasks : sequence of str
        Names of the tasks.

    Raises
    ------
    TypeError, ValueError
        If a kind cannot be inferred, or `columns` or `task_columns` is wrong.
    """
    given = _given_kinds(cells, columns)
    runs = _runs(cells, given)
    of_runs = {name for run in runs.values() for name in run}
    kinds = {}
    for name, column in cells.items():
        if name not in of_runs:
            kinds[name] = given.get(name) or infer_kind(name, column)
    kinds |= dict.fromkeys(runs, "text")
    if not any(kind != "drop" for kind in kinds.values()):
        raise ValueError("X has no column left: columns= drops all of them.")
    sources, taken = [], set()
    for kind in ("image", "text"):
        for name in (n for n, k in kinds.items() if k == kind):
            branch = _branch_name(name, kind, taken)
            sources.append(Source(branch, kind, tuple(runs.get(name, (name,))), name))
    numbers = [name for name, kind in kinds.items() if kind in TABLE_KINDS]
    for group in _groups(numbers, kinds, task_columns, tasks):
        branch = _branch_name("table", "table", taken)
        sources.append(Source(branch, "table", tuple(group), "table"))
    return Layout(kinds, tuple(sources))


def visible_branches(layout, task_columns, tasks) -> tuple:
    """Return the branches that each task may see, as a frozenset of names per task.

    Raises
    ------
    TypeError, ValueError
        If `task_columns` names an unknown task or column, or leaves a task nothing to see.
    """
    everything = frozenset(source.branch for source in layout.sources)
    if task_columns is None:
        return (everything,) * len(tasks)
    check_task_columns(layout.kinds, task_columns, tasks)
    visible = []
    for task in tasks:
        if task not in task_columns:
            visible.append(everything)
            continue
        named = _named(layout.kinds, _as_keys(task_columns[task]))
        visible.append(
            frozenset(
                source.branch for source in layout.sources if not named.isdisjoint(_members(source))
            )
        )
    return tuple(visible)


def check_task_columns(kinds, task_columns, tasks):
    """Raise unless `task_columns` names known tasks, and columns or kinds that X has."""
    if not isinstance(task_columns, Mapping):
        raise TypeError(
            "task_columns must be a dict of task to column, kind, or a list of them; "
            f"got {describe(task_columns)}."
        )
    unknown = [task for task in task_columns if task not in tasks]
    if unknown:
        raise ValueError(f"task_columns names unknown tasks {unknown}; tasks: {list(tasks)}.")
    for task, value in task_columns.items():
        keys = _as_keys(value)
        missing = [key for key in keys if not _named(kinds, (key,))]
        if missing or not keys:
            raise ValueError(
                f"task_columns of task {task!r} must name columns or kinds of X: "
                f"{[name for name, kind in kinds.items() if kind != 'drop']}; got {value!r}."
            )


def _as_keys(value) -> tuple:
    return (value,) if isinstance(value, str) else tuple(value)


def _members(source) -> tuple:
    return source.columns if source.kind == "table" else (source.name,)


def _named(kinds, keys) -> set:
    """Return the columns that keys name; a key that is no column's name is a kind."""
    names = {own for name in kinds for own in (name, base_name(name))}

    def is_meant(name, kind, key):
        of_table = "table" if kind in TABLE_KINDS else kind
        return key in ((name, base_name(name)) if key in names else (kind, of_table))

    return {
        name
        for name, kind in kinds.items()
        if kind != "drop" and any(is_meant(name, kind, key) for key in keys)
    }


def _groups(numbers, kinds, task_columns, tasks) -> list:
    """Group numbers and categories by the tasks that may see them."""
    if not numbers:
        return []
    if task_columns is None:
        return [numbers]
    check_task_columns(kinds, task_columns, tasks)
    named = {task: _named(kinds, _as_keys(keys)) for task, keys in task_columns.items()}
    groups = {}
    for name in numbers:
        seen_by = tuple(task not in named or name in named[task] for task in tasks)
        groups.setdefault(seen_by, []).append(name)
    return [group for seen_by, group in groups.items() if any(seen_by)]


def _given_kinds(cells, columns) -> dict:
    """Return the kinds that the parameter `columns` gives, by the names that X has."""
    if columns is None:
        return {}
    if not isinstance(columns, Mapping):
        raise TypeError(
            f"columns must be None or a dict of column to kind; got {describe(columns)}."
        )
    given = {}
    for key, kind in columns.items():
        if kind not in CHOICES:
            raise ValueError(
                f"columns[{key!r}] must be one of {', '.join(map(repr, CHOICES))}; got {kind!r}."
            )
        found = [name for name in cells if name == key]
        found = found or [name for name in cells if base_name(name) == key]
        if len(found) > 1:
            raise ValueError(f"columns[{key!r}] may mean any of {found}; give the whole name.")
        if not found and kind == "text" and _run(cells, key):
            found = [key]
        if not found:
            raise ValueError(f"columns names {key!r}, which is no column of X: {list(cells)}.")
        given[found[0]] = kind
    return given


def _runs(cells, given) -> dict:
    """Return runs of token-id columns, ``text_0``, ``text_1``, ..., by name without the number."""
    wanted = [name for name in given if name not in cells]
    if not any(base_name(name) == "text" for name in cells):
        wanted.append("text")
    found = {name: _run(cells, name) for name in wanted}
    return {name: run for name, run in found.items() if run}


def _run(cells, wanted) -> list:
    """Return the columns of one run in the order of their numbers."""
    numbered = []
    for name, column in cells.items():
        match = re.fullmatch(rf"{re.escape(str(wanted))}_(\d+)", base_name(name))
        if match and _is_ids(column):
            numbered.append((int(match[1]), name))
    return [name for _, name in sorted(numbered, key=lambda pair: pair[0])]


def _is_ids(column) -> bool:
    if column.dtype == object:  # a frame of few rows keeps Python's integers
        return all(isinstance(cell, int) for cell in column)
    return pd.api.types.is_integer_dtype(column.dtype)


def _branch_name(name, kind, taken) -> str:
    """Return a name that Keras accepts for a layer and that no other branch has."""
    plain = re.sub(r"[^A-Za-z0-9]+", "_", base_name(name)).strip("_")
    plain = plain if plain[:1].isalpha() and plain not in ("joint", "skmtl") else f"{kind}_column"
    branch, number = plain, 2
    while branch in taken:
        branch, number = f"{plain}_{number}", number + 1
    taken.add(branch)
    return branch
