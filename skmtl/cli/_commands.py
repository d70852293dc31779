"""The commands and their options; what needs a backend is imported when a command runs."""

from pathlib import Path

import click

from skmtl import __version__

_FILE = click.Path(path_type=Path)
_TABLE = click.argument("table", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_MODEL = click.argument("model", type=_FILE)
_FORCE = click.option("--force", is_flag=True, help="Replace a file that is there.")
_FOLDER = click.option(
    "--image-folder", type=_FILE, help="Where relative image paths start; default: beside TABLE."
)
_TRUST = click.option(
    "--allow-paths", is_flag=True, help="Let a model that you trust name files and downloads."
)
_LABELS = click.option(
    "--labels", required=True, multiple=True, metavar="NAMES", help="Label columns, with commas."
)
_COLUMNS = click.option(
    "--columns", multiple=True, metavar="NAME=KIND",
    help="Kind of a column: image, text, number, category or drop; others are inferred.",
)  # fmt: skip
_TASKS = click.option(
    "--tasks", multiple=True, metavar="NAME=KIND",
    help="Kind of a label column: class, ordinal, tags or number; or a JSON list of classes in "
    "their order. Others are inferred.",
)  # fmt: skip
_SET = click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE",
    help="A parameter of the estimator; the value as JSON or plain text: epochs=5, fusion=late, "
    'optimizer__weight_decay=1e-4, branch_dropout=\'{"image": 0.9}\'.',
)  # fmt: skip


def _learning(command):
    """Add the options of a command that fits."""
    for option in (_FOLDER, _SET, _TASKS, _COLUMNS, _LABELS, _TABLE):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="skmtl")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def skmtl(debug):
    """Multi-task learning on tables of images, texts, numbers and categories.

    Tables are CSV, TSV, Parquet or JSON lines (.jsonl). Rows are counted from 0.
    """


@skmtl.command()
@_learning
@click.option("-o", "--output", type=_FILE, required=True, help="The model file to write.")
@_FORCE
def fit(table, labels, columns, tasks, settings, image_folder, output, force):
    """Fit a model on TABLE and write it to a file."""
    from skmtl.cli._printed import note
    from skmtl.cli._tables import check_new

    check_new(output, force)
    X, y, estimator = _to_fit(table, labels, columns, tasks, settings, image_folder)
    from skmtl.cli._progress import EpochBar  # imports a backend, which takes seconds

    bar = EpochBar()
    try:
        estimator.set_params(callbacks=[bar]).fit(X, y)
    finally:
        bar.close()
    estimator.set_params(callbacks=None).save(output)
    score = estimator.score(X, y)
    done = f"{len(X):,} rows, {len(y.columns)} tasks, {estimator.n_iter_} epochs"
    note("Fitted", f"{done}; mean score on these rows {score:.3f}. Written to {output}.")


@skmtl.command()
@_MODEL
@_TABLE
@_FOLDER
@_TRUST
@click.option("-o", "--output", type=_FILE, help="Write the scores of the tasks to a table.")
@_FORCE
def evaluate(model, table, image_folder, allow_paths, output, force):
    """Print the scores of MODEL on the labelled rows of TABLE."""
    from skmtl.cli._estimators import as_tags
    from skmtl.cli._printed import print_frame
    from skmtl.cli._rows import report_labels
    from skmtl.cli._tables import check_new, format_of, write_table
    from skmtl.metrics import task_report

    if output is not None:
        format_of(output)
        check_new(output, force)
    fitted, X, frame = _to_ask(model, table, image_folder, allow_paths)
    lacking = [name for name in fitted.task_names_ if name not in frame]
    if lacking:
        raise click.UsageError(f"{table} lacks the label columns {', '.join(map(repr, lacking))}.")
    y = frame[fitted.task_names_]
    report_labels(y)
    predicted = fitted.predict_frame(X)
    report = task_report(as_tags(fitted, y), predicted, missing_label=fitted.missing_label)
    scores = report.tasks.rename_axis("task").reset_index().dropna(axis=1, how="all")
    print_frame(scores, f"{table.name}: {len(X):,} rows, mean score {fitted.score(X, y):.3f}")
    if output is not None:
        write_table(scores, output)


@skmtl.command()
@_MODEL
@_TABLE
@click.option("-o", "--output", type=_FILE, required=True, help="The table to write.")
@click.option("--proba", is_flag=True, help="Write probabilities, a column per task and label.")
@click.option("--keep", multiple=True, metavar="NAMES", help="Columns of TABLE to write as well.")
@_FOLDER
@_TRUST
@_FORCE
def predict(model, table, output, proba, keep, image_folder, allow_paths, force):
    """Write what MODEL predicts for the rows of TABLE.

    There is a row for every row, in the same order.
    """
    import pandas as pd

    from skmtl.cli._estimators import tag_separators
    from skmtl.cli._printed import note
    from skmtl.cli._settings import parse_names
    from skmtl.cli._tables import check_new, format_of, write_table

    format_of(output)
    check_new(output, force)
    fitted, X, frame = _to_ask(model, table, image_folder, allow_paths)
    kept = [name for names in keep for name in parse_names(names)]
    unknown = [name for name in kept if name not in frame]
    if unknown:
        raise click.UsageError(f"--keep names {', '.join(unknown)}, no column of {table}.")
    predicted = fitted.predict_frame(X, proba=proba)
    if proba:
        predicted.columns = [f"{task}={label}" for task, label in predicted.columns]
    twice = [name for name in kept if name in predicted]
    if twice:
        predicted = predicted.rename(columns={name: f"predicted_{name}" for name in twice})
    table = pd.concat([frame[kept], predicted], axis=1)
    write_table(table, output, separators=tag_separators(fitted, twice))
    note("Predicted", f"{len(X):,} rows. Written to {output}.")


