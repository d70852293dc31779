"""Layers import downwards only; private corners of other libraries are entered in one place."""

import ast
from functools import cache
from importlib import import_module
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
    {"training", "display"},
    {"fitting", "comparison"},
    {"estimators"},
    {"persistence", "cli", "serve"},
]
MOST_ENTRIES = 24
MOST_LINES = 300
# these take estimators and numbers: they know nothing of Keras
NO_KERAS = {"model_selection", "metrics", "comparison", "display", "datasets", "data"}
KERAS_ROOMS = {"network", "training", "fitting", "estimators", "persistence", "backbones"}
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


# -- private and process-wide corners of other libraries -----------------------------------

# of collections.namedtuple: public, and named so only to leave room for fields
PUBLIC_UNDERSCORES = {"_replace", "_asdict", "_fields", "_make"}
PRIVATE_MODULES = {"keras": "src", "tensorflow": "python"}  # private without an underscore
# what another library or Python keeps for the whole process, and how it is changed
PROCESS_WIDE = {
    "os.environ", "os.putenv", "os.chdir", "os.umask", "sys.modules", "sys.path",
    "random.seed", "random.randint", "np.random.seed", "np.seterr", "warnings.simplefilter",
    "warnings.filterwarnings", "signal.signal", "keras.utils.set_random_seed",
    "keras.config.set_dtype_policy", "keras.config.set_floatx", "keras.backend.clear_session",
    "keras.backend.reset_uids", "tf.random.set_seed", "torch.manual_seed", "torch.set_num_threads",
    "jax.config.update", "jieba.initialize", "jieba.add_word", "jieba.load_userdict",
    "jieba.set_dictionary", "sklearn.set_config", "pd.set_option", "plt.rcParams",
}  # fmt: skip


def is_private(name):
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


@cache
def defined_names():
    """Return the private names that the package itself defines."""
    names = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                names.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif (
                isinstance(node, ast.Attribute)
                and isinstance(node.ctx, ast.Store)
                and getattr(node.value, "id", "") in ("self", "cls")
            ):
                names.add(node.attr)
            elif isinstance(node, ast.ImportFrom):  # private modules of ours
                names |= {alias.name for alias in node.names}
    return names


def foreign_private_modules(path):
    """Yield imports of what another package keeps private."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names = [node.value] if node.value.isascii() and " " not in node.value else []
        else:
            continue
        for name in names:
            package, *parts = name.split(".")
            is_import = not isinstance(node, ast.Constant)
            if package != "skmtl" and (
                (is_import and any(map(is_private, parts)) and not is_listed(name))
                or (parts and PRIVATE_MODULES.get(package) == parts[0])
            ):
                yield name


def is_listed(name):
    """Return whether a package lists a name with an underscore as public, as scikit-learn does."""
    if name == "sklearn.utils._safe_indexing":  # not yet in the list of 1.6
        return True
    module, _, last = name.rpartition(".")
    is_module_private = any(map(is_private, module.split(".")))
    return not is_module_private and last in getattr(import_module(module), "__all__", ())


def private_accesses(path):
    """Yield private attributes that are read or written, also by name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            yield node.attr
        elif (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", "") in ("getattr", "setattr", "hasattr", "delattr")
            and isinstance(node.args[1], ast.Constant)
            and is_private(node.args[1].value)
        ):
            yield node.args[1].value


def process_wide_changes(path):
    """Yield changes of what belongs to the whole process."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            changes = ("update", "pop", "setdefault", "clear", "insert", "append")
            owner, _, method = name.rpartition(".")
            if name in PROCESS_WIDE or (owner in PROCESS_WIDE and method in changes):
                yield name
        elif isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            target = node.value if isinstance(node, ast.Subscript) else node
            if ast.unparse(target) in PROCESS_WIDE:
                yield ast.unparse(target)


PENDING: set = set()
OUTSIDE = [
    path
    for path in FILES
    if room(path) != "_runtime" and path.relative_to(ROOT).as_posix() not in PENDING
]


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda p: str(p.relative_to(ROOT)))
def test_private_corners_of_other_libraries_are_entered_in_runtime_alone(path):
    known = defined_names() | PUBLIC_UNDERSCORES
    assert not list(foreign_private_modules(path))
    assert not [name for name in private_accesses(path) if name not in known]
    assert not list(process_wide_changes(path))


def test_the_search_for_private_corners_finds_them(tmp_path):
    path = tmp_path / "reaches.py"
    path.write_text(
        "import os, random, torch\n"
        "from keras.src.backend.common import global_state\n"
        "from sklearn.utils._param_validation import Interval\n"
        "from sklearn.utils import _safe_indexing, _joblib\n"
        "import tensorflow.python.eager as eager\n"
        "def reach(optimizer):\n"
        "    random.randint = None\n"
        "    os.environ['A'] = 'b'\n"
        "    torch.manual_seed(0)\n"
        "    return optimizer._learning_rate, getattr(optimizer, '_slots', None)\n",
        encoding="utf-8",
    )
    assert list(foreign_private_modules(path)) == [
        "keras.src.backend.common.global_state",
        "sklearn.utils._param_validation.Interval",
        "sklearn.utils._joblib",
        "tensorflow.python.eager",
    ]
    assert sorted(private_accesses(path)) == ["_learning_rate", "_slots"]
    assert sorted(process_wide_changes(path)) == [
        "os.environ",
        "random.randint",
        "torch.manual_seed",
    ]


# -- classes and files ---------------------------------------------------------------------


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
    assert len(lines) <= MOST_LINES, f"{len(lines)} lines, at most {MOST_LINES}"


def test_files_of_tests_have_names_that_differ():
    names = [path.name for path in (ROOT.parent / "tests").rglob("test_*.py")]
    assert len(names) > 50
    assert sorted(names) == sorted(set(names)), "pytest takes files of one name for one module"
