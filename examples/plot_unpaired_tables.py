"""
Two tables that share no row
============================

Images of digits are in one table, Chinese texts in another. No row has both, and no row is
labelled for both tasks. ``join_unpaired`` stacks the tables, and one network learns from all rows.
"""

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skmtl import MultiTaskClassifier, join_unpaired
from skmtl.datasets import load_emoji
from skmtl.display import TaskConfusionMatrixDisplay, WrongPredictionsDisplay
from skmtl.metrics import task_scorers

# %%
# The first table: 1,797 digits of 8 x 8 pixels with values from 0 to 16. The network takes
# ``uint8`` pixels from 0 to 255 without any preparation.
digits = load_digits()
pixels = (digits.images * 15.9375).astype("uint8")
images = pd.DataFrame({"image": list(pixels)}), pd.DataFrame({"digit": digits.target})

# %%
# The second table: the names of emoji, and the group of each.
emoji, labels = load_emoji()
texts = emoji[["text"]], labels[["group"]].rename(columns={"group": "topic"})

# %%
# Each table is stratified by its classes, then the parts are joined. A cell that a table does not
# have is None: in ``X`` a missing image or text, in ``y`` a missing label.
parts = [
    train_test_split(X, y, test_size=0.3, stratify=y, random_state=0) for X, y in (images, texts)
]
X_train, y_train = join_unpaired(*[(train, known) for train, _, known, _ in parts])
X_test, y_test = join_unpaired(*[(test, truth) for _, test, _, truth in parts])
print(y_train.iloc[[0, 1, -2, -1]])

# %%
# One network: a branch for images, one for texts, and a head for each task. A branch computes only
# the rows that have its column, and a row trains only the tasks that it has labels for. Here each
# task also sees only one column, which saves weights that it could never use.
model = MultiTaskClassifier(
    task_columns={"digit": "image", "topic": "text"},
    epochs=12,
    random_state=0,
).fit(X_train, y_train)
model.summary()

# %%
# A task's scorer uses the rows that have a label for it.
for name, scorer in task_scorers(["digit", "topic"]).items():
    print(f"{name}: {scorer(model, X_test, y_test):.3f}")

# %%
# ``predict`` gives both tasks for every row, also where a cell is missing: without an image, the
# digit is a guess from how often each class occurred. So look at each task where it has labels.
TaskConfusionMatrixDisplay.from_estimator(model, X_test, y_test)

# %%
# And the wrong predictions with the highest probabilities.
WrongPredictionsDisplay.from_estimator(model, X_test, y_test, n_predictions=8)
plt.show()
