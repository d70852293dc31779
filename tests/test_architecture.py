"""Layers import downwards only; private corners of other libraries are entered in one place."""

import ast
from pathlib import Path

import pytest

import skmtl

ROOT = Path(skmtl.__file__).parent

# level of each module or package; a file imports only from lower levels, or from its own package
LEVELS = [
    {
        "_storage",
        "_fork",
        "_quiet_start",
        "_siblings",
        "_threads",
        "workers",
        "_registry",
        "_shares",
        "data",
        "metrics",
        "feature_cache",
        "datasets",
        "_pixel_scaling",
        "_keras_state",
    },
    {
        "_keras_config",
        "_scikeras",
        "_sklearn_callbacks",
        "preprocessing",
        "backbones",
        "weighting",
        "aggregation",
        "sharing",
    },
    {"augmentation", "branches", "encoders", "fusion", "inputs", "network", "structure"},
    {"specification", "training"},
    {"export", "fitting", "network_classifier", "classifier", "persistence"},
    {"model_selection", "comparison", "display"},
]
TOP = {"model_selection", "comparison", "display"}
ORDER = [
    "augmentation",
    "branches",
    "encoders",
    "fusion",
    "network",
    "specification",
    "training",
    "fitting",
    "export",
    "network_classifier",
    "classifier",
    "persistence",
]
FILES = sorted(ROOT.rglob("*.py"))


def unit(path):
    """Return the module or package right below skmtl that a file belongs to."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def level(name):
    return next(number for number, names in enumerate(LEVELS) if name in names)


def imported(path):
    """Return what a file imports at any place, as dotted names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                base = path.parents[node.level - 1].relative_to(ROOT.parent).parts
                yield ".".join([*base, *(node.module or "").split(".")]).rstrip(".")
            else:
                yield node.module


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_import_downwards_only(path):
    if path == ROOT / "__init__.py":
        return
    here = unit(path)
    for name in imported(path):
        parts = name.split(".")
        if parts[0] != "skmtl" or len(parts) == 1 or parts[1] == here:
            continue
        there = parts[1]
        if level(there) == level(here) and here in ORDER and there in ORDER:
            assert ORDER.index(there) < ORDER.index(here), f"{here} imports {there}"
        else:
            lowest = level(there) < level(here) or {here, there} <= TOP | LEVELS[0] | LEVELS[1]
            assert lowest, f"{here} (level {level(here)}) imports {there} (level {level(there)})"
        if here in TOP:
            assert there in LEVELS[0] | TOP, f"{here} knows of {there}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_one_file_imports_scikeras_and_only_its_folder_a_backend(path):
    names = {name.split(".")[0] for name in imported(path)}
    relative = path.relative_to(ROOT).as_posix()
    assert "scikeras" not in names or relative == "_scikeras.py"
    for backend in ("tensorflow", "jax", "torch"):
        assert backend not in names or relative.startswith(f"training/{backend}/")


def classes():
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                yield path, node


def test_every_class_is_abstract_or_final():
    names = {node.name: node for _, node in classes()}
    for path, node in classes():
        for base in node.bases:
            parent = names.get(getattr(base, "id", None))
            if parent is not None:
                marks = {getattr(b, "id", "") for b in parent.bases}
                abstract = "ABC" in marks or any(
                    getattr(d, "id", getattr(d, "attr", "")) == "abstractmethod"
                    for item in parent.body
                    if isinstance(item, ast.FunctionDef)
                    for d in item.decorator_list
                )
                assert abstract, f"{path.name}: {node.name} inherits from the concrete {base.id}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_are_short(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 300, f"{len(lines)} lines"
