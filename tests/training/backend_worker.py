"""What one backend does for `test_backends`: train from a file's weights, and predict.

Called as ``python backend_worker.py FOLDER [MODEL ...]``; the backend is that of ``KERAS_BACKEND``.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from small_table import make_small_table

import skmtl

CASES = {
    "sgd": {"optimizer": "sgd", "learning_rate": 0.05},
    "adam": {"optimizer": "adam"},
    "warm-up": {"optimizer": "adam", "learning_rate": "warmup_cosine"},
    "strategies": {"gradient_aggregator": "upgrad", "loss_weights": "uncertainty"},
}


def small_model():
    """Return a classifier without anything random but its first weights."""
    return skmtl.MultiTaskClassifier(
        branch_dropout=0.0,
        branch_units=6,
        trunk_units=5,
        batch_size=8,
        epochs=3,
        warm_start=True,
        random_state=0,
    ).set_params(
        image_backbone__filters=(4, 4), text_backbone__embedding_dim=6, text_backbone__dropout=0.0
    )


def predictions(path):
    """Return what a saved model predicts."""
    X, _ = make_small_table(24)
    return np.concatenate(skmtl.load(path).predict_proba(X), axis=1)


def trained(folder, name):
    """Train from the weights in the folder, save the last case; return the losses by case."""
    X, y = make_small_table(24)
    losses = {}
    for case, parameters in CASES.items():
        model = skmtl.load(folder / "start.skmtl").set_params(**parameters)
        losses[case] = model.fit(X, y).history_["loss"]
    model.save(folder / f"{name}.skmtl")
    np.save(folder / f"{name}.npy", np.concatenate(model.predict_proba(X), axis=1))
    return losses


if __name__ == "__main__":
    import keras

    backend = keras.config.backend()
    folder = Path(sys.argv[1])
    result = {
        "losses": trained(folder, backend),
        "predictions": {
            name: predictions(folder / f"{name}.skmtl").tolist() for name in sys.argv[2:]
        },
        "imported": sorted({"tensorflow", "jax", "torch"} & set(sys.modules)),
    }
    (folder / f"{backend}.json").write_text(json.dumps(result))
