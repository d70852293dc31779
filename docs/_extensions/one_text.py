"""All English pages in one file, `llms.txt`, for language models and for searching at once."""

from pathlib import Path

HEAD = """# skmtl {version}: the documentation in one text

"""


def pages(app):
    """Return the names of the English pages in Markdown, in the order of the contents."""
    found = [app.config.root_doc]
    for name in found:
        found += [page for page in app.env.toctree_includes.get(name, ()) if page not in found]
    names = [name for name in found if Path(app.srcdir, f"{name}.md").exists()]
    return [name for name in names if not name.startswith("zh/") and "zh-CN" not in name]


def write(app, error):
    if error is None and app.builder.format == "html":
        texts = [Path(app.srcdir, f"{name}.md").read_text(encoding="utf-8") for name in pages(app)]
        text = HEAD.format(version=app.config.version) + "\n\n".join(texts)
        Path(app.outdir, "llms.txt").write_text(text, encoding="utf-8")


def setup(app):
    app.connect("build-finished", write)
    return {"parallel_read_safe": True}
