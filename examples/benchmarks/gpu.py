"""VGG16 and a text encoder of BERT's size on one card, of which 8 GB may be used.

python examples/benchmarks/gpu.py            # needs a CUDA device; any of the three backends
python examples/benchmarks/gpu.py --cpu      # the same with fewer rows and no card, for the ratio
python examples/benchmarks/gpu.py --smoke    # tiny networks, runs anywhere, measures nothing

Every setting runs in a separate process, so that peaks of memory do not mix.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version

LIMIT = 8 * 2**30
LARGE = {"rows": 256, "side": 224, "length": 128, "filters": None, "layers": 12, "width": 768}
SMOKE = {"rows": 16, "side": 8, "length": 8, "filters": (4, 4), "layers": 1, "width": 8}
# multiplications and additions of a step of a row: six per weight and use, as usual. VGG16 at 224
# pixels has 15.3e9 uses of weights, a BERT-base encoder 85e6 weights times 128 tokens.
STEP_WORK = 6 * (15.3e9 + 85e6 * 128)
SETTINGS = [
    ("trained", "float32"),
    ("trained", "mixed_float16"),
    ("trained", "mixed_bfloat16"),
    ("frozen", "float32"),
    ("frozen", "mixed_bfloat16"),
]
COLUMNS = [
    "backbones", "precision", "first fit, s", "batch", "rows/s in training", "% of the peak",
    "fixed cost of a fit, s", "peak, GiB", "grid of 3, 2 folds, s",
    "times Keras' fit",
]  # fmt: skip


def limit_memory():
    """Keep this process below the cap, and return the name of the CUDA device, None without one."""
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
    if backend == "jax":  # `main` has set its limit, which is read before the first operation
        import jax

        device = jax.devices()[0]
        return None if device.platform == "cpu" else device.device_kind
    import torch

    if not torch.cuda.is_available():
        return None
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, LIMIT / total))
    return torch.cuda.get_device_name(0)


def jax_limit() -> dict:
    """Return the environment that keeps JAX below the cap, which it takes in one piece.

    A network of this size asks for gigabytes in one piece, and memory that grows is in many.
    """
    query = ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        printed = subprocess.run(query, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return {}
    share = LIMIT / 2**20 / int(printed.split()[0])
    whole = {"XLA_PYTHON_CLIENT_PREALLOCATE": "true"}
    return whole | {"XLA_CLIENT_MEM_FRACTION": f"{min(1.0, share):.4f}"}


def peak_bytes():
    """Return the largest memory that was taken on the device so far, 0 if unknown."""
    import keras

    backend = keras.config.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.config.experimental.get_memory_info("GPU:0")["peak"]
    if backend == "jax":
        import jax

        return (jax.devices()[0].memory_stats() or {}).get("peak_bytes_in_use", 0)
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
    """Return random images and texts with two tasks."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    shape = (size["rows"], size["side"], size["side"], 3)
    images = list(rng.integers(0, 256, shape, dtype=np.uint8))
    texts = ["".join(rng.choice(list("我爱北京天安门的花"), size["length"])) for _ in images]
    y = rng.permutation(np.arange(2 * size["rows"]) % 2).reshape(-1, 2)
    return pd.DataFrame({"image": images, "text": texts}), y


def classifier(size, frozen, precision, epochs, batch_size):
    """Return the classifier of the benchmark."""
    from skmtl import MultiTaskClassifier

    model = MultiTaskClassifier(
        image_backbone="small_cnn" if size["filters"] else "vgg16",
        text_backbone=text_encoder(size),
        freeze_backbones=frozen,
        precision=None if precision == "float32" else precision,
        batch_size=batch_size,
        epochs=epochs,
        # at the default rate twelve random layers diverge, out of what float16 can say
        learning_rate=1e-4,
        random_state=0,
    ).set_params(tokenizer__max_len=size["length"])
    if size["filters"]:
        return model.set_params(image_backbone__filters=size["filters"])
    return model.set_params(image_backbone__weights=None)


