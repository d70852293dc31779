"""Public signatures have type hints; `mypy` checks that they are used consistently."""

import inspect

import pytest
from public_face import public_objects


def signatures():
    """Return the functions and methods of the public face, by name."""
    found = {}
    for name, thing in public_objects().items():
        if not inspect.isclass(thing):
            found[name] = inspect.unwrap(thing)
            continue
        for cls in thing.__mro__:
            for attribute, value in vars(cls).items():
                value = getattr(value, "__func__", getattr(value, "fget", None) or value)
                is_public = attribute == "__init__" or not attribute.startswith("_")
                if not (inspect.isfunction(value) and is_public):
                    continue
                value = inspect.unwrap(value)
                if value.__module__.startswith("skmtl"):
                    found[f"{value.__module__}.{value.__qualname__}"] = value
    return found


SIGNATURES = signatures()


@pytest.mark.parametrize("name", SIGNATURES)
def test_public_signatures_have_type_hints(name):
    signature = inspect.signature(SIGNATURES[name])
    missing = [
        parameter.name
        for parameter in signature.parameters.values()
        if parameter.annotation is parameter.empty and parameter.name not in ("self", "cls")
    ]
    assert missing == []
    assert signature.return_annotation is not signature.empty, "no hint of what is returned"
