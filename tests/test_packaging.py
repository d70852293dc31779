"""The package is light to import, and what is published is complete and readable."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import skmtl

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from setup import description  # noqa: E402

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)


def test_rooms_and_names_are_imported_on_first_use():
    code = """
import sys
import skmtl
assert not {"numpy", "pandas", "sklearn", "tensorflow", "keras"} & set(sys.modules)
skmtl.preprocessing.JiebaTokenizer, skmtl.model_selection.MultiTaskStratifiedKFold
assert "tensorflow" not in sys.modules
assert {"preprocessing", "load", "MultiTaskClassifier", "display"} <= set(dir(skmtl))
"""
    run(code)
    assert skmtl.load is skmtl.persistence.load
    with pytest.raises(AttributeError, match="module 'skmtl' has no attribute 'nothing'"):
        skmtl.nothing  # noqa: B018


def test_type_checkers_see_what_is_imported_on_first_use():
    text = (ROOT / "skmtl" / "__init__.py").read_text(encoding="utf-8")
    seen = text.split("TYPE_CHECKING:", 1)[1].split("__version__")[0]
    for name in [*skmtl.__all__, *skmtl._ROOMS]:
        assert re.search(rf"\b{name}\b", seen), name


# -- the README on an index -----------------------------------------------------------------------

TEXT = """![an image](docs/a.png) [a page](docs/b.md#c) [there](https://example.org) [here](#c)

```python
x[0](1)
```
"""


def test_links_of_the_readme_are_absolute_on_an_index():
    assert description(TEXT, "https://example.org/skmtl").splitlines()[0] == (
        "![an image](https://example.org/skmtl/raw/main/docs/a.png) "
        "[a page](https://example.org/skmtl/blob/main/docs/b.md#c) "
        "[there](https://example.org) [here](#c)"
    )


def test_without_a_home_links_are_words():
    text = description(TEXT)
    assert text.splitlines()[0] == " a page [there](https://example.org) [here](#c)"
    assert "x[0](1)" in text
    left = re.findall(r"\]\(([^)]+)\)", description((ROOT / "README.md").read_text("utf-8")))
    assert [target for target in left if not target.startswith(("https://", "#"))] == []


# -- extras ---------------------------------------------------------------------------------------


def test_every_extra_is_explained():
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    for extra in PROJECT["optional-dependencies"]:
        assert f"`{extra}`" in page, extra


def test_nothing_says_to_install_skmtl_from_an_index():
    paths = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("skmtl/**/*.py")]
    pattern = re.compile(r"pip install[^\n`]*\bskmtl\b")
    assert [path for path in paths if pattern.search(path.read_text(encoding="utf-8"))] == []
