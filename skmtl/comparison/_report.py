"""A comparison for people: its summary as formatted texts, and a page in one file."""

import base64
import importlib.metadata
import io
import platform
import sys
from datetime import UTC, datetime
from html import escape

import numpy as np
import pandas as pd

_PACKAGES = (
    "skmtl", "scikit-learn", "keras", "tensorflow", "jax", "torch", "scikeras", "numpy", "pandas",
)  # fmt: skip
_MODULES = {"scikit-learn": "sklearn"}
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 84em; margin: 2em auto;
       padding: 0 1em; }
h1, h2 { line-height: 1.2; }
div.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9em; }
th, td { border-bottom: 1px solid #ddd; padding: 0.3em 0.7em; text-align: right;
         white-space: nowrap; }
th:first-child, td:first-child, td.text, .wrap td:last-child { text-align: left; }
.wrap td:last-child { white-space: normal; overflow-wrap: anywhere; min-width: 12em; }
td.text { white-space: pre-wrap; overflow-wrap: anywhere; font-family: ui-monospace, monospace; }
img { max-width: 100%; height: auto; }
p.note { color: #555; }
"""


def formatted_summary(summary, tasks):
    """Return a summary as texts: scores with intervals, gain and p-value, and the costs."""
    columns = {
        task: [
            _with_interval(row[task], row[f"{task}_low"], row[f"{task}_high"])
            for _, row in summary.iterrows()
        ]
        for task in [*tasks, "mean"]
    }
    columns["Δm"] = [_formatted(100 * gain, "+.1f", " %") for gain in summary["delta_m"]]
    columns["p"] = [_p_value(p) for p in summary["p_value"]]
    columns["parameters"] = [_formatted(n, ",.0f") for n in summary["n_parameters"]]
    columns["fit"] = [_formatted(s, ".2f", " s") for s in summary["fit_seconds"]]
    columns["predict"] = [_formatted(ms, ".3f", " ms/row") for ms in summary["predict_ms_per_row"]]
    columns["memory"] = [_formatted(mib, "+.0f", " MiB") for mib in summary["memory_mib"]]
    if summary["n_failed"].any():
        columns["failed"] = [
            f"{failed} of {failed + done}"
            for failed, done in zip(summary["n_failed"], summary["n_runs"], strict=True)
        ]
    return pd.DataFrame(columns, index=summary.index)


def page(comparison, explanation):
    """Return a comparison as a page in HTML that needs no other file.

    Parameters
    ----------
    comparison : Comparison
        What to show.
    explanation : list of str
        Sentences below the table.

    Returns
    -------
    str
        Every text of the comparison is escaped.
    """
    tests = comparison.tests
    shown = tests[["technique", "task"]].assign(
        difference=[
            _with_interval(*row, sign="+")
            for row in tests[["difference", "low", "high"]].to_numpy()
        ],
        p=[_p_value(p) for p in tests["p_value"]],
        corrected=[_p_value(p) for p in tests["p_holm"]],
    )
    scores = pd.concat({name: comparison.scores_of(name) for name in comparison.techniques})
    scores.index.names = ["technique", "repeat", "fold"]
    scores = scores.map(lambda score: _formatted(score, ".3f")).reset_index()
    title = "Comparison of " + ", ".join(comparison.techniques)
    now = datetime.now(UTC).strftime("%Y-%m-%d")
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        _table(comparison.table().reset_index()),
        *(f'<p class="note">{escape(sentence)}</p>' for sentence in explanation),
        _figure(comparison),
        f"<h2>Differences from {escape(comparison.baseline)}</h2>" if len(shown) else "",
        _table(shown) if len(shown) else "",
        "<h2>Settings</h2>" if comparison.settings else "",
        _pairs(comparison.settings),
        "<h2>Scores of every run</h2>",
        _table(scores),
        _failures(comparison.runs),
        "<h2>Versions</h2>",
        f'<p class="note">Of the process that wrote this page, on {now}.</p>',
        _pairs(_versions()),
        "</body></html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _table(frame, look="wide"):
    return f'<div class="{look}">{frame.to_html(index=False, border=0, justify="right")}</div>'


def _pairs(texts):
    rows = "".join(
        f'<tr><th>{escape(name)}</th><td class="text">{escape(text)}</td></tr>'
        for name, text in texts.items()
    )
    return f'<div class="wide"><table>{rows}</table></div>' if rows else ""


def _figure(comparison):
    """Return the figure as an image in the page, or a note where matplotlib is missing."""
    from skmtl.display import ComparisonDisplay

    try:
        import matplotlib.pyplot as plt
    except ImportError:
        return '<p class="note">No figure: matplotlib is not installed.</p>'
    display = ComparisonDisplay.from_comparison(comparison)
    file = io.BytesIO()
    display.figure_.savefig(file, format="png", dpi=150)
    plt.close(display.figure_)
    image = base64.b64encode(file.getvalue()).decode("ascii")
    return f'<img src="data:image/png;base64,{image}" alt="Scores and costs of each technique">'


def _failures(runs):
    failed = runs[runs["error"].notna()].drop_duplicates(["technique", "repeat", "fold"])
    if failed.empty:
        return ""
    frame = failed[["technique", "repeat", "fold", "error"]]
    return "<h2>Failed runs</h2>" + _table(frame, "wide wrap")


def _versions():
    """Return versions of Python and of the packages that are loaded."""
    found = {"Python": f"{platform.python_version()} on {platform.machine()}, {platform.system()}"}
    for package in _PACKAGES:
        if _MODULES.get(package, package) in sys.modules:
            module = sys.modules[_MODULES.get(package, package)]
            found[package] = getattr(module, "__version__", None) or importlib.metadata.version(
                package
            )
    return found


def _with_interval(mean, low, high, sign=""):
    if np.isnan(mean):
        return "—"
    if np.isnan(low):
        return f"{mean:{sign}.3f}"
    return f"{mean:{sign}.3f} [{low:{sign}.3f}, {high:{sign}.3f}]"


def _p_value(p):
    return "<0.001" if p < 1e-3 else _formatted(p, ".3f")


def _formatted(number, pattern, unit=""):
    return "—" if np.isnan(number) else f"{number:{pattern}}{unit}"
