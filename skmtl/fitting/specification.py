"""The classifier's parameters, checked, as a network specification and strategies."""

from collections.abc import Mapping

import numpy as np
from sklearn.base import clone

from skmtl._runtime.checks import as_count, as_number, as_share, as_units
from skmtl._runtime.registry import resolve
from skmtl.aggregation import GRADIENT_AGGREGATORS, GradientAggregator, GradientMatrixAggregator
from skmtl.backbones.image import describe_image_backbone
from skmtl.backbones.text import describe_text_backbone
from skmtl.exceptions import describe
from skmtl.network.augmentation import check_augmentation
from skmtl.network.branches import IMAGE_POOLINGS, TEXT_POOLINGS, BranchSpec
from skmtl.network.fusion import FUSIONS
from skmtl.network.network import NetworkSpec
from skmtl.sharing import SHARINGS, Sharing
from skmtl.weighting import LOSS_WEIGHTINGS, FixedLossWeights, LossWeighting

AUTO_UNITS = 128


def network_spec(estimator, inputs, tasks) -> NetworkSpec:
    """Return the specification of an estimator's network.

    Parameters
    ----------
    estimator : MultiTaskClassifier
        Its parameters are checked.
    inputs : InputEncoder
        Fitted; gives the modalities and their shapes.
    tasks : Tasks
        Names and classes.

    Raises
    ------
    TypeError, ValueError
        If a parameter is wrong; the text names it.
    """
    modalities = list(inputs.shapes_)
    fusion = estimator.fusion
    if fusion not in FUSIONS:
        raise ValueError(f"fusion must be one of {list(FUSIONS)}; got {fusion!r}.")
    trunk_units = as_units("trunk_units", estimator.trunk_units)
    sharing = resolve(
        # a copy of its own: the network must not change with the user's object
        clone(estimator.sharing, safe=False),
        SHARINGS,
        parameter="sharing",
        base=Sharing,
        options=estimator.routed_options("sharing"),
    )
    has_trunk = len(sharing.layer_units(trunk_units)) > 0
    same_trunk = fusion == "mean" or (fusion == "late" and has_trunk)
    branches = tuple(
        _branch(estimator, inputs, name, modalities, straight=fusion == "late" and not same_trunk)
        for name in modalities
    )
    widths = {branch.units for branch in branches}
    if len(branches) > 1 and same_trunk and (None in widths or len(widths) > 1):
        raise ValueError(
            f"fusion={fusion!r} sends every branch through the same trunk, so branch_units "
            f"must be one number for all modalities; got {estimator.branch_units!r}."
        )
    precision = estimator.precision
    if precision not in (None, "mixed_float16", "mixed_bfloat16"):
        raise ValueError(
            f"precision must be None, 'mixed_float16' or 'mixed_bfloat16'; got {precision!r}."
        )
    return NetworkSpec(
        branches=branches,
        n_classes=tuple(len(classes) for classes in tasks.classes),
        visible=_visible(estimator.task_modalities, modalities, tasks.names),
        sharing=sharing,
        fusion=fusion,
        trunk_units=trunk_units,
        trunk_dropout=as_share("trunk_dropout", estimator.trunk_dropout),
        precision=precision,
    )


def _branch(estimator, inputs, modality, modalities, *, straight) -> BranchSpec:
    units = _per_modality("branch_units", estimator.branch_units, modality, modalities)
    if units == "auto":
        # measured: token vectors that go straight to the heads learn best (docs/accuracy.md)
        units = None if straight and modality == "text" else AUTO_UNITS
    dropout = _per_modality("branch_dropout", estimator.branch_dropout, modality, modalities)
    if units is not None:
        units = as_count("branch_units", units)
    common = {
        "modality": modality,
        "input_shape": tuple(inputs.shapes_[modality]),
        "input_dtype": inputs.dtypes_[modality],
        "units": units,
        "dropout": as_share("branch_dropout", dropout),
    }
    if modality == "numeric":
        return BranchSpec(**common)
    frozen = _per_modality("freeze_backbones", estimator.freeze_backbones, modality, modalities)
    options = estimator.routed_options(f"{modality}_backbone")
    scale = estimator.pretrained_update_scale
    scale = as_number("pretrained_update_scale", scale, low=0, closed="neither")
    is_image = modality == "image"
    if is_image:
        backbone, pooling = estimator.image_backbone, estimator.image_pooling
        info = describe_image_backbone(backbone, options=options)
        allowed = tuple(IMAGE_POOLINGS)
    else:
        backbone, pooling = estimator.text_backbone, estimator.text_pooling
        info = describe_text_backbone(backbone, options=options)
        allowed = TEXT_POOLINGS
    pooling = info.pooling if pooling is None else pooling
    if pooling not in allowed:
        raise ValueError(f"{modality}_pooling must be None or one of {allowed}; got {pooling!r}.")
    return BranchSpec(
        **common,
        backbone=backbone,
        backbone_options=tuple(sorted(options.items())),
        pooling=pooling,
        vocabulary_size=inputs.vocabulary_size_ if modality == "text" else None,
        frozen=bool(frozen),
        pretrained=info.has_pretrained_weights,
        update_scale=scale if info.has_pretrained_weights and not frozen else 1.0,
        augmentation=check_augmentation(estimator.image_augmentation) if is_image else (),
        words=inputs.words_ if options.get("vectors") is not None else None,
    )


def _per_modality(parameter, value, modality, modalities):
    if not isinstance(value, Mapping):
        return value
    unknown = set(value) - set(modalities)
    if unknown:
        raise ValueError(
            f"{parameter} names unknown modalities {sorted(unknown)}; X has {modalities}."
        )
    if modality not in value:
        raise ValueError(f"{parameter} must name every modality, {modalities}; got {value!r}.")
    return value[modality]


def _visible(task_modalities, modalities, names) -> tuple:
    if task_modalities is None:
        return (frozenset(modalities),) * len(names)
    if not isinstance(task_modalities, Mapping):
        raise TypeError(
            "task_modalities must be a dict of task to modality or modalities; "
            f"got {describe(task_modalities)}."
        )
    unknown = [name for name in task_modalities if name not in names]
    if unknown:
        raise ValueError(f"task_modalities names unknown tasks {unknown}; tasks: {list(names)}.")
    visible = []
    for name in names:
        seen = task_modalities.get(name, modalities)
        seen = frozenset([seen] if isinstance(seen, str) else seen)
        if not seen or seen - set(modalities):
            raise ValueError(
                f"task_modalities of task {name!r} must be some of {modalities}; got {set(seen)}."
            )
        visible.append(seen)
    return tuple(visible)


def loss_weighting(estimator, names) -> LossWeighting:
    """Return the loss weighting that `loss_weights` names, a copy of its own.

    Raises
    ------
    TypeError, ValueError
        If a task is unknown, or a weight is negative or not finite.
    """
    value = estimator.loss_weights
    if isinstance(value, str | LossWeighting):
        options = estimator.routed_options("loss_weights")
        value = clone(value) if isinstance(value, LossWeighting) else value
        return resolve(
            value, LOSS_WEIGHTINGS, parameter="loss_weights", base=LossWeighting, options=options
        )
    if value is None:
        return FixedLossWeights()
    if isinstance(value, Mapping):
        unknown = [name for name in value if name not in names]
        if unknown:
            raise ValueError(f"loss_weights names unknown tasks {unknown}; tasks: {list(names)}.")
        value = [value.get(name, 1.0) for name in names]
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
        options=estimator.routed_options("gradient_aggregator"),
    )
