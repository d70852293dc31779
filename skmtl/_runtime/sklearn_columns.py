"""What a fitted ColumnTransformer keeps privately, computed by scikit-learn from what is public.

scikit-learn computes it at the start of `fit`, in methods without a public name. A test that
restores a fitted one fails loudly if scikit-learn renames them.
"""

import numpy as np
import pandas as pd


def restore_columns(transformer):
    """Give a fitted ColumnTransformer the attributes that follow from its parameters.

    Parameters
    ----------
    transformer : ColumnTransformer
        With parameters, names and number of columns, and ``transformers_``, from which the fitted
        parts are taken.

    Raises
    ------
    TypeError, ValueError
        If these disagree.
    """
    names = getattr(transformer, "feature_names_in_", None)
    X = np.empty((0, transformer.n_features_in_)) if names is None else pd.DataFrame(columns=names)
    transformer._validate_params()
    transformer._validate_transformers()
    transformer._validate_column_callables(X)
    transformer._validate_remainder(X)
    given = [
        (name, part, columns)
        for (name, part, _), columns in zip(
            transformer.transformers, transformer._columns, strict=True
        )
    ]
    if transformer._remainder[2]:
        given.append(transformer._remainder)
    restored = []
    for (name, part, columns), (known, fitted, _) in zip(
        given, transformer.transformers_, strict=True
    ):
        is_same = part == fitted == "drop" if isinstance(fitted, str) else part != "drop"
        if name != known or not is_same:
            raise ValueError(f"its parts {name!r} and {known!r} are not the same")
        restored.append((name, fitted, columns))
    transformer.transformers_ = restored


def columns_of(transformer, name) -> list[int]:
    """Return the positions of the columns that a part of a fitted ColumnTransformer reads."""
    return transformer._transformer_to_input_indices[name]
