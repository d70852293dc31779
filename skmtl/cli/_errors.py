"""Errors of a command as one sentence, and its exit code."""

import traceback
import warnings

import click

from skmtl.cli._commands import skmtl
from skmtl.cli._printed import note

WRONG_USE, DEFECT, INTERRUPTED = 2, 1, 130
# what messages of the library call a thing, and how it is written here
_HERE = {
    "columns={": "--columns NAME=KIND",
    "tasks={": "--tasks NAME=KIND",
    "image_size=(": "--set image_size=SIZE",
    "image_mode=": "--set image_mode=MODE",
    "tag_separator": "--set tag_separator=TEXT",
    "allow_paths=True": "--allow-paths",
}


def run(arguments) -> int:
    """Run a command; what goes wrong is a sentence on stderr, or with ``--debug`` a traceback."""
    debug = "--debug" in arguments
    arguments = [word for word in arguments if word != "--debug"]
    try:
        with warnings.catch_warnings(record=True, action="default") as seen:
            try:
                code = skmtl.main(arguments, prog_name="skmtl", standalone_mode=False)
            finally:
                for warning in seen:
                    if issubclass(warning.category, UserWarning):
                        note("Warning", str(warning.message))
        return code if isinstance(code, int) else 0
    except click.Abort:
        note("Interrupted", "nothing was written.")
        return INTERRUPTED
    except Exception as error:
        if debug:
            traceback.print_exc()
            return WRONG_USE if _is_wrong_use(error) else DEFECT
        note("Error", _sentence(error))
        return WRONG_USE if _is_wrong_use(error) else DEFECT


def _is_wrong_use(error) -> bool:
    known = click.ClickException, ValueError, TypeError, OSError, ImportError, MemoryError
    return isinstance(error, known)


def _sentence(error) -> str:
    """Return the message of an error, with how the command line writes what it advises."""
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}"
    text = " ".join(str(error).split()) or type(error).__name__
    if not _is_wrong_use(error):
        return f"{type(error).__name__}: {text} (a defect of skmtl; --debug shows where)"
    hints = [hint for words, hint in _HERE.items() if words in text]
    return f"{text} On the command line: {', '.join(hints)}." if hints else text
