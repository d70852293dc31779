"""From parameters to the specification of a network and to strategies, with checks."""

import numpy as np
from sklearn.base import clone

from skmtl._runtime.checks import as_share, as_units
from skmtl._runtime.registry import resolve
from skmtl.aggregation import GRADIENT_AGGREGATORS, GradientAggregator, GradientMatrixAggregator
from skmtl.columns import branch_options, branch_specs, visible_branches
from skmtl.data.weights import by_task_name
from skmtl.exceptions import describe
from skmtl.network.fusion import FUSIONS
from skmtl.network.spec import NetworkSpec
from skmtl.sharing import SHARINGS, Sharing
from skmtl.weighting import LOSS_WEIGHTINGS, FixedLossWeights, LossWeighting


def network_spec(estimator, reader, tasks) -> NetworkSpec:
    """Return the specification of an estimator's network.

    Parameters
    ----------
    estimator : MultiTaskBase
        Its parameters are checked.
    reader : TableReader
        Fitted; gives the branches and their shapes.
    tasks : Tasks
        Names and classes.

    Raises
    ------
    TypeError, ValueError
        If a parameter is wrong; the message names it.
    """
    fusion = estimator.fusion
    if fusion not in FUSIONS:
        raise ValueError(f"fusion must be one of {list(FUSIONS)}; got {fusion!r}.")
    trunk_units = as_units("trunk_units", estimator.trunk_units)
    sharing = resolve(
        # a copy, so that the network does not change when the user's object does
        clone(estimator.sharing, safe=False),
        SHARINGS,
        parameter="sharing",
        base=Sharing,
        options=estimator._routed_options("sharing"),
    )
    has_trunk = len(sharing.layer_units(trunk_units)) > 0
    is_late = fusion in ("late", "weighted")
    same_trunk = fusion == "mean" or (is_late and has_trunk)
    branches = branch_specs(reader, estimator, straight=is_late and not same_trunk)
    widths = {branch.units for branch in branches}
    if len(branches) > 1 and same_trunk and (None in widths or len(widths) > 1):
        raise ValueError(
            f"fusion={fusion!r} sends every branch through the same trunk, so branch_units "
            f"must be one number for all columns; got {estimator.branch_units!r}."
        )
    precision = estimator.precision
    if precision not in (None, "mixed_float16", "mixed_bfloat16"):
        raise ValueError(
            f"precision must be None, 'mixed_float16' or 'mixed_bfloat16'; got {precision!r}."
        )
    return NetworkSpec(
        branches=branches,
        heads=tasks.heads,
        visible=visible_branches(reader.layout, estimator.task_columns, tasks.names),
        sharing=sharing,
        fusion=fusion,
        trunk_units=trunk_units,
        trunk_dropout=as_share("trunk_dropout", estimator.trunk_dropout),
        precision=precision,
    )


def check_unchanged(estimator, reader, spec):
    """Refuse parameters with which a network that is trained further was not built.

    Parameters
    ----------
    estimator : MultiTaskBase
        Its parameters are read.
    reader : TableReader
        Of the network.
    spec : NetworkSpec
        Of the network.

    Raises
    ------
    ValueError
        If another network would be built now; backbones and "auto" are not compared.
    """
    now = {
        "fusion": estimator.fusion,
        "trunk_units": as_units("trunk_units", estimator.trunk_units),
        "trunk_dropout": estimator.trunk_dropout,
        "precision": estimator.precision,
    }
    pairs = [(name, value, getattr(spec, name)) for name, value in now.items()]
    for branch, options in zip(
        spec.branches, branch_options(reader, estimator).values(), strict=True
    ):
        if branch.backbone is not None:
            name = f"freeze_backbones of {branch.modality!r}"
            pairs.append((name, bool(options.get("freeze_backbones")), branch.frozen))
    for name, value, built in pairs:
        if value != built:
            raise ValueError(
                f"{name} is {value!r}, but the network that would be trained further was built "
                f"with {built!r}: set it back, or fit a new network with warm_start=False."
            )


def loss_weighting(estimator, names) -> LossWeighting:
    """Return the loss weighting that `loss_weights` names.

    Raises
    ------
    TypeError, ValueError
        If a task is unknown, or a weight is negative or not finite.
    """
    value = estimator.loss_weights
    if isinstance(value, str | LossWeighting):
        options = estimator._routed_options("loss_weights")
        value = clone(value) if isinstance(value, LossWeighting) else value
        return resolve(
            value, LOSS_WEIGHTINGS, parameter="loss_weights", base=LossWeighting, options=options
        )
    if value is None:
        return FixedLossWeights()
    value = by_task_name(value, names, parameter="loss_weights", default=1.0)
    try:
        weights = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(
            "loss_weights must be None, a dict of task to weight, a sequence of weights, a name or "
            f"a LossWeighting; got {describe(estimator.loss_weights)}."
        ) from None
    if weights.shape != (len(names),):
        raise ValueError(
            f"loss_weights must have one weight per task, {list(names)}; "
            f"got {describe(estimator.loss_weights)}."
        )
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise ValueError(
            "loss_weights must be finite, not negative and not all 0; "
            f"got {describe(estimator.loss_weights)}."
        )
    return FixedLossWeights(weights=weights.tolist())


def gradient_aggregator(estimator, spec):
    """Return the aggregator that `gradient_aggregator` names, or None."""
    value = estimator.gradient_aggregator
    if value is None:
        return None
    if spec.sharing.own_branches:
        raise ValueError(
            "gradient_aggregator works on shared variables, and sharing='none' has none; "
            f"got gradient_aggregator={value!r}."
        )
    base = GradientMatrixAggregator if isinstance(value, GradientMatrixAggregator) else None
    return resolve(
        value if isinstance(value, str) else clone(value, safe=False),
        GRADIENT_AGGREGATORS,
        parameter="gradient_aggregator",
        base=base or GradientAggregator,
        options=estimator._routed_options("gradient_aggregator"),
    )
