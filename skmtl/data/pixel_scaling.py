"""How raw pixels become the numbers that a backbone was trained on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PixelScaling:
    """An affine map per channel: ``x * scale + offset``, after the order RGB became BGR.

    Parameters
    ----------
    scale, offset : tuple of float of length 1 or 3
        Per channel; one number holds for all channels.
    is_bgr : bool
        Whether the channels are reversed first.
    """

    scale: tuple[float, ...]
    offset: tuple[float, ...]
    is_bgr: bool = False

    @classmethod
    def of_moments(cls, mean, std, *, is_bgr=False) -> "PixelScaling":
        """Return the map to ``(x - mean) / std``, channel by channel."""
        scale = tuple(float(1 / s) for s in std)
        offset = tuple(float(-m / s) for m, s in zip(mean, std, strict=True))
        return cls(scale, offset, is_bgr)


_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_STD = (0.229, 0.224, 0.225)

SCALINGS = {
    "raw": PixelScaling((1.0,), (0.0,)),
    "unit": PixelScaling((1 / 255,), (0.0,)),
    "symmetric": PixelScaling((1 / 127.5,), (-1.0,)),
    "imagenet": PixelScaling.of_moments(
        [255 * value for value in _IMAGENET_MEAN], [255 * value for value in _IMAGENET_STD]
    ),
    "caffe": PixelScaling.of_moments((103.939, 116.779, 123.68), (1.0, 1.0, 1.0), is_bgr=True),
}

# The convention that the ImageNet weights of each architecture in keras.applications expect;
# those under "raw" scale the pixels themselves.
_CONVENTIONS = {
    "caffe": ("vgg16", "vgg19", "resnet50", "resnet101", "resnet152"),
    "symmetric": (
        "inception_v3",
        "inception_resnet_v2",
        "mobilenet",
        "mobilenet_v2",
        "nasnet_large",
        "nasnet_mobile",
        "resnet50_v2",
        "resnet101_v2",
        "resnet152_v2",
        "xception",
    ),
    "imagenet": ("densenet121", "densenet169", "densenet201"),
    "raw": (
        *(f"convnext_{size}" for size in ("base", "large", "small", "tiny", "xlarge")),
        *(f"efficientnet_b{number}" for number in range(8)),
        *(f"efficientnet_v2_{size}" for size in ("b0", "b1", "b2", "b3", "s", "m", "l")),
        "mobilenet_v3_large",
        "mobilenet_v3_small",
    ),
}
BACKBONE_SCALINGS = {
    backbone: scaling for scaling, backbones in _CONVENTIONS.items() for backbone in backbones
}


def find_scaling(name, *, parameter) -> PixelScaling:
    """Return the scaling of a name, or of a backbone of that name.

    Parameters
    ----------
    name : str
        A key of `SCALINGS` or of `BACKBONE_SCALINGS`.
    parameter : str
        Name of the parameter, for the error text.

    Raises
    ------
    ValueError
        If there is no such scaling.

    Examples
    --------
    >>> find_scaling("mobilenet_v2", parameter="scaling") == SCALINGS["symmetric"]
    True
    """
    if not isinstance(name, str) or name not in SCALINGS.keys() | BACKBONE_SCALINGS.keys():
        raise ValueError(
            f"{parameter} must be one of {', '.join(map(repr, SCALINGS))}, or the name of a "
            f"backbone in keras.applications such as 'vgg16'; got {name!r}."
        )
    return SCALINGS[BACKBONE_SCALINGS.get(name, name)]
