"""The architectures of keras.applications, by snake-case name."""

import os

import keras

from skmtl.backbones._loaded import loaded_copy
from skmtl.data.pixel_scaling import BACKBONE_SCALINGS

APPLICATIONS = tuple(sorted(BACKBONE_SCALINGS))


def application(x, name, *, weights="imagenet"):
    """Apply an architecture of keras.applications without its classification layers.

    Parameters
    ----------
    x : KerasTensor of shape (n, h, w, 3)
        Pixels, scaled as the architecture expects.
    name : str
        One of `APPLICATIONS`.
    weights : "imagenet", path or None, default="imagenet"
        Weights that Keras downloads once, a weights file of the architecture without its
        classification layers, or random weights.

    Returns
    -------
    KerasTensor of shape (n, h', w', c')
        The last feature map.

    Raises
    ------
    ValueError
        If the images are too small for the architecture, or the file does not fit.
    OSError
        If the weights are neither there nor can be downloaded.
    """
    shape = tuple(x.shape[1:])
    if weights is None:
        return _create(name, None, shape)(x)
    if weights != "imagenet" and not os.path.isfile(weights):
        raise ValueError(
            "image_backbone__weights must be 'imagenet', None or the path of a weights file; there "
            f"is no file {os.fspath(weights)!r}."
        )
    weights = os.fspath(weights)
    return loaded_copy((name, weights, shape), lambda: _create(name, weights, shape))(x)


def _create(name, weights, shape):
    functions = {key.lower(): key for key in dir(keras.applications) if key[0].isupper()}
    function = getattr(keras.applications, functions[name.replace("_", "")])
    try:
        return function(include_top=False, weights=weights, input_shape=shape)
    except ValueError as error:
        raise ValueError(
            f"image_backbone={name!r} does not take images of shape {shape} and weights "
            f"{weights!r}: {error}"
        ) from error
    except Exception as error:
        if "URL fetch failure" not in str(error):
            raise
        raise OSError(
            f"The ImageNet weights of image_backbone={name!r} cannot be downloaded ({error}). Give "
            "a local file with image_backbone__weights=path, or None for random weights."
        ) from error