def keras_rate(model, X, y):
    """Return the rows per second of Keras' own `fit` on the same network and arrays."""
    import numpy as np

    from skmtl.persistence import network_inputs

    network = model.model_
    arrays = list(network_inputs(model, X).values())
    network.compile("adam", ["sparse_categorical_crossentropy"] * y.shape[1])
    codes = [np.searchsorted(classes, y[:, t]) for t, classes in enumerate(model.classes_)]

    def fit(epochs):
        network.fit(arrays, codes, batch_size=model.batch_size_, epochs=epochs, verbose=0)

    fit(1)
    return 2 * len(X) / seconds(fit, 2)


def seconds(function, *arguments):
    """Return how long a call takes."""
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def measure(size, frozen, precision, card, options):
    """Yield the cells of a row, each as soon as it is known: a run may end before the last one.

    Fits, then searches loss weights, then lets Keras fit the same network.
    """
    from sklearn.model_selection import GridSearchCV

    from skmtl.model_selection import loss_weight_grid

    X, y = make_table(size)
    few, many = (1, 101) if frozen else (1, 2 if options.cpu else 3)
    model = classifier(size, frozen, precision, few, options.batch or "auto")
    yield f"{seconds(model.fit, X, y):.1f}"
    yield str(model.batch_size_)
    # two fits that differ in their epochs tell the training from what every fit costs
    short = seconds(model.fit, X, y)
    longer = seconds(model.set_params(epochs=many).fit, X, y)
    rate = (many - few) * len(X) / max(longer - short, 1e-9)
    yield f"{rate:.0f}" if rate > 10 else f"{rate:.2f}"
    known = options.peak_tflops and not frozen
    yield f"{100 * rate * STEP_WORK / options.peak_tflops / 1e12:.1f}" if known else "-"
    yield f"{short - few * len(X) / rate:.2f}"
    yield "-" if card is None else f"{peak_bytes() / 2**30:.2f}"
    model.set_params(epochs=few)
    grid = {"loss_weights": loss_weight_grid(model.task_names_, 3)}
    yield "-" if options.cpu else f"{seconds(GridSearchCV(model, grid, cv=2).fit, X, y):.1f}"
    yield "-" if options.cpu or frozen else f"{rate / keras_rate(model, X, y):.2f}"


def run_one(options):
    """Measure one setting and print its row."""
    import keras

    card = limit_memory()
    if card is None and not (options.smoke or options.cpu):
        raise SystemExit("There is no CUDA device; --smoke and --cpu run without one.")
    size = SMOKE if options.smoke else LARGE | ({"rows": 32} if options.cpu else {})
    backbones, precision = options.only.split(",")
    if options.header:
        backend = keras.config.backend()
        print(f"{card or 'no card'} | {backend} {version(backend)}", end=" | ")
        print(f"Keras {keras.__version__} | Python {platform.python_version()}\n")
        print("| " + " | ".join(COLUMNS) + " |\n|" + "---|" * len(COLUMNS), flush=True)
    print(f"| {backbones} | {precision} |", end="", flush=True)
    for cell in measure(size, backbones == "frozen", precision, card, options):
        print(f" {cell} |", end="", flush=True)
    print(flush=True)


def main():
    """Print a table with a row per setting."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="tiny, without a card")
    parser.add_argument("--cpu", action="store_true", help="large, without the card: for the ratio")
    parser.add_argument("--peak-tflops", type=float, help="of the card, for the utilisation")
    parser.add_argument("--batch", type=int, help="rows per step; by default what fits")
    parser.add_argument("--only", help="one setting, such as trained,float32, in this process")
    parser.add_argument("--header", action="store_true", help="with --only: the head of the table")
    options = parser.parse_args()
    if options.only:
        run_one(options)
        return
    environment = os.environ | jax_limit()
    if options.cpu:
        environment |= {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
    settings = SETTINGS[:1] + SETTINGS[3:4] if options.cpu or options.smoke else SETTINGS
    for place, setting in enumerate(settings):
        command = [sys.executable, __file__, *sys.argv[1:], "--only", ",".join(setting)]
        command += ["--header"] if place == 0 else []
        status = subprocess.run(command, env=environment, check=False).returncode
        if status:
            sys.exit(status)


if __name__ == "__main__":
    main()
