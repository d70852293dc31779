"""The scripts that make and check the site: formulas become MathML, faults of pages are found."""

import re
import shutil
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"
sys.path[:0] = [str(DOCS), str(DOCS / "_extensions")]
import check_site  # noqa: E402
from mathml import mathml  # noqa: E402

FORMULA = re.compile(r":math:`([^`]+)`|\.\. math::(.*?)\n\s*\n|```\{math\}\n(.*?)```", re.S)


def formulas():
    """Return the formulas of pages and of docstrings of the public interface, by file."""
    sources = DOCS.parent / "skmtl"
    files = [*DOCS.glob("*.md"), *sources.rglob("*.py")]
    for file in files:
        # docstrings that are not raw write a backslash as two
        text = file.read_text(encoding="utf-8").replace("\\\\", "\\")
        for groups in FORMULA.findall(text):
            yield file, "".join(groups)


def test_every_formula_becomes_mathml():
    found = list(formulas())
    assert len(found) > 20
    # a file for developers, which no page shows, has an arrow that LaTeX does not know
    shown = [formula for file, formula in found if file.parent.name != "_runtime"]
    assert all("<math" in mathml(formula, as_block=True) for formula in shown)


def test_brackets_keep_their_names():
    assert mathml(r"\Big(x\Big)") == mathml("(x)")
    assert mathml(r"\bigcup x") != mathml(r"cup x")


def write(folder, **pages):
    for name, body in pages.items():
        text = f"<!DOCTYPE html><html><head><title>page</title></head><body>{body}</body></html>"
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return sorted(folder.glob("*.html"))


def test_dead_links_are_found(tmp_path):
    good = '<a href="two.html#here">x</a><a href="#top">x</a><a href="https://example.org/a">x</a>'
    bad = '<a href="two.html#gone">x</a><img src="none.png"><p id="here"></p>'
    pages = write(tmp_path, one=good, two=bad)
    assert check_site.dead_links(tmp_path, pages) == [
        "two.html: two.html#gone",
        "two.html: none.png",
    ]


@pytest.mark.slow
def test_faults_are_seen_in_a_browser(tmp_path):
    pytest.importorskip("playwright", reason="playwright comes with the extra docs")
    chromium = shutil.which("chromium") or pytest.skip("there is no Chromium")
    pages = write(
        tmp_path,
        error="<script>nothing()</script>",
        good="<article><pre>short</pre></article><link rel='icon' href='data:,'>",
        leaves='<img src="http://example.invalid/a.png">',
        wide=f"<article><pre>{'x' * 200}</pre></article>",
    )
    wrong = check_site.look_at(tmp_path, pages, chromium, None)
    assert {one.split(":")[0] for one in wrong} == {"error.html", "leaves.html", "wide.html"}
    assert any("nothing is not defined" in one for one in wrong)
    assert any("leaves the machine: http://example.invalid/a.png" in one for one in wrong)
    assert sum("cut off at" in one for one in wrong) >= 2
