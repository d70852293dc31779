"""A readable summary of a network: its parts, with their shapes and numbers of parameters."""

from html import escape
from typing import NamedTuple


class Part(NamedTuple):
    """One part of a network.

    Parameters
    ----------
    name : str
        Such as "image branch" or "head: group".
    what : str
        Its backbone, its widths or its number of classes.
    shape : str
        Shape of its output for one row.
    n_parameters : int
        Number of its weights.
    """

    name: str
    what: str
    shape: str
    n_parameters: int


def network_parts(fitted) -> list[Part]:
    """Return the parts of a network from the columns to the heads.

    Parameters
    ----------
    fitted : FittedNetwork
        Columns, tasks, specification and network.

    Returns
    -------
    list of Part
        Their parameters add up to those of the network.
    """
    network, spec, tasks = fitted.network, fitted.spec, fitted.tasks
    parts = _columns(fitted.reader)
    described = {branch.modality: branch for branch in spec.branches}
    for modality, encoder in network.encoders.items():
        count = encoder.model.count_params()
        what = f"{_layer_name(described[modality].backbone)}, frozen"
        parts.append(Part(f"{modality} backbone", what, _shape(encoder.model), count))
    for modality, stem in network.stems.items():
        name = _layer_name(described[modality].backbone)
        what = f"{name}, stages that tasks share"
        parts.append(Part(f"{modality} stem", what, _shape(stem), stem.count_params()))
    for branch in network.branches:
        what = _branch_text(described[branch.modality], branch.modality in network.encoders)
        count = branch.model.count_params()
        parts.append(Part(f"{branch.name} branch", what, _shape(branch.model), count))
    own = [_count(layers) for layers in network.task_layers]
    n_weights = sum(v.shape[0] for v in network.branch_weights)
    if len(spec.branches) > 1:
        parts.append(Part("fusion", spec.fusion, "", 0))
    for task, weights in fitted.branch_weights.items():
        what = ", ".join(f"{column} {weight:.2f}" for column, weight in weights.items())
        parts.append(Part(f"weights: {task}", what, f"({len(weights)},)", len(weights)))
    trunk = network.joint.count_params() - sum(own) - n_weights
    units = " → ".join(map(str, spec.trunk_units)) or "no layers"
    parts.append(Part("trunk", f"{units}, sharing {spec.sharing!r}", "", trunk))
    for name, head, count in zip(tasks.names, spec.heads, own, strict=True):
        parts.append(Part(f"head: {name}", head.describe(), f"({head.n_outputs},)", count))
    return parts


def _columns(reader) -> list[Part]:
    """Return a part without weights for every image or text column, and one for the table."""
    parts = []
    for source in reader.layout.sources:
        names = source.columns if source.kind == "table" else (source.name,)
        name = f"{source.kind}: {', '.join(map(str, names))}"
        parts.append(Part(name, reader.parts[source.branch].describe(), "", 0))
    return parts


def as_text(parts) -> str:
    """Return a table of the parts as lines of text."""
    rows = [("part", "what", "output", "parameters")]
    rows += [(p.name, p.what, p.shape, f"{p.n_parameters:,}") for p in parts]
    rows.append(("total", "", "", f"{sum(p.n_parameters for p in parts):,}"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row[:3], widths, strict=False)]
        lines.append("  ".join([*cells, row[3].rjust(widths[3])]).rstrip())
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:-1], "-" * len(lines[0]), lines[-1]])


def as_html(parts) -> str:
    """Return the parts as boxes; parts that work in parallel are side by side."""
    groups = {}
    for part in parts:
        if part.name.startswith(("head: ", "weights: ")):
            group = part.name.split(":")[0]
        else:
            group = part.name.split(" ")[-1]
        groups.setdefault(group, []).append(part)
    box = "border:1px solid #999;border-radius:4px;padding:4px 10px;margin:3px;text-align:center"
    rows = []
    for group in groups.values():
        cells = "".join(
            f'<div style="{box}"><b>{escape(p.name)}</b><br>{escape(p.what)}'
            f"<br>{escape(p.shape)} {p.n_parameters:,} parameters</div>"
            for p in group
        )
        rows.append(f'<div style="display:flex;justify-content:center">{cells}</div>')
    return f'<div style="font-family:sans-serif;font-size:90%">{"".join(rows)}</div>'


def _branch_text(branch, is_encoded) -> str:
    parts = [] if is_encoded or branch.backbone is None else [_layer_name(branch.backbone)]
    parts += [f"dense {branch.units}"] if branch.units else []
    parts += [f"dropout {branch.dropout:g}"] if branch.dropout else []
    return ", ".join(parts) or "as it is"


def _layer_name(backbone) -> str:
    name = backbone if isinstance(backbone, str) else getattr(backbone, "name", repr(backbone))
    return name.rstrip("/").rsplit("/", 1)[-1]


def _shape(model) -> str:
    return str(tuple(model.output_shape[1:])).replace("None", "?")


def _count(layers) -> int:
    return sum(layer.count_params() for layer in layers)
