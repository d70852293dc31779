# ruff: noqa: SIM905
"""Keras configurations from an untrusted file: a closed set of classes, and nothing that runs code.

`keras.saving` looks classes up by the module and the name that the configuration gives. Here every
name is held against a list first, so that nothing is imported because a file says so, and layers
that carry code (`Lambda`), read files (`TextVectorization`, `TFSMLayer`) or wrap other frameworks
are refused whatever Keras would do with them. A user's own layer is allowed where this process has
registered it: the code is the user's, and the file gives its arguments only.
"""

import json

import keras

_LAYERS = """
Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D
AdaptiveMaxPooling1D AdaptiveMaxPooling2D Add AdditiveAttention AlphaDropout Attention Average
AveragePooling1D AveragePooling2D BatchNormalization Bidirectional CenterCrop Concatenate Conv1D
Conv1DTranspose Conv2D Conv2DTranspose ConvLSTM1D Cropping1D Cropping2D Dense DepthwiseConv1D
DepthwiseConv2D Dot Dropout ELU EinsumDense Embedding Flatten GRU GRUCell GaussianDropout
GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D GlobalMaxPooling2D
GroupNormalization GroupedQueryAttention Identity InputLayer LSTM LSTMCell LayerNormalization
LeakyReLU Masking MaxPooling1D MaxPooling2D Maximum Minimum MultiHeadAttention Multiply
Normalization PReLU Permute RMSNormalization RandomBrightness RandomContrast RandomCrop
RandomErasing RandomFlip RandomRotation RandomTranslation RandomZoom ReLU RepeatVector Rescaling
Reshape Resizing ReversibleEmbedding SeparableConv1D SeparableConv2D SimpleRNN SimpleRNNCell Softmax
SpatialDropout1D SpatialDropout2D SpectralNormalization StackedRNNCells Subtract TimeDistributed
UnitNormalization UpSampling1D UpSampling2D ZeroPadding1D ZeroPadding2D
""".split()
_INITIALIZERS = """
Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity LecunNormal LecunUniform Ones
Orthogonal RandomNormal RandomUniform TruncatedNormal VarianceScaling Zeros
""".split()
_OPTIMIZERS = """
Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion Muon Nadam RMSprop SGD ScheduleFreeAdamW
""".split()
_SCHEDULES = """
CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay PiecewiseConstantDecay
PolynomialDecay
""".split()
_NUMPY = """
Abs Absolute Add Amax Amin Clip Concatenate Copy Cumsum Divide DivideNoNan Equal Exp ExpandDims Flip
GetItem Greater GreaterEqual Less LessEqual Log Log1p LogicalAnd LogicalNot LogicalOr Matmul Max
Maximum Mean Min Minimum Moveaxis Multiply Negative NotEqual OnesLike Power Reciprocal Reshape Sign
Split Sqrt Square Squeeze Stack Std Subtract Sum Swapaxes Take Tanh Transpose TrueDivide Var Where
ZerosLike
""".split()
_NN = "Elu Gelu HardSigmoid LeakyRelu LogSoftmax Relu Relu6 Selu Sigmoid Silu Softmax Softplus"
_ACTIVATIONS = """
celu elu exponential gelu glu hard_sigmoid hard_silu hard_tanh leaky_relu linear log_sigmoid
log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign swish tanh
""".split()

_CLASSES = {
    "keras.layers": frozenset(_LAYERS),
    "keras.initializers": frozenset(_INITIALIZERS),
    "keras.regularizers": frozenset(["L1", "L1L2", "L2", "OrthogonalRegularizer"]),
    "keras.constraints": frozenset(["MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"]),
    "keras.optimizers": frozenset(_OPTIMIZERS),
    "keras.optimizers.schedules": frozenset(_SCHEDULES),
    "keras": frozenset(["DTypePolicy", "Sequential"]),
    "keras.src.models.functional": frozenset(["Functional"]),
    "keras.models": frozenset(["Sequential"]),
    "keras.src.ops.numpy": frozenset(_NUMPY),
    "keras.src.ops.core": frozenset(["Cast", "SaturateCast", "StopGradient"]),
    "keras.src.ops.nn": frozenset(_NN.split()),
    "keras.src.applications.convnext": frozenset(["LayerScale", "StochasticDepth"]),
    "keras.src.applications.inception_resnet_v2": frozenset(["CustomScaleLayer"]),
}
# whose layers are allowed by name above, or not at all
_LIBRARIES = frozenset(["keras", "keras_hub", "tensorflow"])
# layers that carry code or read files, also as the base of a user's own
_CARRIERS = tuple(
    getattr(keras.layers, name)
    for name in (
        "FlaxLayer",
        "Hashing",
        "IntegerLookup",
        "JaxLayer",
        "Lambda",
        "StringLookup",
        "TFSMLayer",
        "TextVectorization",
        "TorchModuleWrapper",
    )
    if hasattr(keras.layers, name)
)
_MARKS = frozenset(["__keras_tensor__", "__ellipsis__", "__slice__"])


class ConfigError(ValueError):
    """A configuration holds what is not allowed in a file."""


