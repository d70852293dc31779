"""Layers import downwards only; private corners of other libraries are entered in one place."""

import ast
from pathlib import Path

import pytest

import skmtl

ROOT = Path(skmtl.__file__).parent

# rooms by floor: a file imports only from lower floors, or from its own room
FLOORS = [
    {"exceptions"},
    {"_runtime", "data"},
    {"preprocessing", "weighting", "sharing", "backbones", "datasets"},
    {"aggregation", "columns", "labels", "metrics"},
    {"network", "model_selection"},
    {"training", "comparison"},
    {"fitting", "display"},
    {"classifier"},
    {"persistence"},
]
MOST_ENTRIES = 22
MOST_LINES = {"classifier.py": 450}  # of any other file: 300
# these take estimators and numbers: they know nothing of Keras
NO_KERAS = {"model_selection", "metrics", "comparison", "display", "datasets", "data"}
KERAS_ROOMS = {"network", "training", "fitting", "classifier", "persistence", "backbones"}
FILES = sorted(ROOT.rglob("*.py"))


def room(path):
    """Return the module or package right below skmtl that a file belongs to."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def floor(name):
    return next(number for number, names in enumerate(FLOORS) if name in names)


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


def test_a_newcomer_sees_few_rooms():
    entries = [path.name for path in ROOT.iterdir() if path.name != "__pycache__"]
    assert len(entries) <= MOST_ENTRIES, sorted(entries)
    assert len(FLOORS) <= 9


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_import_downwards_only(path):
    if path == ROOT / "__init__.py":
        return
    here = room(path)
    for name in imported(path):
        parts = name.split(".")
        if parts[0] != "skmtl" or len(parts) == 1 or parts[1] == here:
            continue
        there = parts[1]
        assert floor(there) < floor(here), f"{here} imports {there}, which is not below it"
        assert here not in NO_KERAS or there not in KERAS_ROOMS, f"{here} knows of {there}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_one_file_imports_scikeras_and_only_its_folder_a_backend(path):
    names = {name.split(".")[0] for name in imported(path)}
    relative = path.relative_to(ROOT).as_posix()
    assert "scikeras" not in names or relative == "_runtime/scikeras.py"
    for backend in ("tensorflow", "jax", "torch"):
        assert backend not in names or relative.startswith((f"training/{backend}/", "_runtime/"))


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
    most = MOST_LINES.get(path.relative_to(ROOT).as_posix(), 300)
    assert len(lines) <= most, f"{len(lines)} lines, at most {most}"
