"""Two layers of pictures whose gradients TensorFlow's own CPU kernels compute slowly.

oneDNN's kernels, which TensorFlow takes by itself on some processors, do not: there nothing is
swapped. Only compiled programs have these layers; the network that a fit returns has Keras' own.
"""

from abc import abstractmethod
from dataclasses import replace

import keras
import tensorflow as tf

from skmtl.training.tensorflow._custom_gradient import custom_gradient

_LONGEST_SIDE = 64  # of a feature map: from 112 on it was slower in two of four cases


def with_cpu_layers(network):
    """Return the network with the layers of its branches swapped for ones that train faster.

    Parameters
    ----------
    network : Network
        It is not changed; layers and variables are shared.

    Returns
    -------
    Network
        The same one on a GPU, and where TensorFlow uses oneDNN.
    """
    if tf.config.list_logical_devices("GPU") or _has_onednn():
        return network
    branches = [
        replace(branch, model=_swapped(branch.model, type(branch.model)))
        for branch in network.branches
    ]
    return replace(network, branches=branches)


class _StandIn(keras.layers.Layer):
    """What stands for a layer of Keras.

    Parameters
    ----------
    layer : keras.layers.Layer
        Its weights are used, and where a subclass has nothing better, its computation.
    """

    def __init__(self, layer):
        super().__init__(name=layer.name, dtype=layer.dtype_policy)
        self.layer = layer

    @abstractmethod
    def call(self, x):
        """Return what the layer returns."""

    def compute_output_shape(self, input_shape):
        """Return the shape that the layer has."""
        return self.layer.compute_output_shape(input_shape)


class HalvingMaximum(_StandIn):
    """Maxima of 2 x 2 cells: of two neighbours in a row, then of two rows.

    TensorFlow's gradient searches for the largest cell again, one by one; here whole maps are
    compared. Of equal cells the first in reading order gets it, as there.

    Parameters
    ----------
    layer : keras.layers.MaxPooling2D
        What it stands for, and what computes maps with an odd side.
    """

    def call(self, x):
        """Return the maxima ``(n, h / 2, w / 2, c)``."""
        height, width, channels = x.shape[1:]
        if None in (height, width) or height % 2 or width % 2:
            return self.layer(x)
        maxima = _halved(_halved(x, channels), width // 2 * channels)
        return tf.reshape(maxima, [-1, height // 2, width // 2, channels])


class GradientByConvolution(_StandIn):
    """A convolution whose kernel's gradient is a convolution, too.

    .. math:: ∂L/∂K_{ijcf} = \\sum_{nhw} X_{n,h+i,w+j,c} ∂L/∂Y_{nhwf}

    is what a convolution of X computes if rows n take the place of channels c, and ∂L/∂Y that of
    the kernel. TensorFlow has a kernel of its own for it, which writes all patches to memory.

    Parameters
    ----------
    layer : keras.layers.Conv2D
        What it stands for, and what computes large maps; its weights are used.
    """

    def call(self, x):
        """Return the feature map ``(n, h', w', filters)``."""
        if None in x.shape[1:3] or max(x.shape[1:3]) > _LONGEST_SIDE:
            return self.layer(x)
        y = _convolved(x, tf.convert_to_tensor(self.layer.kernel), self.layer.padding.upper())
        if self.layer.use_bias:
            y = tf.nn.bias_add(y, tf.convert_to_tensor(self.layer.bias))
        return self.layer.activation(y)


@custom_gradient
def _maxima(pairs):
    maxima = tf.reduce_max(pairs, 1)

    def gradient(grad):
        first = grad[:, None] * tf.cast(pairs[:, :1] >= maxima[:, None], grad.dtype)
        return tf.concat([first, grad[:, None] - first], 1)

    return maxima, gradient


def _halved(x, length):
    """Return the maxima of each two neighbours of `length` numbers, as ``(n, length)``."""
    return _maxima(tf.reshape(x, [-1, 2, length]))


def _convolved(x, kernel, padding):
    @custom_gradient
    def convolve(x, kernel):
        def gradient(grad):
            of_x = tf.nn.conv2d_transpose(grad, kernel, tf.shape(x), 1, padding)
            sides = [
                ((n - 1) // 2, n // 2) if padding == "SAME" else (0, 0) for n in kernel.shape[:2]
            ]
            of_kernel = tf.nn.conv2d(
                tf.transpose(x, [3, 1, 2, 0]),
                tf.transpose(grad, [1, 2, 0, 3]),
                1,
                [(0, 0), *sides, (0, 0)],
            )
            return of_x, tf.transpose(of_kernel, [1, 2, 0, 3])

        return tf.nn.conv2d(x, kernel, 1, padding), gradient

    return convolve(x, kernel)


def _swapped(model, functional):
    """Return the model with its layers, and those of models in it, swapped; itself without any."""
    if not any(_quicker(layer) for layer in model._flatten_layers(include_self=False)):
        return model

    def swap(layer):
        # models of other classes may compute what their layers do not tell
        if type(layer) in (functional, keras.Sequential):
            return _swapped(layer, functional)
        quicker = _quicker(layer)
        return quicker(layer) if quicker else layer

    return keras.models.clone_model(model, clone_function=swap)


def _quicker(layer):
    """Return the class that stands for a layer, or None."""
    if type(layer) is keras.layers.MaxPooling2D:
        quicker = HalvingMaximum if layer.pool_size == layer.strides == (2, 2) else None
    elif type(layer) is keras.layers.Conv2D:
        by_one = layer.strides == layer.dilation_rate == (1, 1) and layer.groups == 1
        plain = by_one and max(layer.kernel_size) > 1 and layer.activity_regularizer is None
        quicker = GradientByConvolution if plain else None
    else:
        return None
    is_usual = layer.data_format == "channels_last" and layer.compute_dtype == "float32"
    return quicker if is_usual else None


def _has_onednn() -> bool:
    try:
        from tensorflow.python.util._pywrap_util_port import IsMklEnabled
    except ImportError:  # it is not public
        return True
    return IsMklEnabled()
