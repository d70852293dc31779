"""Chinese is drawn with a font that has it, or as code points, never as empty boxes."""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager

from skmtl.display._legible import Legible


def make_font(path, characters, family):
    """Write a font whose glyphs are black squares."""
    names = [".notdef", *(f"u{ord(c):x}" for c in characters)]
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 800), (800, 800), (800, 0)):
        pen.lineTo(corner)
    pen.closePath()
    square = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(c): f"u{ord(c):x}" for c in characters})
    builder.setupGlyf(dict.fromkeys(names, square))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (1000, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    return str(path)


def ink(texts, legible):
    """Draw texts and return how much of the figure is black; missing glyphs are an error."""
    figure, ax = plt.subplots(figsize=(4, 1))
    ax.set_axis_off()
    ax.text(0, 0.5, " ".join(map(legible.show, texts)), fontfamily=legible.family)
    figure.canvas.draw()
    return (np.asarray(figure.canvas.buffer_rgba())[..., 0] < 128).sum()


def test_latin_needs_no_other_font():
    legible = Legible(["group", "Δm ± 3 %"])
    assert legible.family == list(plt.rcParams["font.family"])
    assert legible.lacking == ""


@pytest.mark.usefixtures("only_latin")
def test_a_font_that_has_the_characters_is_found(tmp_path):
    path = make_font(tmp_path / "squares.ttf", "中文", "Squares")
    font_manager.fontManager.addfont(path)
    legible = Legible(["中文", "task"])
    assert legible.family[-1] == "Squares"
    assert legible.show("中文 task") == "中文 task"
    assert ink(["中文"], legible) > 200


@pytest.mark.usefixtures("only_latin")
def test_a_font_installed_since_is_found(tmp_path, monkeypatch):
    path = make_font(tmp_path / "new.ttf", "中文", "Newcomer")
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [path])
    assert Legible(["中文"]).family[-1] == "Newcomer"


@pytest.mark.usefixtures("only_latin")
def test_without_a_font_code_points_are_shown_and_it_is_said_once():
    with pytest.warns(UserWarning, match="No installed font has the characters '中文'") as caught:
        legible = Legible(["中文 task", "中"])
    assert len(caught) == 1
    assert "fonts-noto-cjk" in str(caught[0].message)
    assert legible.lacking == "中文"
    assert legible.show("中文 task") == r"\u4e2d\u6587 task"
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a glyph it does not have
        assert ink(["中文"], legible) > 50


@pytest.mark.usefixtures("only_latin")
def test_of_two_fonts_the_one_with_more_characters_is_taken(tmp_path):
    for characters, family in (("中", "Few"), ("中文", "Many")):
        font_manager.fontManager.addfont(make_font(tmp_path / f"{family}.ttf", characters, family))
    assert Legible(["中文"]).family[-1] == "Many"
    with pytest.warns(UserWarning, match="characters '字'"):
        legible = Legible(["中文字"])
    assert legible.show("中文字") == r"中文\u5b57"


def test_an_installed_font_draws_chinese():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        legible = Legible(["表情符号"])
    if legible.lacking:
        pytest.skip("no installed font has Chinese characters")
    assert ink(["表情符号"], legible) > 100


@pytest.mark.parametrize(
    ("text", "shown"),
    [("$5 and $6", r"\$5 and \$6"), ("a\nb", "a\nb"), ("bell\a", r"bell\x07"), (3, "3")],
)
def test_nothing_is_taken_for_a_formula_or_a_control_sign(text, shown):
    legible = Legible([text])
    assert legible.show(text) == shown
    ink([text], legible)


def test_global_settings_stay_as_they_are():
    before = dict(plt.rcParams)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        Legible(["中文"])
    assert dict(plt.rcParams) == before
