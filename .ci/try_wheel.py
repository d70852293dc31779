"""Use an installed skmtl: fit, predict, save, load and serve, on a small table."""

import importlib.metadata
from pathlib import Path

import numpy as np
import pandas as pd

import skmtl
from skmtl.datasets import load_emoji, load_hanzi

assert Path.cwd() in Path(skmtl.__file__).parents, f"{skmtl.__file__} is not the wheel"
assert importlib.metadata.version("skmtl") == skmtl.__version__
assert Path(skmtl.__file__).with_name("py.typed").exists()
description = importlib.metadata.metadata("skmtl").json["description"]
assert "](docs/" not in description, "links of the description lead nowhere on an index"

X, y = load_emoji()
assert len(load_hanzi()[0]) > 14_000
X, y = X[::10], y[::10]
X["number"] = np.arange(float(len(X)))
model = skmtl.MultiTaskClassifier(epochs=1, random_state=0).fit(X, y)
model.save("model.skmtl")
found = skmtl.load("model.skmtl").predict_frame(X)
pd.testing.assert_frame_equal(found, model.predict_frame(X))
app = skmtl.serve.create_app(model)  # the page is in the wheel
assert "/page.js" in [route.path for route in app.routes]
print(f"the wheel of skmtl {skmtl.__version__} fits, predicts, saves, loads and serves")
