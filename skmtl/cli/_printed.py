"""What a command prints: results as tables on stdout, everything else on stderr."""

import sys

import numpy as np
import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

_PIPED_WIDTH = 160  # columns of a terminal are unknown, and no table is cut at 80
_COLOURS = {"Error": "bold red", "Warning": "yellow", "Interrupted": "yellow"}


def console(*, stderr=False) -> Console:
    """Return where to print; made each time, because a caller may redirect the streams."""
    file = sys.stderr if stderr else sys.stdout
    return Console(file=file, width=None if file.isatty() else _PIPED_WIDTH, highlight=False)


def note(kind, text):
    """Print a sentence on stderr after its kind, such as "Error" or "Note"."""
    out = console(stderr=True)
    text = Text.assemble((f"{kind}: ", _COLOURS.get(kind, "bold")), _printable(text, out))
    out.print(text, soft_wrap=not out.is_terminal)


def print_frame(frame, title):
    """Print a frame as a table: numbers with three digits, missing ones as a dash."""
    out = console()
    out.print(Text(_printable(title, out), "bold"))
    table = Table()
    for name in frame.columns:
        is_number = pd.api.types.is_numeric_dtype(frame[name])
        table.add_column(escape(str(name)), justify="right" if is_number else "left")
    for cells in frame.itertuples(index=False):
        table.add_row(*(escape(_printable(_shown(cell), out)) for cell in cells))
    out.print(table)


def _shown(cell) -> str:
    if cell is None or cell is pd.NA or (isinstance(cell, float) and np.isnan(cell)):
        return "—"
    if isinstance(cell, float):
        return f"{cell:,.3f}"
    return f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell)


def _printable(text, out) -> str:
    """Return a text that the terminal can show."""
    return text.encode(out.encoding, "backslashreplace").decode(out.encoding)
