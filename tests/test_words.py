"""Sources, tests and pages use the field's terms and natural English."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PATTERNS = (
    "*.md",
    "docs/*.md",
    "docs/zh/*.md",
    "docs/*.py",
    "docs/_extensions/*.py",
    "skmtl/**/*.py",
    "tests/**/*.py",
    "examples/**/*.py",
    "pyproject.toml",
)
FILES = sorted(path for pattern in PATTERNS for path in ROOT.glob(pattern))

# what to write instead
INSTEAD = {
    r"pictures?": "image",
    r"\bpictured?\b": "image",
    r"\btold\b": "say what is passed or raised",
    r"\banew\b": "again",
    r"\bsomebody\b": "say who: a user, a reader",
    r"\bwhoever\b": "say who: callers, users",
    r"\bof (its|their) own\b": "its, their; separate; independent; custom",
    r"\bof ill intent\b": "malicious",
    r"\bLikewise\.": "say it",
    r"\bOf the program\.": "name the program",
    r"\bas it must be\b": "invalid, malformed",
    r"\bhas come to\b": "say what it is: progress, result, state",
    r"\bto go on from\b": "to continue from",
    r"\bgo on from\b": "continue from",
    r"\bwithin its seconds\b": "includes compilation",
    r"\bplans its steps beforehand\b": "say what is returned",
    r"\bdoes not hold predict\b": "out of device memory",
}
BANNED = re.compile("|".join(INSTEAD), re.IGNORECASE)

# a line of these files may have the words of the same entry, for the reason beside it
ALLOWED = {
    "CHANGELOG.md": BANNED,  # what was written then
    "tests/test_words.py": BANNED,  # the list itself
}


def found(path):
    """Return the banned words of a file, as line number and words."""
    allowed = ALLOWED.get(path.relative_to(ROOT).as_posix())
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    hits = [(number, match[0]) for number, line in lines for match in BANNED.finditer(line)]
    return [hit for hit in hits if not (allowed and allowed.search(hit[1]))]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_words_are_the_fields_terms(path):
    assert found(path) == []


def test_names_of_files_too():
    names = [path.relative_to(ROOT).as_posix() for path in FILES]
    assert [name for name in names if re.search("picture", name)] == []


@pytest.mark.parametrize("text", ["A picture.", "is told", "Likewise.", "of its own", "PICTURES"])
def test_the_search_finds_them(text):
    assert BANNED.search(text)