def check_config(config):
    """Refuse a Keras configuration that names anything outside the closed list.

    Parameters
    ----------
    config : dict
        Result of `keras.saving.serialize_keras_object`, perhaps manipulated.

    Raises
    ------
    ConfigError
        If it names another class or function, a layer that nobody has registered, or a compiled
        model. The message says which.
    """
    rest = [config]
    while rest:
        part = rest.pop()
        if isinstance(part, list | tuple):
            rest += part
        elif isinstance(part, dict):
            if "class_name" in part or "registered_name" in part:
                _check_class(part)
            rest += part.values()
        elif not isinstance(part, str | int | float | bool | None):
            raise ConfigError(f"a Keras configuration may not hold a {type(part).__name__}")


def count_classes(config) -> int:
    """Return how many objects a configuration consists of."""
    n_classes, rest = 0, [config]
    while rest:
        part = rest.pop()
        if isinstance(part, dict):
            n_classes += "class_name" in part
            rest += part.values()
        elif isinstance(part, list):
            rest += part
    return n_classes


def as_config(thing) -> dict:
    """Return the configuration of a Keras object as plain JSON values.

    Raises
    ------
    ConfigError
        If the object, or one within it, is not of the closed list.
    """
    try:
        config = json.loads(json.dumps(keras.saving.serialize_keras_object(thing)))
    except (TypeError, ValueError, NotImplementedError) as error:
        raise ConfigError(f"{type(thing).__name__} has no plain configuration: {error}") from error
    if str(config.get("module")).startswith("keras.src.backend.torch.optimizers."):
        config["module"] = "keras.optimizers"  # PyTorch has variants of the same names
        config["registered_name"] = None
    _drop_compilation(config)
    check_config(config)
    return config


def from_config(config):
    """Return the Keras object of a configuration, after `check_config`, in Keras' safe mode."""
    check_config(config)
    text = json.dumps(config)
    if "keras_hub" in text:
        _hub_classes()
    # a copy: Keras takes the configuration apart while it reads it
    return keras.saving.deserialize_keras_object(json.loads(text), safe_mode=True)


def _check_class(part):
    name, module = part.get("class_name"), part.get("module")
    shown = f"{module}.{name}" if module else f"{name}"
    if name in _MARKS and module is None:
        return
    if part.get("compile_config"):
        raise ConfigError(f"{shown} comes with an optimizer or losses")
    if name == "function":
        if part.get("config") in _ACTIVATIONS and module in ("builtins", "keras.activations"):
            return
        raise ConfigError(f"the function {part.get('config')!r} is not allowed")
    registered = part.get("registered_name")
    if isinstance(module, str) and module.startswith("keras_hub."):
        known = _hub_classes()
        is_known = isinstance(name, str) and known.get(name) == module
        if is_known and registered == f"keras_hub>{name}":
            return
        raise ConfigError(f"the class {shown} is not allowed")
    if _is_own_layer(part):
        return
    if isinstance(module, str | None) and str(module).partition(".")[0] not in _LIBRARIES:
        raise ConfigError(
            f"the class {shown} is not allowed, since this process has no layer registered as "
            f"{registered!r}; if it is a layer of your own, decorate its class with "
            "keras.saving.register_keras_serializable, and import it before load"
        )
    # another registered name would be looked up among the classes that users have registered
    if registered not in (None, name):
        raise ConfigError(f"the class {shown}, registered as {registered!r}, is not allowed")
    if not isinstance(module, str) or name not in _CLASSES.get(module, ()):
        raise ConfigError(f"the class {shown} is not allowed")
    if name == "Rescaling" and isinstance(part.get("config"), dict):
        for key in ("scale", "offset"):  # which Keras does not look at before it predicts
            if not _are_numbers(part["config"].get(key, 0.0)):
                raise ConfigError(f"the {key} of a layer {shown} is no number")


def _are_numbers(value) -> bool:
    if isinstance(value, list):
        return all(map(_are_numbers, value))
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_own_layer(part) -> bool:
    """Return whether a configuration is of a user's layer that this process has registered."""
    registered = part.get("registered_name")
    kind = keras.saving.get_registered_object(registered) if isinstance(registered, str) else None
    return (
        isinstance(kind, type)
        and issubclass(kind, keras.layers.Layer)
        and not issubclass(kind, _CARRIERS)
        and kind.__module__.partition(".")[0] not in _LIBRARIES
        and keras.saving.get_registered_name(kind) == registered
        and part.get("class_name") == kind.__name__
        and part.get("module") in (None, kind.__module__)
    )


def _hub_classes() -> dict:
    """Return the module of every public backbone of KerasHub by class name."""
    try:
        import keras_hub
    except ImportError as error:
        raise ConfigError("it needs KerasHub: pip install keras-hub") from error
    return {
        name: value.__module__
        for name, value in vars(keras_hub.models).items()
        if name.endswith("Backbone") and name != "Backbone" and isinstance(value, type)
    }


def _drop_compilation(config):
    """Remove optimizers and losses: a backbone is used for its layers alone."""
    rest = [config]
    while rest:
        part = rest.pop()
        if isinstance(part, dict):
            part.pop("compile_config", None)
            rest += part.values()
        elif isinstance(part, list):
            rest += part
