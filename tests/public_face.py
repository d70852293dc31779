"""The rooms whose names are public; every other module may change without notice."""

import importlib

ROOMS = (
    "aggregation",
    "backbones",
    "comparison",
    "datasets",
    "display",
    "exceptions",
    "metrics",
    "model_selection",
    "persistence",
    "preprocessing",
    "serve",
    "sharing",
    "weighting",
)


def public_modules():
    """Return the package and its public rooms, imported."""
    return [importlib.import_module(name) for name in ("skmtl", *(f"skmtl.{r}" for r in ROOMS))]


def public_objects():
    """Return classes and functions by their public names, each once."""
    found = {}
    for module in public_modules():
        for name in module.__all__:
            thing = getattr(module, name)
            if callable(thing) and thing not in found.values():
                found[f"{module.__name__}.{name}"] = thing
    return found
