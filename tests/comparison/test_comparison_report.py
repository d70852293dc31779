"""A comparison as one page: complete, escaped, and without any other file."""

import base64
import re
import sys
from html.parser import HTMLParser

import pandas as pd
import pytest
from fake_techniques import NoisyRule, make_table
from sklearn.model_selection import KFold

import skmtl
from skmtl.comparison import Comparison, compare_techniques

EVIL = '<script>alert(1)</script> & "quotes" 标题'


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.texts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data):
        self.texts.append(data)


def compare(techniques, tmp_path, **options):
    X, y = make_table()
    comparison = compare_techniques(techniques, X, y, **{"cv": 3, "verbose": 0, **options})
    comparison.to_html(tmp_path / "page.html")
    return comparison, (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_page_has_all_of_a_comparison(tmp_path):
    pytest.importorskip("matplotlib")
    techniques = {"exact": NoisyRule(), "noisy": NoisyRule(0.3)}
    comparison, text = compare(techniques, tmp_path, n_repeats=2)
    page = Page(text)
    words = " ".join(page.texts)
    cells = set(page.texts)
    assert set(comparison.table().to_numpy().ravel()) <= cells
    assert "NoisyRule(error=0.3)" in cells
    assert "cv=3, n_repeats=2, random_state=0" in cells
    assert "60 rows; left, right" in cells
    assert skmtl.__version__ in cells
    assert "Differences from exact" in words
    scores = pd.concat([comparison.scores_of(name) for name in techniques])
    rows = re.findall(r"<td>\d</td>\s*<td>\d</td>((?:\s*<td>.*?</td>){3})", text)
    found = [re.findall(r"<td>(.*?)</td>", row) for row in rows]
    assert found == [[f"{score:.3f}" for score in row] for row in scores.to_numpy()]


def test_a_page_needs_no_other_file(tmp_path):
    pytest.importorskip("matplotlib")
    _, text = compare({"exact": NoisyRule()}, tmp_path)
    page = Page(text)
    (image,) = page.links
    assert base64.b64decode(image.removeprefix("data:image/png;base64,")).startswith(b"\x89PNG")
    assert not {"script", "link", "iframe"} & set(page.tags)
    assert "url(" not in text
    assert "Differences" not in text  # there is nothing to compare with


def test_every_text_is_escaped(tmp_path):
    techniques = {EVIL: NoisyRule(), "fails": NoisyRule(fail_on=0, log=str(tmp_path / "<b>"))}
    _, text = compare(techniques, tmp_path)
    page = Page(text)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert EVIL in page.texts
    assert "RuntimeError: cannot learn with seed 0" in page.texts
    assert "<script>" not in text


def test_without_matplotlib_a_page_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    _, text = compare({"exact": NoisyRule()}, tmp_path)
    assert "matplotlib is not installed" in text
    assert "<img" not in text


def test_long_settings_are_cut_and_splits_are_counted(tmp_path):
    rows = list(KFold(3).split(range(60)))
    comparison, text = compare({"long": NoisyRule(fail_on="x" * 3000)}, tmp_path, cv=rows)
    assert comparison.settings["(splits)"].startswith("cv=3 pairs of rows")
    assert len(comparison.settings["long"]) == 2000
    assert "x" * 2000 not in text


def test_a_comparison_of_runs_alone_has_no_settings(tmp_path):
    comparison, _ = compare({"exact": NoisyRule()}, tmp_path)
    Comparison(comparison.runs, baseline="exact").to_html(tmp_path / "bare.html")
    assert "Settings" not in (tmp_path / "bare.html").read_text(encoding="utf-8")
    with pytest.raises(OSError, match="missing"):
        comparison.to_html(tmp_path / "missing" / "page.html")
