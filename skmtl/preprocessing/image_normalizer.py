"""ImageNormalizer: images of one size, channels and scale."""

from typing import Any, Literal, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmtl._runtime.types import Rows
from skmtl.data.pixel_scaling import PixelScaling, find_scaling
from skmtl.preprocessing._decode import load_image
from skmtl.preprocessing._image_base import ImageTransformer
from skmtl.preprocessing._pixels import MODES
from skmtl.preprocessing._resize import RESIZE_MODES, as_size, resize_image


class ImageNormalizer(ImageTransformer):
    """Bring a column of images to one size, one number of channels and one scale.

    Without `scaling`, images stay raw (uint8), and a backbone applies its own preprocessing to
    them; scaled images (float32) are taken by a backbone as they are. Cells may be whatever
    `ImageLoader` reads; missing cells stay missing.

    Parameters
    ----------
    size : int or tuple of int (height, width), default=None
        Size in pixels; an int is both. None keeps the sizes.
    resize : {"stretch", "fit", "crop"}, default="stretch"
        "stretch" changes the aspect ratio; "fit" keeps it and fills the border with zeros; "crop"
        keeps it and cuts off what lies outside, equally on both sides.
    mode : {None, "grey", "rgb"}, default=None
        One channel, three, or (None) as they come.
    scaling : str, default=None
        "unit" brings pixels to [0, 1], "symmetric" to [-1, 1], "standardize" to mean 0 and variance
        1 in each channel over the images seen in `fit`; the name of a backbone, such as "vgg16",
        does what the weights of that backbone in ``keras.applications`` expect. None scales
        nothing.

    Attributes
    ----------
    mean_, std_ : ndarray of shape (n_channels,)
        Statistics of the pixels (0 to 255) seen in `fit`; only with ``scaling="standardize"``.
    n_features_in_ : int
        1, the number of image columns.
    feature_names_in_ : ndarray of shape (1,), dtype object
        Name of the column; only where `fit` saw a table with column names.

    See Also
    --------
    ImageLoader : Decodes images, with threads and a limit on their size.

    Examples
    --------
    >>> import numpy as np
    >>> from skmtl.preprocessing import ImageNormalizer
    >>> images = [np.full((4, 8, 3), 255, np.uint8), None]
    >>> normalizer = ImageNormalizer(size=2, mode="grey", scaling="symmetric")
    >>> white, missing = normalizer.fit_transform(images)
    >>> white.tolist(), missing
    ([[[1.0], [1.0]], [[1.0], [1.0]]], None)
    """

    def __init__(
        self,
        *,
        size: int | tuple[int, int] | None = None,
        resize: Literal["stretch", "fit", "crop"] = "stretch",
        mode: Literal["grey", "rgb"] | None = None,
        scaling: str | None = None,
    ) -> None:
        self.size = size
        self.resize = resize
        self.mode = mode
        self.scaling = scaling

    def fit(self, X: Rows, y: Any = None) -> Self:  # noqa: ARG002
        """Check the parameters, and learn the statistics of the pixels if there are any to learn.

        Parameters
        ----------
        X : array-like of images of shape (n_samples,), (n_samples, 1) or (n_samples, h, w, c)
            Images.
        y : None
            Ignored.

        Returns
        -------
        ImageNormalizer
            The object itself.

        Raises
        ------
        ValueError, TypeError
            If a parameter is not allowed, or a cell is not a readable image.
        """
        column = self._read(X, reset=True)
        if self.scaling == "standardize":
            self._learn(self._resized(column.cells))
        return self

    def fit_transform(self, X: Rows, y: Any = None) -> np.ndarray:  # noqa: ARG002
        """Do `fit` and `transform`, reading every image once.

        Parameters
        ----------
        X : array-like of images of shape (n_samples,), (n_samples, 1) or (n_samples, h, w, c)
            Images.
        y : None
            Ignored.

        Returns
        -------
        ndarray in the shape of `X`
            As of `transform`.
        """
        column = self._read(X, reset=True)
        images = self._resized(column.cells)
        if self.scaling == "standardize":
            self._learn(images)
        return column.rebuild(self._scaled(images))

    def transform(self, X: Rows) -> np.ndarray:
        """Normalise images.

        Parameters
        ----------
        X : array-like of images of shape (n_samples,), (n_samples, 1) or (n_samples, h, w, c)
            Images.

        Returns
        -------
        ndarray in the shape of `X`
            Object array of images, each an array of shape (height, width, channels), float32 if
            `scaling` is set; None where the cell is missing. Where `X` was one array of images,
            one array.

        Raises
        ------
        ValueError, TypeError
            If a cell is not a readable image, or is already scaled; the text names the row.
        """
        check_is_fitted(self)
        column = self._read(X, reset=False)
        return column.rebuild(self._scaled(self._resized(column.cells)))

    def _check_parameters(self):
        as_size(self.size, "size")
        if self.resize not in RESIZE_MODES:
            raise ValueError(f"resize must be one of {RESIZE_MODES}; got {self.resize!r}.")
        if self.mode is not None and self.mode not in MODES:
            raise ValueError(f"mode must be None, 'grey' or 'rgb'; got {self.mode!r}.")
        if self.scaling not in (None, "standardize"):
            find_scaling(self.scaling, parameter="scaling")

    def _resized(self, cells) -> list:
        """Return raw or float images in the right size and channels, None for missing ones."""
        size = as_size(self.size, "size")
        name, images = self._column_name(), []
        for row, cell in enumerate(cells):
            image = load_image(cell, row=row, column=name, mode=self.mode, for_size=size)
            if image is not None and self.scaling is not None and image.dtype != np.uint8:
                raise ValueError(
                    f"{name} row {row} holds floats, which count as scaled already; "
                    f"scaling={self.scaling!r} needs raw uint8 pixels."
                )
            if image is not None and size is not None:
                image = resize_image(image, size, self.resize)
            images.append(image)
        return images

    def _learn(self, images):
        name, total, squares, n_pixels = self._column_name(), 0.0, 0.0, 0
        first = None
        for row, image in enumerate(images):
            if image is None:
                continue
            first = image.shape[2] if first is None else first
            _check_channels(image, first, f"{name} row {row}", "the images before it have")
            pixels = image.reshape(-1, first).astype(np.float64)
            total, squares = total + pixels.sum(axis=0), squares + (pixels**2).sum(axis=0)
            n_pixels += len(pixels)
        if first is None:
            raise ValueError(f"scaling='standardize' needs an image; all of {name} is missing.")
        self.mean_ = total / n_pixels
        variance = np.maximum(squares / n_pixels - self.mean_**2, 0.0)
        self.std_ = np.where(variance > 0, np.sqrt(variance), 1.0)

    def _scaled(self, images) -> list:
        if self.scaling is None:
            return images
        if self.scaling == "standardize":
            scaling = PixelScaling.of_moments(self.mean_, self.std_)
            n_channels, why = len(self.mean_), "fit saw"
        else:
            scaling = find_scaling(self.scaling, parameter="scaling")
            n_channels = max(len(scaling.scale), len(scaling.offset))
            why = f"scaling={self.scaling!r} needs"
        scale, offset = np.float32(scaling.scale), np.float32(scaling.offset)
        name, result = self._column_name(), []
        for row, image in enumerate(images):
            if image is not None:
                if n_channels > 1 or self.scaling == "standardize":
                    _check_channels(image, n_channels, f"{name} row {row}", why)
                image = image[:, :, ::-1] if scaling.is_bgr else image
                image = image.astype(np.float32) * scale + offset
            result.append(image)
        return result


def _check_channels(image, n_channels, where, why):
    if image.shape[2] != n_channels:
        raise ValueError(
            f"{where} has {image.shape[2]} channels, {why} {n_channels}; set mode='rgb' or "
            "mode='grey'."
        )
