"""What the documentation shows runs, prints what it says, and leads somewhere; see page_blocks."""

import importlib
import re
from pathlib import Path

import pytest
from page_blocks import blocks, programs, read, run
from public_face import public_modules

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), *DOCS.glob("zh/*.md")])
README = ROOT / "README.md"
CHINESE = DOCS / "README.zh-CN.md"


def name_of(page):
    return page.relative_to(page.parents[page.parent.name == "zh"]).as_posix()


def runnable():
    translations = {CHINESE, *DOCS.glob("zh/*.md")}  # their blocks are those of the English pages
    for page in [README, *PAGES]:
        if blocks(page) and page not in translations:
            yield pytest.param(page, id=name_of(page))


@pytest.mark.slow
# tf2onnx looks at a name that NumPy has given up
@pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")
# the README shows a broken image
@pytest.mark.filterwarnings("ignore:X. column 'photo'. 1 of 240 images cannot be read:UserWarning")
@pytest.mark.parametrize("page", list(runnable()))
def test_the_examples_of_a_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    run(page)


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
    pages = {name_of(page).removesuffix(".md") for page in PAGES} - {"index"}
    assert set(listed) == pages | {"gallery/index"}


def anchors(page):
    """Return the anchors of a page's headings, as GitHub and the site make them."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", read(page), flags=re.S), re.M)
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("page", [README, *PAGES], ids=name_of)
def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", read(page), flags=re.S)
    for target, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)", text):
        if target.startswith("http"):
            continue
        there = page if not target else page.parent / target
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), f"{target}#{anchor}"


@pytest.mark.parametrize("page", [README, *PAGES], ids=name_of)
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


# -- figures and translations -------------------------------------------------------------------


def figures(text):
    return re.findall(r"\d+(?:[.,]\d+)*", text)


def test_measured_figures_are_those_of_the_pages():
    rows = re.findall(
        r"^\| (.*?) \| (.*?) \| .*? \| \[.*?\]\((.*?)\) \|$", read(DOCS / "measured.md"), re.M
    )
    assert len(rows) >= 5
    for what, measured, page in rows:
        for figure in re.findall(r"\d+\.\d+(?: ± \d+\.\d+)?", measured):
            assert figure in read(DOCS / page), f"{what}: {figure} is not in {page}"


def translated():
    yield pytest.param(README, CHINESE, id=CHINESE.name)
    for page in sorted(DOCS.glob("zh/*.md")):
        yield pytest.param(DOCS / page.name, page, id=name_of(page))


@pytest.mark.parametrize(("english", "chinese"), list(translated()))
def test_a_translation_keeps_step(english, chinese):
    english, chinese = read(english), read(chinese)
    assert programs(english) == programs(chinese)
    without = re.compile(r"```.*?```", re.S)
    english, chinese = without.sub("", english), without.sub("", chinese)
    assert re.findall(r"^#+", english, re.M) == re.findall(r"^#+", chinese, re.M)
    one, other = (re.findall(r"^\|.*\|$", text, re.M) for text in (english, chinese))
    assert [len(row.split("|")) for row in one] == [len(row.split("|")) for row in other]
    for row, same_row in zip(one, other, strict=True):
        if "examples/" in row or re.search(r"\d\.\d{2}", row):
            assert figures(row) == figures(same_row), row
    links = re.compile(r"\]\([\w./]*?([\w.-]+\.(?:md|py|png))[)#]")
    own = {"README.zh-CN.md", "index.md", "quickstart.md"}
    assert set(links.findall(english)) - own == set(links.findall(chinese)) - own
