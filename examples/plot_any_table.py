"""
A table of images, texts, numbers and categories
================================================

A row of this table is a Chinese character: its glyph, an English definition, the words it stands
in, how frequent it is, and how it is read in Cantonese and Korean. Its labels have little in
common: how it is written, how it is read in Mandarin, and when it is learnt. Which columns tell
which label?
"""

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.model_selection import GroupKFold

from skmtl import MultiTaskClassifier
from skmtl.datasets import load_hanzi

# %%
# Most characters lack some cells and some labels. Both stay as they are: a missing cell is a column
# that the row does not have, a missing label leaves the row out of that task.
X, y, groups = load_hanzi(return_groups=True)
y = y[["radical", "tone", "level"]]
print(pd.concat([X, y], axis=1).isna().mean().round(2).to_string())

# %%
# Variants of one character stand on one side of the split.
rows = X.sample(3000, random_state=0).index
train, test = (rows[part] for part in next(GroupKFold(4).split(rows, groups=groups[rows])))
print(len(train), "rows to train,", len(test), "to test")


# %%
# The kinds of the columns are inferred from dtypes and cells.
def fit(columns):
    """Return a network on some columns, and its accuracy by task."""
    model = MultiTaskClassifier(epochs=6, random_state=0)
    model.fit(X.loc[train, columns], y.loc[train])
    predicted = pd.DataFrame(model.predict(X.loc[test, columns]), index=test, columns=list(y))
    truth = y.loc[test]
    return model, (predicted == truth).sum() / truth.notna().sum()


model, all_columns = fit(list(X))
print(model.columns_)

# %%
# The same network on the image alone, on the texts alone, and on numbers and categories alone:
accuracy = {
    "image": fit(["image"])[1],
    "texts": fit(["definition", "words"])[1],
    "numbers and\ncategories": fit([*X.columns[3:]])[1],
    "all columns": all_columns,
}
accuracy = pd.DataFrame(accuracy)
print(accuracy.rename(columns=lambda name: name.replace("\n", " ")).round(3).to_string())

# %%
# The glyph shows the radical, the Cantonese tone nearly gives the Mandarin one, and frequent
# characters are learnt early. One network with all columns has all three, though a few points below
# the best columns alone: the logits of columns that say little are added, too.
ax = accuracy.plot.bar(rot=0, figsize=(8, 4), width=0.8)
ax.set(ylabel="accuracy on other characters", ylim=(0, 1))
ax.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
ax.grid(axis="y", alpha=0.3)
ax.figure.set_layout_engine("constrained")
plt.show()
