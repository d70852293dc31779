"""What the two image transformers share: reading a column of images, names, tags."""

from abc import ABC
from collections.abc import Mapping, Set
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import OneToOneFeatureMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from skmtl.data.cells import as_objects
from skmtl.exceptions import describe
from skmtl.preprocessing._column_base import OneColumnTransformer


class ImageColumn(NamedTuple):
    """The cells of one column, and how they came."""

    cells: np.ndarray
    shape: tuple[int, ...]  # (n_samples,), (n_samples, 1) or (n_samples, h, w, c)

    def rebuild(self, images):
        """Return images in the container that the cells came in."""
        if len(self.shape) == 4:
            return np.stack(images) if len(images) else np.empty(self.shape, np.uint8)
        return as_objects(images).reshape(self.shape)


def read_image_column(X) -> ImageColumn:
    """Return the cells of `X`, unchecked.

    Raises
    ------
    TypeError
        If `X` is no sequence, Series, array or one-column table.
    ValueError
        If `X` has more than one column, or is a bare path.
    """
    if isinstance(X, list | tuple):
        return ImageColumn(as_objects(X), (len(X),))
    is_container = hasattr(X, "__len__") and (hasattr(X, "__array__") or hasattr(X, "to_numpy"))
    if not is_container or isinstance(X, Mapping | Set | str | bytes):
        raise TypeError(
            "X must be a list, tuple, Series or array of images, or a table of one column of "
            f"images; got {describe(X)}."
        )
    array = X.to_numpy() if hasattr(X, "to_numpy") else np.asarray(X)
    if array.ndim == 1:
        return ImageColumn(as_objects(array), array.shape)
    if array.ndim == 2 and array.shape[1] == 1 and array.dtype.kind in "OUST":
        return ImageColumn(as_objects(array[:, 0]), array.shape)
    if array.ndim in (3, 4) and array.dtype.kind in "buif":
        return ImageColumn(as_objects(array), (*array.shape, 1)[:4])
    raise ValueError(
        "X must be one column of images, or an array of shape (n_samples, height, width, "
        f"channels); got {describe(array)}."
    )


class ImageTransformer(OneToOneFeatureMixin, OneColumnTransformer, ABC):
    """Transformer of one column of images to one column of images."""

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> np.ndarray:
        """Return the name of the column, which keeps its name.

        Parameters
        ----------
        input_features : array-like of str of shape (1,), default=None
            Name of the column; None takes the one that `fit` saw, or ``"image"``.

        Returns
        -------
        ndarray of shape (1,), dtype object
            The name.
        """
        check_is_fitted(self)
        if input_features is None and not hasattr(self, "feature_names_in_"):
            input_features = ["image"]
        return super().get_feature_names_out(input_features)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _read(self, X, *, reset) -> ImageColumn:
        """Return the column; learn its name, or check it."""
        self._check_parameters()
        column = read_image_column(X)
        if hasattr(X, "columns"):
            validate_data(self, X, reset=reset, skip_check_array=True)
        elif reset:
            self.n_features_in_ = 1
            vars(self).pop("feature_names_in_", None)
        return column

    def _column_name(self) -> str:
        return str(getattr(self, "feature_names_in_", ["image"])[0])
