"""Public names have complete numpydoc docstrings, and every example in a docstring runs."""

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
import textwrap
from dataclasses import is_dataclass

import keras
import pytest
from numpydoc.docscrape import get_doc_object
from numpydoc.validate import validate
from public_face import public_objects

import skmtl

# a backend's folder, or its file in _runtime, is imported only where Keras runs on it
OTHERS = {"tensorflow", "jax", "torch"} - {keras.config.backend()}
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(skmtl.__path__, "skmtl.")
    if not module.name.endswith("_quiet_start")
    and not OTHERS & {part.partition("_")[0] for part in module.name.split(".")}
)
# checks of numpydoc that are not wanted: sections that would only repeat the rest
WISHES = {
    "GL01",  # the summary on a separate line
    "SA01",  # a "See Also" section
    "ES01",  # an extended summary
    "EX01",  # an example for every method; classes and functions are checked below
    "RT03",  # a description of a returned value whose type says everything
}


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name):
    module = importlib.import_module(name)
    result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert result.failed == 0


def is_method(value):
    return inspect.isfunction(value) or isinstance(value, classmethod | staticmethod | property)


def is_ours(cls):
    return cls.__module__.startswith("skmtl")


def public_methods():
    """Return the methods of public classes by the names of the classes that define them."""
    found = {}
    for thing in public_objects().values():
        for cls in filter(is_ours, getattr(thing, "__mro__", ())):
            for method, value in vars(cls).items():
                if is_method(value) and not method.startswith("_"):
                    found[f"{cls.__module__}.{cls.__qualname__}.{method}"] = value, cls
    return found


def overrides(name):
    """Return whether a method overrides one that a base of ours describes."""
    _, cls = METHODS[name]
    bases = filter(is_ours, cls.__mro__[1:])
    return any(name.rpartition(".")[2] in vars(base) for base in bases)


OBJECTS, METHODS = public_objects(), public_methods()
OWN_METHODS = [name for name in METHODS if not overrides(name)]


def errors(name, *allowed):
    found = validate(name)
    if re.search(r"^ *As (in|for) `", found["docstring"], re.M):
        allowed = [*allowed, "PR03", "PR04"]  # parameters described together, elsewhere
    return [f"{code} {text}" for code, text in found["errors"] if code not in WISHES.union(allowed)]


@pytest.mark.parametrize("name", OBJECTS)
def test_public_names_are_documented(name):
    assert errors(name) == []
    assert ">>> " in OBJECTS[name].__doc__, "no example"


@pytest.mark.parametrize("name", METHODS)
def test_public_methods_are_documented(name):
    # what overrides a documented method may leave its parameters to it
    assert errors(name, *([] if name in OWN_METHODS else ["PR01", "RT01"])) == []


def documented(name):
    """Return a name's docstring, parsed, and the function that it describes."""
    thing = OBJECTS[name] if name in OBJECTS else METHODS[name][0]
    thing = getattr(thing, "__func__", getattr(thing, "fget", None) or thing)
    return get_doc_object(thing), thing


@pytest.mark.parametrize("name", [*OBJECTS, *OWN_METHODS])
def test_arrays_have_shapes(name):
    doc, _ = documented(name)
    for section in ("Parameters", "Attributes", "Returns"):
        for entry in doc.get(section, ()):
            kind = entry.type or entry.name
            if re.match(r"(nd)?array|tensor", kind) and not kind.endswith("None"):
                assert re.search(r"shape|\(n_", kind), f"{section}: {entry.name} : {entry.type}"


@pytest.mark.parametrize("name", [*OBJECTS, *OWN_METHODS])
def test_errors_are_documented(name):
    doc, thing = documented(name)
    if inspect.isclass(thing):
        thing = None if is_dataclass(thing) else vars(thing).get("__init__")
    if not inspect.isfunction(thing):
        return
    tree = ast.parse(textwrap.dedent(inspect.getsource(thing)))
    raised = {
        node.exc.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and isinstance(getattr(node.exc, "func", None), ast.Name)
    }
    documented_errors = " ".join(entry.type or entry.name for entry in doc["Raises"])
    missing = {name for name in raised - {"NotImplementedError"} if name not in documented_errors}
    assert not missing, f"raises {missing}, which the docstring does not say"
