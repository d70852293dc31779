"""Facts about a backbone that are known before it is built."""

from dataclasses import dataclass

FINE_TUNING_SCALE = 0.03  # of the steps of a whole pretrained model; measured: docs/accuracy.md


@dataclass(frozen=True)
class BackboneInfo:
    """Facts about a backbone, known before it is built.

    Parameters
    ----------
    pooling : {"flatten", "avg", "max"} for images, {"mean", "max", "cls"} for texts
        How its feature map or sequence becomes a vector, unless the user says otherwise.
    has_pretrained_weights : bool
        Whether its weights are trained, so that they must be kept.
    update_scale : float
        Factor on its steps that ``pretrained_update_scale="auto"`` stands for.
    tokenizer : str or None
        Folder or preset whose tokenizer makes the token ids; None for the ids of
        `skmtl.preprocessing.JiebaSequencer`.

    Examples
    --------
    >>> from skmtl.backbones._info import BackboneInfo
    >>> BackboneInfo("mean").has_pretrained_weights
    False
    """

    pooling: str
    has_pretrained_weights: bool = False
    update_scale: float = 1.0
    tokenizer: str | None = None
