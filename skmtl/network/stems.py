"""Backbones whose first stages all tasks share; the later ones are each task's alone."""

import dataclasses

import keras

from skmtl.backbones._small_cnn import filters_of
from skmtl.backbones.image import build_image_backbone
from skmtl.columns import BranchSpec
from skmtl.columns.augmentation import augment
from skmtl.sharing import Sharing

SPLIT_BACKBONE = "small_cnn"


def split_branch(
    branch: BranchSpec, sharing: Sharing, n_tasks: int
) -> tuple[keras.Model, BranchSpec] | None:
    """Return the shared stages of a branch, and what each task's own part of it is.

    Parameters
    ----------
    branch : BranchSpec
        The whole branch.
    sharing : Sharing
        Says where the tasks part.
    n_tasks : int
        Number of tasks that see the branch.

    Returns
    -------
    stem : keras.Model
        From images to the feature map after the shared stages.
    own : BranchSpec
        A branch from this feature map to a vector.
        None in place of both if the tasks do not part within this branch.
    """
    if branch.backbone != SPLIT_BACKBONE or branch.frozen:
        return None
    filters = dict(branch.backbone_options).get("filters")
    shared, own = sharing.split(filters_of(branch.input_shape, filters), n_tasks)
    if not own:
        return None
    x = pixels = keras.Input(branch.input_shape, dtype=branch.input_dtype, name=branch.modality)
    if branch.augmentation:
        x = augment(x, branch.augmentation)
    x = build_image_backbone(
        SPLIT_BACKBONE,
        input_shape=branch.input_shape,
        raw=branch.input_dtype == "uint8",
        options={"filters": shared},
    )(x)
    rest = dataclasses.replace(
        branch,
        input_shape=tuple(x.shape[1:]),
        input_dtype="float32",
        backbone_options=(("filters", own),),
        augmentation=(),
    )
    return keras.Model(pixels, x, name=f"{branch.modality}_stem"), rest
