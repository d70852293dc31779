"""fit, predict, save, load and failures leave the state of the process as it was."""

import logging
import os
import random
import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest

import skmtl


def state():
    root = logging.getLogger()
    names = [
        n for n in logging.root.manager.loggerDict if n.startswith(("skmtl", "jieba", "keras"))
    ]
    return {
        "numpy": repr(np.random.get_state()),
        "python": random.getstate(),
        "policy": keras.config.dtype_policy().name,
        "floatx": keras.config.floatx(),
        "format": keras.config.image_data_format(),
        "epsilon": keras.config.epsilon(),
        "interactive logging": keras.config.is_interactive_logging_enabled(),
        "safe mode": keras.src.saving.serialization_lib.in_safe_mode(),
        "levels": [root.level, *(logging.getLogger(name).level for name in names)],
        "handlers": list(root.handlers),
        "filters": list(warnings.filters),
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "umask": umask(),
        "errors": np.geterr(),
    }


def umask():
    """Return the process's mask of new files, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def temporary_files():
    return {p.name for p in Path(tempfile.gettempdir()).glob("*jieba*")}


def test_work_leaves_the_process_as_it_was(small_table, tmp_path):
    X, y = small_table
    skmtl.MultiTaskClassifier(epochs=1, random_state=1).fit(X, y)  # imports happen here
    before, files = state(), temporary_files()
    model = skmtl.MultiTaskClassifier(
        epochs=1, random_state=0, precision="mixed_bfloat16", checkpoint_path=tmp_path / "c"
    ).fit(X, y)
    model.predict(X)
    model.save(tmp_path / "m")
    skmtl.load(tmp_path / "m").predict(X)
    assert state() == before
    assert temporary_files() == files


def test_failures_leave_the_process_as_it_was(small_table, tmp_path):
    X, y = small_table
    before = state()
    for parameters in ({"image_backbone": "vgg16", "image_backbone__weights": "/none"},
                       {"precision": "mixed_float16", "branch_dropout": 3},
                       {"text_backbone": "none"}):  # fmt: skip
        with pytest.raises(ValueError, match="must"):
            skmtl.MultiTaskClassifier().set_params(**parameters).fit(X, y)
    (tmp_path / "x").write_bytes(b"no model")
    with pytest.raises(ValueError, match="no complete zip"):
        skmtl.load(tmp_path / "x")
    assert state() == before
