"""The parameters of a branch, checked."""

from skmtl._runtime.checks import as_count, as_number, as_share, is_auto
from skmtl.columns._spec import BranchSpec

AUTO_UNITS = 128


def branch_units(options, *, auto=AUTO_UNITS) -> int | None:
    """Return the width of the dense layer that ends a branch, None for none."""
    units = options.get("branch_units")
    if is_auto(units):
        return auto
    return None if units is None else as_count("branch_units", units)


def branch_dropout(options) -> float:
    """Return the share of a branch's outputs that is dropped while training."""
    return as_share("branch_dropout", options.get("branch_dropout"))


def update_scale(options, *, auto) -> float:
    """Return the factor on the steps of a pretrained backbone."""
    scale = options.get("pretrained_update_scale")
    if isinstance(scale, str):
        if scale == "auto":
            return auto
        raise ValueError(
            f"pretrained_update_scale must be a finite number > 0 or 'auto'; got {scale!r}."
        )
    return as_number("pretrained_update_scale", scale, low=0, closed="neither")


def check_pooling(options, info, allowed) -> str:
    """Return the pooling: the parameter's, or what suits the backbone."""
    pooling = options.get("pooling")
    pooling = info.pooling if pooling is None else pooling
    if pooling not in allowed:
        raise ValueError(
            f"pooling of {options.kind} column {options.names[0]!r} must be None or one of "
            f"{list(allowed)}; got {pooling!r}."
        )
    return pooling


def backbone_branch(
    column,
    name,
    options,
    *,
    info,
    backbone,
    backbone_options,
    pooling,
    straight,
    augmentation=(),
    vocabulary_size=None,
    words=None,
    skips_unknown=False,
) -> BranchSpec:
    """Return the specification of a branch with a backbone.

    Parameters
    ----------
    column : ColumnKind
        Fitted.
    name : str
        Name of the branch.
    options : ColumnOptions
        The estimator's parameters for the column.
    info : BackboneInfo
        Facts about the backbone.
    backbone, backbone_options, pooling, augmentation, vocabulary_size, words, skips_unknown
        See `BranchSpec`.
    straight : bool
        Whether the branch leads straight to the heads.
    """
    frozen = bool(options.get("freeze_backbones"))
    scale = update_scale(options, auto=info.update_scale)
    return BranchSpec(
        modality=name,
        kind=column.kind,
        input_shape=column.shape_,
        input_dtype=column.dtype_,
        backbone=backbone,
        backbone_options=tuple(sorted(backbone_options.items())),
        pooling=pooling,
        # measured: heads do better on the features than behind a dense layer that they share
        units=branch_units(options, auto=None if straight else AUTO_UNITS),
        dropout=branch_dropout(options),
        vocabulary_size=vocabulary_size,
        frozen=frozen,
        pretrained=info.has_pretrained_weights,
        update_scale=scale if info.has_pretrained_weights and not frozen else 1.0,
        augmentation=augmentation,
        words=words,
        skips_unknown=skips_unknown,
    )
