"""Errors of a command: a sentence and an exit code."""

import click
import pytest

from skmtl.cli import _errors as errors
from skmtl.cli import main


def failing(error):
    @click.command()
    def command():
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "printed"),
    [
        (click.UsageError("no file"), 2, "Error: no file\n"),
        (ValueError("X has\n  no row"), 2, "Error: X has no row\n"),
        (FileNotFoundError(2, "No such file", "t.csv"), 2, "Error: No such file: t.csv\n"),
        (KeyError("x"), 1, "Error: KeyError: 'x' (a defect of skmtl; --debug shows where)\n"),
        (KeyboardInterrupt(), 130, "\nInterrupted: nothing was written.\n"),
        (
            ValueError("say tasks={'a': 'number'}."), 2,
            "Error: say tasks={'a': 'number'}. On the command line: --tasks NAME=KIND.\n",
        ),
    ],
)  # fmt: skip
def test_an_error_is_a_sentence(monkeypatch, capfd, error, code, printed):
    monkeypatch.setattr(errors, "skmtl", failing(error))
    assert errors.run([]) == code
    assert capfd.readouterr().err == printed


def test_debug_shows_the_traceback(monkeypatch, capfd):
    monkeypatch.setattr(errors, "skmtl", failing(ValueError("no row")))
    assert errors.run(["--debug"]) == 2
    assert "Traceback" in capfd.readouterr().err


def test_warnings_are_sentences(monkeypatch, capfd):
    @click.command()
    def command():
        import warnings

        warnings.warn("few rows", stacklevel=1)

    monkeypatch.setattr(errors, "skmtl", command)
    assert errors.run([]) == 0
    assert capfd.readouterr().err == "Warning: few rows\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["fits"], "No such command 'fits'"),
        (["fit"], "Missing argument 'TABLE'"),
        (["fit", "none.csv", "--labels", "a", "-o", "m"], "'none.csv' does not exist"),
        (["inspect", "none.skmtl"], "there is no file 'none.skmtl'"),
        (["predict", "m", "none.csv", "-o", "x.csv"], "'none.csv' does not exist"),
    ],
)
def test_wrong_use(capfd, words, message):
    assert main(words) == 2
    printed = capfd.readouterr().err
    assert message in printed
    assert "Traceback" not in printed


def test_help_and_version(capfd):
    assert main(["--help"]) == 0
    assert "evaluate" in capfd.readouterr().out
    assert main(["--version"]) == 0
    assert "skmtl, version" in capfd.readouterr().out


def test_without_the_extra_it_says_what_to_install(monkeypatch, capfd):
    monkeypatch.setattr("skmtl.cli.find_spec", lambda _name: None)
    assert main(["--help"]) == 2
    assert "extra 'cli'" in capfd.readouterr().err
