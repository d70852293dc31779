"""The Python blocks of a page are one program, which is run from the top in an empty folder.

Conventions:

- A ```text block right after a ```python block is what it prints: same words, numbers within 0.05.
- ``<!-- needs: package -->`` before a block skips it where the package is not installed.
- ``<!-- not run: reason -->`` before a block says why it is never run.
"""

import contextlib
import importlib.util
import io
import re

FENCE = re.compile(
    r"(?:<!-- (?P<mark>needs|not run): (?P<why>.*?) -->\n+)?"
    r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<printed>.*?)```)?",
    re.S,
)
NUMBER = re.compile(r"-?\d+\.\d+")
COMMENT = re.compile(r"(?<=\S)  +#.*$|^ *#.*\n", re.M)


def read(page):
    return page.read_text(encoding="utf-8")


def blocks(page):
    """Return mark, reason, code, what it prints and its line, of every Python block of a page."""
    text = read(page)
    found = list(FENCE.finditer(text))
    assert len(found) == len(re.findall(r"^```python$", text, re.M)), page.name
    return [
        (*m.group("mark", "why", "code", "printed"), text.count("\n", 0, m.start("code")))
        for m in found
    ]


def programs(text):
    """Return what a page runs and prints, without comments, which a translation may change."""
    code = re.findall(r"```\w*\n.*?```", text, re.S)
    return [COMMENT.sub("", block) for block in code]


def run(page):
    """Run a page in the working folder, and compare what it prints with what it says."""
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


def same(printed, expected):
    assert NUMBER.sub("#", printed).split() == NUMBER.sub("#", expected).split()
    pairs = zip(NUMBER.findall(printed), NUMBER.findall(expected), strict=True)
    assert all(abs(float(one) - float(two)) <= 0.05 for one, two in pairs), printed
