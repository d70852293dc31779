"""A column of images."""

import warnings
from typing import ClassVar, final

import keras

from skmtl.backbones.image import build_image_backbone, describe_image_backbone
from skmtl.columns._base import ColumnKind
from skmtl.columns._parameters import backbone_branch, check_pooling
from skmtl.columns._spec import BranchSpec
from skmtl.columns.augmentation import check_augmentation
from skmtl.data import Modality
from skmtl.preprocessing._read_images import ImageFormat, describe_bad, read_images

POOLINGS = {
    "avg": keras.layers.GlobalAveragePooling2D,
    "max": keras.layers.GlobalMaxPooling2D,
    "flatten": keras.layers.Flatten,
}


@final
class ImageColumn(ColumnKind):
    """Turns cells into pixels of one shape; see `ColumnKind`."""

    kind: ClassVar[str] = "image"

    def __init__(self, name, options):
        self.name = name
        self.size = options.get("image_size")
        self.mode = options.get("image_mode")
        self.folder = options.get("image_folder")
        self.on_bad = options.get("on_bad_image")
        self.shape_ = None
        self.dtype_ = None
        self.highest_ = None
        self.n_bad_ = 0

    def fit(self, cells) -> Modality:
        """Learn shape, dtype and range of the images."""
        images = self._read(cells)
        if not len(images.values):
            raise ValueError(f"X: column {self.name!r} has no cell that is not missing.")
        self.shape_ = tuple(images.format.shape)
        self.dtype_ = images.format.dtype
        self.highest_ = images.format.highest
        self.n_bad_ = len(images.bad)
        return self._modality(images)

    def encode(self, cells) -> Modality:
        """Return the pixels of other cells, which must have the shape and dtype of `fit`."""
        seen = ImageFormat(self.shape_, self.dtype_, self.highest_)
        return self._modality(self._read(cells, seen))

    def _modality(self, images) -> Modality:
        if images.bad:
            n_images = len(images.bad) + len(images.values)
            text = describe_bad(images.bad, n_images)
            warnings.warn(f"X: column {self.name!r}: {text}", stacklevel=2)
        return Modality.of_rows(images.values, images.present)

    def branch(self, name, options, *, straight) -> BranchSpec:
        """Return the specification of the branch; see `ColumnKind`."""
        backbone = options.get("image_backbone")
        backbone_options = options.routed("image_backbone")
        info = describe_image_backbone(backbone, options=backbone_options)
        return backbone_branch(
            self,
            name,
            options,
            info=info,
            backbone=backbone,
            backbone_options=backbone_options,
            pooling=check_pooling(options, info, tuple(POOLINGS)),
            straight=straight,
            augmentation=check_augmentation(options.get("image_augmentation")),
        )

    @staticmethod
    def encoder(spec) -> keras.Model:
        """Return backbone and pooling as one model, from pixels to a vector."""
        x = pixels = keras.Input(spec.input_shape, dtype=spec.input_dtype, name=spec.modality)
        x = build_image_backbone(
            spec.backbone,
            input_shape=spec.input_shape,
            raw=spec.input_dtype == "uint8",
            options=dict(spec.backbone_options),
        )(x)
        if len(x.shape) == 4:
            x = POOLINGS[spec.pooling](name="image_pooling")(x)
        return keras.Model(pixels, x, name=f"{spec.modality}_encoder")

    def preprocessing(self) -> dict:
        """Return how the pixels must be prepared for the network."""
        raw = self.dtype_ == "uint8"
        return {
            "pixels": "0 to 255, scaled within the network" if raw else "scaled before",
            "order": "height, width, channels",
            "missing": "zeros, and has_<branch> = 0",
        }

    def describe(self) -> str:
        """Return the shape of the images."""
        height, width, channels = self.shape_
        raw = "pixels" if self.dtype_ == "uint8" else "normalised pixels"
        bad = f", {self.n_bad_} unreadable" if self.n_bad_ else ""
        return f"{height} x {width} x {channels} {raw}{bad}"

    def _read(self, cells, seen=None):
        return read_images(
            cells,
            name=str(self.name),
            size=self.size,
            mode=self.mode,
            folder=self.folder,
            on_bad=self.on_bad,
            seen=seen,
        )
