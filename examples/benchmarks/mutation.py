"""Mutation run: small changes of the code that the tests must notice.

A sample of mutants is drawn with a fixed seed. Each is written into a copy of the package, and the
tests of its package run in a process forked from one that has imported the slow libraries.

    python examples/benchmarks/mutation.py [--sample 60] [--seed 0] [package ...]
"""

import argparse
import ast
import copy
import importlib
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
    # of the strategies the quick tests, and of these those with the method's name in their own: a
    # step that is compiled anew for every mutant takes minutes; parity needs the extra of that name
    "weighting": [f"tests/weighting/test_weighting_{n}.py" for n in ("values", "properties")],
    "aggregation": [
        f"tests/aggregation/test_aggregation_{n}.py"
        for n in ("values", "references", "properties", "contract", "parity")
    ],
}
STRATEGIES = ("weighting", "aggregation")
NAMES = {
    "_base": "own or asks_for or program or aligned",
    "_objective": "gls or stch or famo or rlw or tchebycheff or geometric",
    "_balance": "nash or fairgrad",
    "_complementarity": "mgda or cagrad or upgrad or dualproj or optimal",
    "_gramian": "values or two_steps or orders or closed_forms",
    "_fixed": "weighted_losses or parameters or fixed",
    "_imtl_g": "imtl",
    "_imtl_l": "weighted_losses or imtl_l",
    "_uncertainty": "weighted_losses or uncertainty",
    "_stch": "stch or tchebycheff or parameters or terms or present",
    "_gls": "gls or geometric or terms or present",
    "_famo": "famo or parameters",
    "_dwa": "dwa or dynamic or parameters",
    "_gradnorm": "gradnorm or parameters",
    "_aligned_mtl": "aligned",
    "_db_mtl": "db_mtl",
    "_nash_mtl": "nash",
}
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


def tests_pass(folder, tests, limit, names) -> bool:
    """Run the tests with one of these names in a forked process; too long is a failure."""
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
        options += ["--hypothesis-seed=0", "--hypothesis-profile=quick", "-k", names]
        os._exit(int(pytest.main([*options, *tests]) != 0))
    end = time.monotonic() + limit
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status == 0
        time.sleep(0.05)
    print(f"stopped after {limit:.0f} s", flush=True)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def run(package, sample, seed):
    """Return (number of all mutants, tried, killed, survivors)."""
    everything = mutants(package)
    chosen = random.Random(seed).sample(everything, min(sample, len(everything)))
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder) / "copy"
        folder.mkdir()
        for name in ("skmtl", "tests"):
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        shutil.copy(ROOT / "pyproject.toml", folder)
        survivors, limits = [], {}
        for path, position, number, word, line in sorted(chosen, key=str):
            names = ""
            if package in STRATEGIES:
                names = NAMES.get(path.stem, path.stem.strip("_")) + " or parameters_are_checked"
            if names not in limits:
                start = time.monotonic()
                assert tests_pass(folder, TESTS[package], 900, names), f"{names!r} fails unchanged"
                limits[names] = 30 + 4 * (time.monotonic() - start)
            target = folder / path.relative_to(ROOT)
            original = target.read_text(encoding="utf-8")
            target.write_text(mutated(path, position, number), encoding="utf-8")
            if tests_pass(folder, TESTS[package], limits[names], names):
                survivors.append(f"{path.relative_to(ROOT)}:{line}: {word}")
                print("survived", survivors[-1], flush=True)
            target.write_text(original, encoding="utf-8")
    return len(everything), len(chosen), len(chosen) - len(survivors), survivors


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", nargs="*", default=list(TESTS))
    parser.add_argument("--sample", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
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
        *counts, _ = run(package, options.sample, options.seed)
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
