"""
Two tables that share no row
============================

Pictures of digits lie in one table, Chinese texts in another. No row has both, and no row is
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
# The first table: 1,797 digits of 8 x 8 pixels, from 0 to 16. Pixels as ``uint8`` from 0 to 255 are
# what a network takes without any preparation.
digits = load_digits()
pixels = (digits.images * 15.9375).astype("uint8")
pictures = pd.DataFrame({"image": list(pixels)}), pd.DataFrame({"digit": digits.target})

# %%
# The second table: what emoji are called, and the group each one belongs to.
emoji, labels = load_emoji()
texts = emoji[["text"]], labels[["group"]].rename(columns={"group": "topic"})

# %%
# Each table is split by its own classes, then the parts are joined. A cell that a table doesn't
# have is None: in ``X`` a missing picture or text, in ``y`` a missing label.
parts = [
    train_test_split(X, y, test_size=0.3, stratify=y, random_state=0) for X, y in (pictures, texts)
]
X_train, y_train = join_unpaired(*[(train, known) for train, _, known, _ in parts])
X_test, y_test = join_unpaired(*[(test, truth) for _, test, _, truth in parts])
print(y_train.iloc[[0, 1, -2, -1]])

# %%
# One network: a branch for the pictures, one for the texts, and a head for each task. A branch only
# computes the rows that have its modality, and a row only trains the task it is labelled for. Here
# each task also sees one modality only, which spares it weights that it could never use.
model = MultiTaskClassifier(
    task_modalities={"digit": "image", "topic": "text"},
    epochs=12,
    random_state=0,
).fit(X_train, y_train)
model.summary()

# %%
# A scorer of a task takes the rows that are labelled for it.
for name, scorer in task_scorers(["digit", "topic"]).items():
    print(f"{name}: {scorer(model, X_test, y_test):.3f}")

# %%
# ``predict`` answers both tasks for every row, also where a modality is missing: without a picture,
# the digit is a guess from how often each class occurred. So look at the tasks where there is a
# truth.
TaskConfusionMatrixDisplay.from_estimator(model, X_test, y_test)

# %%
# And the surest mistakes.
WrongPredictionsDisplay.from_estimator(model, X_test, y_test, n_predictions=8)
plt.show()
