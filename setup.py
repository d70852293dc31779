"""What `pyproject.toml` cannot say: the README as a package index shows it."""

import re
import tomllib
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).parent


def description(text, home=None):
    """Return Markdown whose links work anywhere: absolute, or as plain words without a home.

    Parameters
    ----------
    text : str
        The README, with links that are relative to it.
    home : str, optional
        The address of the repository, from ``[project.urls]`` in ``pyproject.toml``.

    Returns
    -------
    str
        Images without an address are left out.
    """
    code = re.compile(r"(```.*?```)", re.S)
    image = re.compile(r"!\[([^\]]*)\]\((?!https?:)([^)]+)\)")
    link = re.compile(r"(?<!!)\[([^\]]*)\]\((?!https?:|#)([^)]+)\)")
    parts = code.split(text)
    for number, part in enumerate(parts):
        if part.startswith("```"):
            continue
        part = image.sub(rf"![\1]({home}/raw/main/\2)" if home else "", part)
        parts[number] = link.sub(rf"[\1]({home}/blob/main/\2)" if home else r"\1", part)
    return "".join(parts)


if __name__ == "__main__":
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    setup(
        long_description=description(
            (ROOT / "README.md").read_text(encoding="utf-8"), project.get("urls", {}).get("Source")
        ),
        long_description_content_type="text/markdown",
    )
