"""ImageLoader: files, bytes and PIL images to arrays."""

from functools import partial
from numbers import Integral
from typing import Any, Literal, Self

import numpy as np
from joblib import effective_n_jobs

from skmtl._runtime.checks import as_count
from skmtl._runtime.threads import in_threads
from skmtl._runtime.types import Rows
from skmtl.preprocessing._decode import load_image
from skmtl.preprocessing._image_base import ImageTransformer
from skmtl.preprocessing._pixels import MAX_PIXELS, MODES


class ImageLoader(ImageTransformer):
    """Decode a column of images into arrays.

    A cell may be a path, the encoded bytes of an image (BMP, GIF, JPEG, JPEG 2000, PNG, PPM, TIFF,
    WebP, AVIF where Pillow reads it, and formats that a Pillow plug-in registers), a dict
    ``{"bytes": ..., "path": ...}``, a PIL image, an array of shape (height, width) or (height,
    width, channels), or missing (None, NaN, NA), which it stays. Images are turned upright as their
    EXIF data says, transparency is laid over white, palettes and CMYK become RGB, 16 bits are
    scaled to 8, and an animation gives its first frame.

    Stateless: `fit` checks the parameters and learns nothing but the name of the column.

    Parameters
    ----------
    mode : {None, "grey", "rgb"}, default=None
        Channels of the arrays: one, three, or (None) one for grey images and three for all
        others; arrays then keep theirs.
    max_pixels : int, default=50_000_000
        Images with more pixels are an error, raised before they are decoded. Pillow's own limit,
        ``PIL.Image.MAX_IMAGE_PIXELS``, holds as well.
    n_jobs : int, default=None
        Number of threads; None is 1, -1 is one per core.

    Attributes
    ----------
    n_features_in_ : int
        1, the number of image columns.
    feature_names_in_ : ndarray of shape (1,), dtype object
        Name of the column; only where `fit` saw a table with column names.

    See Also
    --------
    ImageNormalizer : Brings images to one size and scales their pixels.

    Examples
    --------
    >>> from PIL import Image
    >>> from skmtl.preprocessing import ImageLoader
    >>> images = [Image.new("RGB", (4, 2), "red"), None]
    >>> red, missing = ImageLoader().fit_transform(images)
    >>> red.shape, red[0, 0].tolist(), missing
    ((2, 4, 3), [255, 0, 0], None)
    """

    def __init__(
        self,
        *,
        mode: Literal["grey", "rgb"] | None = None,
        max_pixels: int = MAX_PIXELS,
        n_jobs: int | None = None,
    ) -> None:
        self.mode = mode
        self.max_pixels = max_pixels
        self.n_jobs = n_jobs

    def fit(self, X: Rows, y: Any = None) -> Self:  # noqa: ARG002
        """Check the parameters and the container.

        Parameters
        ----------
        X : array-like of images of shape (n_samples,), (n_samples, 1) or (n_samples, h, w, c)
            Images.
        y : None
            Ignored.

        Returns
        -------
        ImageLoader
            The object itself.

        Raises
        ------
        ValueError, TypeError
            If a parameter is not allowed, or `X` is not one column of images.
        """
        self._read(X, reset=True)
        return self

    def transform(self, X: Rows) -> np.ndarray:
        """Decode images.

        Parameters
        ----------
        X : array-like of images of shape (n_samples,), (n_samples, 1) or (n_samples, h, w, c)
            Images.

        Returns
        -------
        ndarray in the shape of `X`
            Object array of images, each an array of shape (height, width, channels), uint8 or,
            where the cell was an array of floats, float32; None where the cell is missing. Where
            `X` was one array of images, one array.

        Raises
        ------
        ValueError, TypeError
            If a cell is not a readable image; the text names the row and the file.
        """
        column = self._read(X, reset=False)
        load = partial(
            _load, column=self._column_name(), mode=self.mode, max_pixels=self.max_pixels
        )
        cells, n_threads = list(enumerate(column.cells)), effective_n_jobs(self.n_jobs)
        if n_threads == 1:
            return column.rebuild(list(map(load, cells)))
        return column.rebuild(in_threads(load, cells, n_threads))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags

    def __sklearn_is_fitted__(self):
        return True

    def _check_parameters(self):
        if self.mode is not None and self.mode not in MODES:
            raise ValueError(f"mode must be None, 'grey' or 'rgb'; got {self.mode!r}.")
        as_count("max_pixels", self.max_pixels)
        n_jobs = self.n_jobs
        if n_jobs is not None and (not isinstance(n_jobs, Integral) or n_jobs == 0):
            raise ValueError(f"n_jobs must be None or an int that is not 0; got {n_jobs!r}.")


def _load(item, *, column, mode, max_pixels):
    row, cell = item
    return load_image(cell, row=row, column=column, mode=mode, max_pixels=max_pixels)
