"""VGG16 and a text encoder of BERT's size on one card with at most 8 GB.

python examples/benchmarks/gpu.py            # needs a CUDA device; any of the three backends
python examples/benchmarks/gpu.py --smoke    # tiny networks, runs anywhere, measures nothing
"""

import argparse
import os
import platform
import time
from importlib.metadata import version

LIMIT = 8 * 2**30
LARGE = {"rows": 256, "side": 224, "length": 128, "filters": None, "layers": 12, "width": 768}
# multiplications and additions of a step of a row: six per weight and use, as usual. VGG16 at 224
# pixels has 15.5e9 uses of weights, a BERT-base encoder 85e6 weights times 128 tokens.
STEP_WORK = 6 * (15.5e9 + 85e6 * 128)
SMOKE = {"rows": 16, "side": 8, "length": 8, "filters": (4, 4), "layers": 1, "width": 8}


def device_name():
    """Return the name of the CUDA device, None if there is none, and keep memory below the cap."""
    import keras

    backend = keras.config.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        devices = tf.config.list_physical_devices("GPU")
        if devices:
            limit = tf.config.LogicalDeviceConfiguration(memory_limit=LIMIT // 2**20)
            tf.config.set_logical_device_configuration(devices[0], [limit])
            return tf.config.experimental.get_device_details(devices[0]).get("device_name", "GPU")
        return None
    if backend == "jax":
        import jax

        device = jax.devices()[0]
        return None if device.platform == "cpu" else device.device_kind
    import torch

    if not torch.cuda.is_available():
        return None
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, LIMIT / total))
    return torch.cuda.get_device_name(0)


def peak_bytes():
    """Return the largest memory that was taken on the device so far, None if unknown."""
    import keras

    backend = keras.config.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.config.experimental.get_memory_info("GPU:0")["peak"]
    if backend == "jax":
        import jax

        return (jax.devices()[0].memory_stats() or {}).get("peak_bytes_in_use")
    import torch

    return torch.cuda.max_memory_allocated()


def text_encoder(size):
    """Return a transformer encoder with the widths of BERT-base, and random weights."""
    from keras import Model, layers

    width = size["width"]
    ids = layers.Input((size["length"],), dtype="int32")
    x = layers.Embedding(21128, width)(ids)
    for _ in range(size["layers"]):
        heads = max(1, width // 64)
        attended = layers.MultiHeadAttention(heads, width // heads)(x, x)
        x = layers.LayerNormalization()(layers.Add()([x, attended]))
        inner = layers.Dense(width)(layers.Dense(4 * width, activation="gelu")(x))
        x = layers.LayerNormalization()(layers.Add()([x, inner]))
    return Model(ids, x, name="bert_sized")


def make_table(size):
    """Return random pictures and texts with two tasks."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    shape = (size["rows"], size["side"], size["side"], 3)
    images = list(rng.integers(0, 256, shape, dtype=np.uint8))
    texts = ["".join(rng.choice(list("我爱北京天安门的花"), size["length"])) for _ in images]
    y = rng.permutation(np.arange(2 * size["rows"]) % 2).reshape(-1, 2)
    return pd.DataFrame({"image": images, "text": texts}), y


def classifier(size, frozen, precision):
    """Return the classifier of the benchmark."""
    from skmtl import MultiTaskClassifier

    model = MultiTaskClassifier(
        image_backbone="small_cnn" if size["filters"] else "vgg16",
        text_backbone=text_encoder(size),
        freeze_backbones=frozen,
        precision=precision,
        batch_size=8 if size["filters"] else 32,
        epochs=2,
        random_state=0,
    ).set_params(tokenizer__max_len=size["length"])
    if size["filters"]:
        return model.set_params(image_backbone__filters=size["filters"])
    return model.set_params(image_backbone__weights=None)


def keras_rate(model, X, y, batch_size):
    """Return the rows per second of Keras' own `fit` on the same network and arrays."""
    import numpy as np

    from skmtl.export import network_inputs

    network = model.model_
    arrays = list(network_inputs(model, X).values())
    loss = ["sparse_categorical_crossentropy"] * y.shape[1]
    network.compile("adam", loss)
    codes = [np.searchsorted(classes, y[:, t]) for t, classes in enumerate(model.classes_)]
    network.fit(arrays, codes, batch_size=batch_size, epochs=1, verbose=0)
    start = time.perf_counter()
    network.fit(arrays, codes, batch_size=batch_size, epochs=2, verbose=0)
    return 2 * len(X) / (time.perf_counter() - start)


def main():
    """Print one line per setting."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="tiny, without a card")
    parser.add_argument("--cpu", action="store_true", help="large, without the card: for the ratio")
    parser.add_argument("--peak-tflops", type=float, help="of the card, for the utilisation")
    options = parser.parse_args()
    if options.cpu:
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
        os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    import keras

    card = device_name()
    if card is None and not (options.smoke or options.cpu):
        raise SystemExit("There is no CUDA device; --smoke and --cpu run without one.")
    size = SMOKE if options.smoke else LARGE
    backend = keras.config.backend()
    print(f"{card or 'no card'} | {backend} {version(backend)}", end=" | ")
    print(f"Keras {keras.__version__} | Python {platform.python_version()}")
    X, y = make_table(size)
    for frozen in (True, False):
        for precision in (None, "mixed_float16"):
            run(size, frozen, precision, X, y, options, card)


def run(size, frozen, precision, X, y, options, card):
    """Fit, search loss weights, let Keras fit the same network, and print what that took."""
    from sklearn.model_selection import GridSearchCV

    from skmtl.model_selection import loss_weight_grid

    model = classifier(size, frozen, precision).fit(X, y)
    start = time.perf_counter()
    model.fit(X, y)
    rate = model.epochs * len(X) / (time.perf_counter() - start)
    line = f"{'frozen' if frozen else 'trained'}, {precision or 'float32'} | {rate:.1f} rows/s"
    start = time.perf_counter()
    grid = {"loss_weights": loss_weight_grid(model.task_names_, 3)}
    GridSearchCV(model, grid, cv=2).fit(X, y)
    line += f" | grid of 3, 2 folds {time.perf_counter() - start:.1f} s"
    if card is not None:
        line += f" | peak {(peak_bytes() or 0) / 2**30:.2f} GiB"
    if options.peak_tflops and not frozen:
        work = rate * STEP_WORK / options.peak_tflops / 1e12
        line += f" | {100 * work:.0f} % of the peak"
    if not frozen and precision is None:
        line += f" | {rate / keras_rate(model, X, y, model.batch_size):.2f} times Keras' fit"
    print(line, flush=True)


if __name__ == "__main__":
    main()
