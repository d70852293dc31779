"""Facts about a backbone that are known before it is built."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BackboneInfo:
    """Facts about a backbone, known before it is built.

    Parameters
    ----------
    pooling : {"flatten", "avg", "max"} for images, {"mean", "max", "cls"} for texts
        How its feature map or sequence becomes a vector, unless the user says otherwise.
    has_pretrained_weights : bool
        Whether its weights are trained, so that they must be kept.
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
    tokenizer: str | None = None
