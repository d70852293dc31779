"""What a model is, as tables."""

import pandas as pd

from skmtl.cli._printed import print_frame
from skmtl.network.summary import network_parts


def print_model(model, path):
    """Print the columns, the tasks, the parameters that differ from their defaults, and the parts.

    Parameters
    ----------
    model : MultiTaskBase
        Fitted.
    path : path
        Its file.
    """
    name = type(model).__name__
    print_frame(_frame(model.columns_.items(), "column", "kind"), f"{path}: {name}, columns")
    fitted = model._fitted_network
    tasks = [
        (task, kind.kind, _labels(kind))
        for task, kind in zip(fitted.tasks.names, fitted.tasks.kinds, strict=True)
    ]
    print_frame(_frame(tasks, "task", "kind", "labels"), "Tasks")
    defaults = type(model)().get_params(deep=False)
    changed = [
        (name, repr(value))
        for name, value in sorted(model.get_params(deep=False).items())
        if name not in defaults or repr(value) != repr(defaults[name])
    ]
    if changed:
        print_frame(_frame(changed, "parameter", "value"), "Parameters that are not the default")
    parts = [(p.name, p.what, p.shape, p.n_parameters) for p in network_parts(fitted)]
    title = f"Network, {model.n_parameters_:,} weights, {model.n_iter_} epochs"
    print_frame(_frame(parts, "part", "what", "output", "weights"), title)


def _frame(rows, *names) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(names))


def _labels(kind, most=8) -> str:
    if kind.classes is None:
        return ", ".join(map(str, kind.output_names))
    labels = [str(label) for label in kind.classes.tolist()]
    return ", ".join(labels[:most]) + (f", … ({len(labels)})" if len(labels) > most else "")
