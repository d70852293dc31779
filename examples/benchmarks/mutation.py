"""Mutation run: small changes of the code that the tests must notice.

Every test first runs once, its function in a separate process, and the lines of the package that
it executes are recorded. Then a sample of mutants is drawn with a fixed seed. Each is written into
a copy of the package, and the tests that execute its line run, the quickest first, in a process
forked from one that has imported the slow libraries.

    python examples/benchmarks/mutation.py [--sample 60] [--seed 0] [--seconds 60] [package ...]
"""

import argparse
import ast
import copy
import importlib
import itertools
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = {
    "data": ["tests/data"],
    "metrics": ["tests/metrics"],
    "model_selection": ["tests/model_selection"],
    # of the strategies the tests without `fit`; parity needs the extra of that name
    "weighting": [
        f"tests/weighting/test_weighting_{n}.py" for n in ("values", "properties", "parity")
    ],
    "aggregation": [
        f"tests/aggregation/test_aggregation_{n}.py"
        for n in ("problems", "values", "references", "properties", "contract", "parity")
    ],
}
STRATEGIES = ("weighting", "aggregation")
SWAPS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Div, ast.Mod: ast.Mult, ast.MatMult: ast.Mult, ast.Lt: ast.LtE,
    ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or,
    ast.Or: ast.And, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip


def code_nodes(tree):
    """Yield the nodes that are code: no texts of errors, annotations, decorators, docstrings."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom):
            continue
        yield node
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            body = ast.Module([*node.body, *getattr(node, "bases", [])], [])
            if isinstance(node, ast.FunctionDef):
                body.body += [d for d in node.args.defaults + node.args.kw_defaults if d]
            yield from code_nodes(body)
        elif isinstance(node, ast.AnnAssign):
            yield from code_nodes(ast.Module([node.value] if node.value else [], []))
        else:
            yield from code_nodes(node)


def changes(node):
    """Yield functions that change a node, with a word for each."""
    if isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign) and type(node.op) in SWAPS:
        yield "operator", lambda n: setattr(n, "op", SWAPS[type(n.op)]())
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        yield "comparison", lambda n: n.ops.__setitem__(0, SWAPS[type(n.ops[0])]())
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield "number", lambda n: setattr(n, "value", n.value + 1)
    if isinstance(node, ast.Constant) and type(node.value) is bool:
        yield "bool", lambda n: setattr(n, "value", not n.value)
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield "condition", lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Invert):
        yield "sign", lambda n: setattr(n, "op", ast.UAdd())
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not", lambda n: setattr(n, "operand", ast.UnaryOp(ast.Not(), n.operand))
    if isinstance(node, ast.Return) and getattr(node.value, "value", node.value) is not None:
        yield "return", lambda n: setattr(n, "value", ast.Constant(None))


def mutants(package):
    """Return (file, number of the node, number of the change, description) of all mutants."""
    found = []
    for path in sorted((ROOT / "skmtl" / package).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for position, node in enumerate(code_nodes(ast.parse(text))):
            for number, (word, _) in enumerate(changes(node)):
                line = text.splitlines()[node.lineno - 1].strip()
                found.append((path, position, number, f"{word}: {line}", node.lineno))
    return found


def mutated(path, position, number) -> str:
    """Return the text of a file with one change."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    node = next(n for p, n in enumerate(code_nodes(tree)) if p == position)
    before = copy.deepcopy(ast.dump(node))
    list(changes(node))[number][1](node)
    assert ast.dump(node) != before
    return ast.unparse(ast.fix_missing_locations(tree))


class Recorder:
    """A pytest plugin that writes down every test's outcome, seconds and lines.

    Each test function runs in a process forked before any other ran: what one leaves in a cache,
    such as a compiled step, would hide the lines from the next.
    """

    def __init__(self, folder, file):
        self.folder, self.file = str(folder), file

    def pytest_runtestloop(self, session):
        for _, items in itertools.groupby(session.items, lambda item: item.nodeid.split("[")[0]):
            child = os.fork()
            if child == 0:
                for item in items:
                    self.record(item)
                os._exit(0)
            os.waitpid(child, 0)
        return True

    def record(self, item):
        from _pytest.runner import runtestprotocol

        lines = set()

        def trace(frame, event, _):
            if not frame.f_code.co_filename.startswith(self.folder):
                return None
            if event == "line":
                lines.add((frame.f_code.co_filename, frame.f_lineno))
            return trace

        if "tensorflow" in sys.modules:  # in graphs AutoGraph runs copies of the lines
            sys.modules["tensorflow"].config.run_functions_eagerly(True)
        start = time.monotonic()
        sys.settrace(trace)
        reports = runtestprotocol(item, log=False, nextitem=None)
        sys.settrace(None)
        seconds = time.monotonic() - start
        outcome = max((report.outcome for report in reports), key=("passed skipped failed").find)
        with open(self.file, "a", encoding="utf-8") as file:
            file.write(json.dumps([item.nodeid, outcome, seconds, sorted(lines)]) + "\n")


