"""Parameters of an estimator from words such as ``epochs=5``."""

import difflib
import inspect
import json
import shlex
from dataclasses import fields

import click

from skmtl import MultiTaskEstimator

_ELSEWHERE = {
    "columns": "give --columns NAME=KIND",
    "tasks": "give --tasks NAME=KIND",
    "image_folder": "give --image-folder; by default paths start from the table's folder",
    "callbacks": "callbacks are Python objects: fit in Python",
}
_WORDS = {"None": None, "True": True, "False": False}  # as Python writes them


def parse_value(text):
    """Return a value: what the text is as JSON, else the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    try:
        return json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        return text


def parse_pairs(words, option) -> dict[str, str]:
    """Return ``NAME=VALUE`` words as a dict.

    Raises
    ------
    click.UsageError
        If a word has another form, or two have the same name.
    """
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals and value):
            raise click.UsageError(f"{option} takes NAME=VALUE; got {word!r}.")
        if name in found:
            raise click.UsageError(f"{option} {name}=... is given twice.")
        found[name] = value
    return found


def parse_parameters(words, option="--set") -> dict:
    """Return parameters of the estimators by name.

    Raises
    ------
    click.UsageError
        If there is no such parameter; the text lists those that are spelled alike.
    """
    found = {}
    for name, text in parse_pairs(words, option).items():
        if name in _ELSEWHERE:
            raise click.UsageError(f"{option} cannot set {name}: {_ELSEWHERE[name]}.")
        _check_name(name, option)
        found[name] = parse_value(text)
    return found


def _check_name(name, option):
    known = sorted(inspect.signature(MultiTaskEstimator).parameters)
    prefixes = MultiTaskEstimator._routed_prefixes
    prefix, separator, rest = name.partition("__")
    if name in known or (separator and rest and prefix in prefixes):
        return
    candidates = [f"{one}__{rest}" for one in prefixes] if separator else known
    near = difflib.get_close_matches(name, candidates, n=3, cutoff=0.5)
    advice = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(known)}."
    raise click.UsageError(f"{option}: there is no parameter {name!r}; {advice}")


def parse_names(text) -> list[str]:
    """Return names that commas part.

    Examples
    --------
    >>> parse_names("a, b")
    ['a', 'b']
    """
    return [name.strip() for name in text.split(",") if name.strip()]


# what `compare` compares where nothing is said
_TECHNIQUES = {
    "equal weights": {},
    "uncertainty": {"loss_weights": "uncertainty"},
    "pcgrad": {"gradient_aggregator": "pcgrad"},
    "separate networks": {"sharing": "none"},
}


def parse_techniques(words) -> dict[str, dict]:
    """Return what each technique sets, by its name, from ``NAME: SETTING SETTING`` texts.

    Examples
    --------
    >>> parse_techniques(["late: fusion=late epochs=3"])
    {'late': {'fusion': 'late', 'epochs': 3}}
    """
    found = {}
    for word in words:
        name, _, settings = word.partition(":")
        try:
            parts = shlex.split(settings)
        except ValueError as error:
            raise click.UsageError(f"--technique {word!r}: {error}.") from None
        if not name.strip() or name.strip() in found:
            raise click.UsageError(f"--technique {word!r} needs a name that no other one has.")
        found[name.strip()] = parse_parameters(parts, f"--technique {name.strip()}")
    return found or _TECHNIQUES


def parse_limits(words):
    """Return the limits of the server."""
    from skmtl import serve  # needs an extra

    found = {name: parse_value(text) for name, text in parse_pairs(words, "--limit").items()}
    known = [field.name for field in fields(serve.Limits)]
    unknown = [name for name in found if name not in known]
    if unknown:
        raise click.UsageError(f"--limit: {unknown[0]!r} is none of {', '.join(known)}.")
    return serve.Limits(**found)
