"""What the documentation shows runs, prints what it says, and leads somewhere.

Conventions of the pages:

- The ```python blocks of a page are one program, run from the top in an empty folder.
- A ```text block right after one is what it prints: same words, numbers within 0.05.
- ``<!-- needs: package -->`` before a block skips it where the package is not installed.
- ``<!-- not run: reason -->`` before a block says why it is never run.
"""

import contextlib
import importlib.util
import io
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
FENCE = re.compile(
    r"(?:<!-- (?P<mark>needs|not run): (?P<why>.*?) -->\n+)?"
    r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<printed>.*?)```)?",
    re.S,
)
NUMBER = re.compile(r"-?\d+\.\d+")


def read(page):
    return page.read_text(encoding="utf-8")


def blocks(page):
    """Return mark, reason, code, what it prints and its line, of every Python block of a page."""
    text = read(page)
    found = list(FENCE.finditer(text))
    assert len(found) == len(re.findall(r"^```python$", text, re.M)), page.name
    return [(*m.group("mark", "why", "code", "printed"), text.count("\n", 0, m.start("code"))) for m in found]


def same(printed, expected):
    assert NUMBER.sub("#", printed).split() == NUMBER.sub("#", expected).split()
    pairs = zip(NUMBER.findall(printed), NUMBER.findall(expected), strict=True)
    assert all(abs(float(one) - float(two)) <= 0.05 for one, two in pairs), printed


def runnable():
    for page in PAGES:
        if blocks(page):
            yield pytest.param(page, id=page.name)


@pytest.mark.slow
@pytest.mark.parametrize("page", list(runnable()))
def test_the_examples_of_a_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    names = {"__name__": "page"}
    for mark, why, code, printed, line in blocks(page):
        if mark == "not run" or (mark == "needs" and importlib.util.find_spec(why) is None):
            continue
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            # blank lines before, so that errors name the line of the page
            exec(compile("\n" * line + code, str(page), "exec"), names)
        if printed is not None:
            same(out.getvalue(), printed)
