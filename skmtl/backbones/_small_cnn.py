"""The default image backbone: a few convolutions, trained from scratch."""

from keras import initializers, layers

from skmtl._runtime.checks import as_units

_FILTERS = (32, 64, 64, 128)
_LAST_SIDE = 4
_MIN_STAGES = 2


def small_cnn(inputs, *, filters=None):
    """Convolve and halve the image until about 4 x 4 cells are left.

    Parameters
    ----------
    inputs : KerasTensor of shape (n, h, w, c)
        Pixels from 0 to 1.
    filters : sequence of int, default=None
        Filters of each stage (a 3 x 3 convolution and a 2 x 2 maximum). None takes 32, 64, 64, and
        128 from then on, until the longer side has at most 4 cells: three stages for 28 or 32
        pixels, six for 224.

    Returns
    -------
    KerasTensor of shape (n, h', w', c')
        The feature map.
    """
    x = inputs
    for n_filters in filters_of(inputs.shape[1:], filters):
        x = layers.Conv2D(
            n_filters,
            3,
            padding="same",
            kernel_initializer=initializers.HeNormal(),
        )(x)
        # the maximum first: the same values and gradients, and a quarter of them to rectify
        x = layers.ReLU()(layers.MaxPooling2D(padding="same")(x))
    return x


def filters_of(shape, filters=None) -> tuple[int, ...]:
    """Return the filters of each stage for images of a shape ``(h, w, c)``; see `small_cnn`."""
    if filters is None:
        return default_filters(max(shape[:2]))
    return as_units("image_backbone__filters", filters)


def default_filters(side):
    """Return the filters of each stage for images whose longer side has `side` pixels."""
    n_stages = 0
    while side > _LAST_SIDE or n_stages < _MIN_STAGES:
        side = -(-side // 2)
        n_stages += 1
    return tuple(_FILTERS[min(stage, len(_FILTERS) - 1)] for stage in range(n_stages))
