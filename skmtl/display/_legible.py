"""A font for any text, or its code points: Chinese never ends up as empty boxes."""

import warnings
from functools import lru_cache

from ._cells import shorten

# simplified Chinese first; whatever else is installed is searched after these
_PREFERRED = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Noto Sans CJK JP",  # the first face of the collection, which is the one matplotlib reads
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "Droid Sans Fallback",
    "Arial Unicode MS",
)
_PLACEHOLDERS = "Last Resort"  # a font that has a box for every character there is


class Legible:
    """How to draw some texts with the fonts that are installed.

    Parameters
    ----------
    texts : iterable of object
        All that is going to be drawn; each is turned into a str.

    Attributes
    ----------
    family : list of str
        For ``fontfamily=``: the families in use, and one more that has the characters they lack.
    lacking : str
        Characters that no installed font has; `show` writes their code points. If there are any,
        making the object warns once.
    """

    def __init__(self, texts):
        from matplotlib import rcParams

        needed = {c for text in texts for c in str(text) if c.isprintable() and not c.isspace()}
        self.family = list(rcParams["font.family"])
        for name in self.family:
            needed -= _characters(_path_of(name))
        if needed:
            extra, covered = _find_font(frozenset(needed))
            if extra is not None:
                self.family.append(extra)
                needed -= covered
        self.lacking = "".join(sorted(needed))
        self._lacking = needed
        if needed:
            some = self.lacking[:5] + ("…" if len(self.lacking) > 5 else "")
            warnings.warn(
                f"No installed font has the characters {some!r}; their code points are shown "
                "instead. Install a font that has them, for Chinese Noto Sans CJK for instance "
                "(Debian and Ubuntu: apt-get install fonts-noto-cjk).",
                UserWarning,
                stacklevel=3,
            )

    def show(self, text, width=None, n_lines=1):
        """Return a text as matplotlib is to draw it.

        Parameters
        ----------
        text : object
            One of the texts given.
        width : int, optional
            Columns of a line, a wide character counting two; what is longer is broken, and cut off
            after `n_lines`.
        n_lines : int, default=1
            Most lines.

        Returns
        -------
        str
            Characters without a glyph as code points; dollar signs as themselves, not as the
            start of a formula.
        """
        shown = "".join(_escape(c) if self._is_lacking(c) else c for c in str(text))
        if width is not None:
            shown = shorten(shown, width, n_lines)
        return shown.replace("$", r"\$")

    def _is_lacking(self, character):
        unprintable = not character.isprintable() and not character.isspace()
        return unprintable or character in self._lacking


def _escape(character):
    return character.encode("unicode_escape").decode()


def _find_font(needed):
    """Return the family that has the most of some characters, and what it has of them."""
    from matplotlib import font_manager

    best, covered = _search(font_manager.fontManager.ttflist, needed)
    if len(covered) < len(needed):
        # matplotlib keeps its list of fonts in a file: what was installed since is not in it
        known = {entry.fname for entry in font_manager.fontManager.ttflist}
        new = sorted(set(font_manager.findSystemFonts()) - known)
        for path in new:
            if len(_characters(path) & needed) > len(covered):
                font_manager.fontManager.addfont(path)
        if new:
            best, covered = _search(font_manager.fontManager.ttflist, needed)
    return best, covered


def _search(entries, needed):
    rank = {name: i for i, name in enumerate(_PREFERRED)}
    usable = [e for e in entries if e.style == "normal" and _PLACEHOLDERS not in e.name]
    ordered = sorted(usable, key=lambda e: (rank.get(e.name, len(rank)), e.name, _weight(e)))
    best, covered = None, set()
    for entry in ordered:
        has = _characters(entry.fname) & needed
        if len(has) > len(covered):
            best, covered = entry.name, has
        if len(covered) == len(needed):
            break
    return best, covered


def _weight(entry):
    return abs(entry.weight - 400) if isinstance(entry.weight, int) else 0


def _path_of(family):
    from matplotlib import font_manager

    try:
        properties = font_manager.FontProperties(family=[family])
        return font_manager.findfont(properties, fallback_to_default=False)
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _characters(path):
    """Return the characters that a font file has glyphs for."""
    from matplotlib.ft2font import FT2Font

    if path is None:
        return frozenset()
    try:
        return frozenset(map(chr, FT2Font(path).get_charmap()))
    except (OSError, RuntimeError):  # a file that FreeType cannot read
        return frozenset()
