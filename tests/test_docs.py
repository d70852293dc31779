"""What the documentation shows runs, prints what it says, and leads somewhere.

Conventions of the pages:

- The ```python blocks of a page are one program, run from the top in an empty folder.
- A ```text block right after one is what it prints: same words, numbers within 0.05.
- ``<!-- needs: package -->`` before a block skips it where the package is not installed.
- ``<!-- not run: reason -->`` before a block says why it is never run.
"""

import contextlib
import importlib
import importlib.util
import io
import re
from pathlib import Path

import pytest
from public_face import public_modules

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
    return [
        (*m.group("mark", "why", "code", "printed"), text.count("\n", 0, m.start("code")))
        for m in found
    ]


def same(printed, expected):
    assert NUMBER.sub("#", printed).split() == NUMBER.sub("#", expected).split()
    pairs = zip(NUMBER.findall(printed), NUMBER.findall(expected), strict=True)
    assert all(abs(float(one) - float(two)) <= 0.05 for one, two in pairs), printed


def runnable():
    for page in PAGES:
        if blocks(page) and page.name != "README.zh-CN.md":  # its blocks are those of the README
            yield pytest.param(page, id=page.name)


@pytest.mark.slow
# tf2onnx looks at a name that NumPy has given up
@pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")
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


# -- every page is reached, every link leads somewhere ------------------------------------------


def contents():
    """Return the pages that the tables of contents of the index name."""
    listed = re.findall(r"```\{toctree\}\n(.*?)```", read(DOCS / "index.md"), re.S)
    lines = [line for block in listed for line in block.splitlines()]
    lines = [line for line in lines if line and not line.startswith(":")]
    return [re.sub(r".*<(.*)>", r"\1", line) for line in lines]


def test_the_contents_name_every_page_once():
    listed = contents()
    assert len(listed) == len(set(listed))
    pages = {page.stem for page in PAGES if page.name != "index.md"}
    assert set(listed) == pages | {"gallery/index"}


def anchors(page):
    """Return the anchors of a page's headings, as GitHub and the site make them."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", read(page), flags=re.S), re.M)
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", read(page), flags=re.S)
    for target, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)", text):
        if target.startswith("http"):
            continue
        there = page if not target else page.parent / target
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), f"{target}#{anchor}"


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_files_that_a_page_names_are_there(page):
    for name in re.findall(r"(?:examples|tests)/[\w/]+(?![\w/*])(?:\.py)?", read(page)):
        assert (ROOT / name).exists(), name


# -- the API reference --------------------------------------------------------------------------


def entries():
    """Return the names in the API reference, as module and name."""
    module = None
    for line in read(DOCS / "api.md").splitlines():
        if line.startswith(".. currentmodule:: "):
            module = line.split()[-1]
        elif found := re.fullmatch(r"(?:   |\.\. data:: )(\w+)", line):
            yield module, found[1]


def test_every_public_name_has_an_entry_and_every_entry_a_name():
    listed = list(entries())
    assert len(listed) == len(set(listed))
    for module, name in listed:
        assert name in importlib.import_module(module).__all__, f"{module}.{name}"
    known = {id(getattr(importlib.import_module(module), name)) for module, name in listed}
    for module in public_modules():
        missing = [name for name in module.__all__ if id(getattr(module, name)) not in known]
        assert not missing, f"{module.__name__}: {missing} are not in docs/api.md"


# -- the README ---------------------------------------------------------------------------------


def test_figures_of_the_readme_are_those_of_the_pages():
    section = re.search(r"## Measured\n(.*?)\n## ", read(ROOT / "README.md"), re.S)[1]
    rows = re.findall(r"^\| (.*?) \| (.*?) \| .*? \| \[.*?\]\((.*?)\) \|$", section, re.M)
    assert len(rows) >= 5
    for what, measured, page in rows:
        for figure in re.findall(r"\d+\.\d+(?: ± \d+\.\d+)?", measured):
            assert figure in read(ROOT / page), f"{what}: {figure} is not in {page}"


def figures(text):
    return re.findall(r"\d+(?:[.,]\d+)*", text)


def test_the_chinese_readme_keeps_step():
    english, chinese = read(ROOT / "README.md"), read(DOCS / "README.zh-CN.md")
    assert re.findall(r"^#+", english, re.M) == re.findall(r"^#+", chinese, re.M)
    code = re.compile(r"```\w*\n.*?```", re.S)
    assert code.findall(english) == code.findall(chinese)
    one, other = (re.findall(r"^\|.*\|$", text, re.M) for text in (english, chinese))
    assert [len(row.split("|")) for row in one] == [len(row.split("|")) for row in other]
    for row, same_row in zip(one, other, strict=True):
        if "examples/" in row or "±" in row:
            assert figures(row) == figures(same_row), row
    links = re.compile(r"\]\((?:docs/|\.\./)?([\w.-]+\.md)\)")
    own = {"README.zh-CN.md", "index.md"}
    assert set(links.findall(english)) - own == set(links.findall(chinese)) - own