@skmtl.command()
@_learning
@click.option(
    "--technique", "techniques", multiple=True, metavar="NAME: SETTINGS",
    help="A technique and what it sets besides --set: 'pcgrad: gradient_aggregator=pcgrad'. The "
    "first one is the baseline. By default four common ones.",
)  # fmt: skip
@click.option("--folds", type=click.IntRange(2), default=5, show_default=True)
@click.option("--repeats", type=click.IntRange(1), default=1, show_default=True)
@click.option("--metric", default="default", show_default=True, help="As of make_task_scorer.")
@click.option("--results", type=_FILE, help="File of finished runs, to continue from.")
@click.option("--jobs", type=int, default=1, show_default=True, help="Runs at a time.")
@click.option("-o", "--output", type=_FILE, help="Write the summary to a table.")
@_FORCE
def compare(
    table, labels, columns, tasks, settings, image_folder, techniques, folds, repeats, metric,
    results, jobs, output, force,
):  # fmt: skip
    """Compare techniques on equal folds of TABLE."""
    from sklearn.base import clone

    from skmtl.cli._printed import print_frame
    from skmtl.cli._settings import parse_techniques
    from skmtl.cli._tables import check_new, format_of, write_table
    from skmtl.comparison import compare_techniques

    found = parse_techniques(techniques)
    if output is not None:
        format_of(output)
        check_new(output, force)
    X, y, estimator = _to_fit(table, labels, columns, tasks, settings, image_folder)
    comparison = compare_techniques(
        {name: clone(estimator).set_params(**changes) for name, changes in found.items()},
        X, y, cv=folds, n_repeats=repeats, metric=metric, results_path=results, n_jobs=jobs,
        missing_label=estimator.missing_label,
    )  # fmt: skip
    frame = comparison.table().rename_axis("technique").reset_index()
    print_frame(frame, f"{table.name}: {len(X):,} rows")
    print(str(comparison).removeprefix(comparison.table().to_string()).strip())
    if output is not None:
        write_table(comparison.summary.rename_axis("technique").reset_index(), output)


@skmtl.command()
@_MODEL
@_TRUST
def inspect(model, allow_paths):
    """Print columns, tasks, parameters and parts of MODEL."""
    from skmtl.cli._estimators import load_model
    from skmtl.cli._inspect import print_model

    print_model(load_model(model, allow_paths), model)


@skmtl.command()
@_MODEL
@_TRUST
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option(
    "--allow-host", "hosts", multiple=True, help="A name that the server may be called by."
)
@click.option(
    "--limit", "limits", multiple=True, metavar="NAME=VALUE",
    help="rows, explained_rows, body_bytes, image_bytes, pixels, text_characters, requests or "
    "seconds.",
)  # fmt: skip
def serve(model, allow_paths, host, port, hosts, limits):
    """Answer requests with MODEL over HTTP, with a page to try it."""
    from skmtl import serve as server
    from skmtl.cli._estimators import load_model
    from skmtl.cli._printed import note
    from skmtl.cli._settings import parse_limits

    chosen = parse_limits(limits)
    fitted = load_model(model, allow_paths)
    note("Serving", f"{model} is being compiled …")
    server.run(
        fitted,
        host=host,
        port=port,
        limits=chosen,
        name=model.name,
        hosts=list(hosts) or None,
        on_ready=lambda address: note("Serving", f"{address} (stop with Ctrl-C)"),
    )
    note("Stopped", "all requests were answered.")


def _to_fit(table, labels, columns, tasks, settings, image_folder):
    """Return X, y and an estimator that is not fitted; report what is wrong with rows."""
    from skmtl.cli._estimators import new_estimator
    from skmtl.cli._rows import kinds_of, prepared, report_images, report_labels, split_columns
    from skmtl.cli._settings import parse_names, parse_pairs, parse_parameters, parse_value
    from skmtl.cli._tables import read_table

    parameters = parse_parameters(settings)
    kinds = parse_pairs(columns, "--columns")
    label_kinds = {n: parse_value(v) for n, v in parse_pairs(tasks, "--tasks").items()}
    names = [name for words in labels for name in parse_names(words)]
    X, y = split_columns(read_table(table), names, table)
    parameters |= {"columns": kinds or None, "tasks": label_kinds or None}
    X, problems = prepared(X, kinds_of(X, kinds), image_folder or table.absolute().parent)
    report_images(problems)
    report_labels(y)
    return X, y, new_estimator(y, parameters)


def _to_ask(path, table, image_folder, allow_paths):
    """Return a fitted estimator, the columns that it reads, and the whole table."""
    from skmtl.cli._estimators import load_model
    from skmtl.cli._rows import model_columns, prepared, report_images
    from skmtl.cli._tables import read_table

    model, frame = load_model(path, allow_paths), read_table(table)
    X = model_columns(frame, model, table)
    X, problems = prepared(X, model.columns_, image_folder or table.absolute().parent)
    report_images(problems)
    return model, X, frame
