"""Every public name is documented, and every example in a docstring runs."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

import skmtl

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(skmtl.__path__, "skmtl.")
    if not module.name.endswith("_quiet_start")
)
PUBLIC = [
    "skmtl",
    "skmtl.aggregation",
    "skmtl.backbones",
    "skmtl.comparison",
    "skmtl.datasets",
    "skmtl.display",
    "skmtl.metrics",
    "skmtl.model_selection",
    "skmtl.preprocessing",
    "skmtl.sharing",
    "skmtl.weighting",
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name):
    module = importlib.import_module(name)
    result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert result.failed == 0


def public_objects():
    for name in PUBLIC:
        module = importlib.import_module(name)
        for attribute in module.__all__:
            yield pytest.param(getattr(module, attribute), id=f"{name}.{attribute}")


def _names(thing):
    """Return the parameters that a docstring has to name."""
    signature = inspect.signature(thing.__init__ if inspect.isclass(thing) else thing)
    return [name for name in signature.parameters if name not in ("self", "args", "kwargs")]


@pytest.mark.parametrize("thing", list(public_objects()))
def test_public_names_are_documented(thing):
    if not callable(thing):
        return
    text = inspect.getdoc(thing)
    assert text, "no docstring"
    if inspect.isclass(thing) and thing.__init__ is object.__init__:
        return
    missing = [name for name in _names(thing) if name not in text]
    assert not missing, f"parameters without a word: {missing}"
    if inspect.isclass(thing):
        for name, method in vars(thing).items():
            if inspect.isfunction(method) and not name.startswith("_"):
                assert inspect.getdoc(getattr(thing, name)), f"{name} has no docstring"
