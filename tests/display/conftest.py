"""Figures are drawn without a screen and closed after each test."""

import pytest

from skmtl.display import _legible

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("agg")


@pytest.fixture(autouse=True)
def _close_figures():
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


@pytest.fixture
def only_latin(monkeypatch):
    """A machine on which no font has Chinese characters."""
    from matplotlib import font_manager

    latin = [e for e in font_manager.fontManager.ttflist if "中" not in characters_of(e)]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", latin)
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    return latin


def characters_of(entry):
    is_placeholder = _legible._PLACEHOLDERS in entry.name
    return "" if is_placeholder else _legible._characters(entry.fname)
