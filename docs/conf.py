"""The documentation: `sphinx-build -W docs docs/_build/html`, see contributing.md."""

import os
import re
import sys
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import skmtl

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "skmtl"
author = "the skmtl contributors"
copyright = "the skmtl contributors"
version = release = skmtl.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "mathml",
    "one_text",
]
html_math_renderer = "mathml"
root_doc = "index"
exclude_patterns = ["_build", "_templates", "_extensions", "_static"]
templates_path = ["_templates"]
default_role = "py:obj"  # `fit` in a docstring is a link where there is such a name

html_theme = "furo"
html_title = f"skmtl {version}"
html_show_copyright = False
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_theme_options = {"light_css_variables": {"code-font-size": "0.77em"}}

myst_heading_anchors = 3

autosummary_generate = True
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the sections on parameters say it in words
numpydoc_show_class_members = False  # the templates list them
numpydoc_xref_param_type = False

# executes the examples/plot_*.py, and shows the other scripts there; -D plot_gallery=0 runs none
sphinx_gallery_conf = {
    "examples_dirs": ["../examples"],
    "gallery_dirs": ["gallery"],
    "filename_pattern": r"/plot_",
    "ignore_pattern": r"benchmarks",
    "download_all_examples": False,
    "remove_config_comments": True,
    "show_memory": False,
    "write_computation_times": False,  # that page fetches a script
    "reset_modules": ("matplotlib",),
    "abort_on_example_error": True,
}


def link_to_pages(app, docname, source):  # noqa: ARG001  (Sphinx passes them)
    """Make links to scripts and the changelog, which are right on GitHub, links to pages."""
    source[0] = re.sub(
        r"\]\(((?:\.\./)*)\.\./examples/(\w+)\.py\)", r"](\1gallery/\2.rst)", source[0]
    )
    source[0] = source[0].replace("](../CHANGELOG.md)", "](changelog.md)")


def setup(app):
    app.connect("source-read", link_to_pages)