def run_pytest(folder, arguments, limit, plugins=()) -> bool | None:
    """Run tests in a forked process; return whether they passed, None where they took too long."""
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        handle = os.open(os.devnull, os.O_WRONLY)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        os.chdir(folder)
        sys.path[:0] = [str(folder), str(folder / "tests")]
        import pytest

        options = ["-x", "-q", "-p", "no:cacheprovider", "-m", "not slow"]
        options += ["--hypothesis-seed=0", "--hypothesis-profile=quick"]
        os._exit(int(pytest.main([*options, *arguments], plugins=list(plugins)) != 0))
    end = time.monotonic() + limit
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status == 0
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def record(folder, package):
    """Return (seconds, name, lines) of every test of a package that passes, the quickest first."""
    file = folder / "recorded"
    run_pytest(folder, TESTS[package], 3600, [Recorder(folder / "skmtl" / package, file)])
    recorded = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    file.unlink()
    for name, outcome, *_ in recorded:
        assert outcome != "failed", f"{name} fails unchanged"
    passed = [(test[2], test[0], {tuple(x) for x in test[3]}) for test in recorded]
    return sorted(passed, key=lambda test: test[:2])


def choose(tests, file, line, seconds):
    """Return the tests to run on a change of a line, as many as fit in the time.

    What runs when a module is imported, no test executes: then all that enter the file.
    """
    chosen = [test for test in tests if (file, line) in test[2]]
    chosen = chosen or [test for test in tests if any(name == file for name, _ in test[2])]
    names = []
    for needed, name, _ in chosen:
        seconds -= needed
        if seconds > 0:
            names.append(name)
    return names


def run(package, sample, seed, seconds):
    """Return (number of all mutants, tried, killed, survivors)."""
    everything = mutants(package)
    chosen = random.Random(seed).sample(everything, min(sample, len(everything)))
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder).resolve() / "copy"
        folder.mkdir()
        for name in ("skmtl", "tests"):
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        shutil.copy(ROOT / "pyproject.toml", folder)
        start = time.monotonic()
        tests = record(folder, package)
        names = [name for _, name, _ in tests]
        assert run_pytest(folder, ["--collect-only", *names], 600), "tests are not found by name"
        print(f"{len(tests)} tests recorded in {time.monotonic() - start:.0f} s", flush=True)
        survivors = []
        for path, position, number, word, line in sorted(chosen, key=str):
            target = folder / path.relative_to(ROOT)
            names = choose(tests, str(target), line, seconds)
            original = target.read_text(encoding="utf-8")
            target.write_text(mutated(path, position, number), encoding="utf-8")
            passed = not names or run_pytest(folder, names, 30 + 3 * seconds)
            target.write_text(original, encoding="utf-8")
            if passed is None:
                print(f"stopped {path.relative_to(ROOT)}:{line}: {word}", flush=True)
            if passed:
                survivors.append(f"{path.relative_to(ROOT)}:{line}: {word}")
                print(f"survived {len(names)} tests", survivors[-1], flush=True)
    return len(everything), len(chosen), len(chosen) - len(survivors), survivors


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", nargs="*", default=list(TESTS))
    parser.add_argument("--sample", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="as recorded, of the tests on one mutant"
    )
    options = parser.parse_args()
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.dont_write_bytecode = True
    for name in ("numpy", "pandas", "sklearn.model_selection", "pytest"):
        importlib.import_module(name)
    if set(STRATEGIES) & set(options.packages):
        for name in ("tensorflow", "keras", "torch", "torchjd"):
            try:
                importlib.import_module(name)
            except ImportError:
                print(f"without {name}")
    total = [0, 0, 0]
    for package in options.packages:
        start = time.monotonic()
        *counts, _ = run(package, options.sample, options.seed, options.seconds)
        total = [a + b for a, b in zip(total, counts, strict=True)]
        print(
            f"{package:16} {counts[0]:5} mutants, {counts[1]:4} tried, {counts[2]:4} killed "
            f"({counts[2] / counts[1]:.0%}), {time.monotonic() - start:.0f} s",
            flush=True,
        )
    share = total[2] / total[1]
    print(f"{'all':16} {total[0]:5} mutants, {total[1]:4} tried, {total[2]:4} killed ({share:.1%})")


if __name__ == "__main__":
    main()
