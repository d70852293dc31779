"""The parameters that all estimators share: their descriptions, and the constructor."""

import inspect
from abc import ABC
from typing import Any, Literal

from skmtl._runtime.types import ByColumn, PathLike, RandomState, Widths

_MARK = "{parameters}"


class MultiTaskParameters(ABC):  # noqa: B024
    """The parameters that every estimator has, and the attributes that every fit leaves.

    In the docstring of an estimator, ``{parameters}`` is replaced by what follows.

    Parameters marked *by column* take one value for all columns, or a dict whose keys are columns
    or the kinds "image", "text" and "table"; a column that the dict does not name has the default.
    Options of a component, such as ``image_backbone__weights``, are set by `set_params` or a grid.

    Parameters
    ----------
    columns : dict of column to kind, default=None
        Kinds of columns: "image", "text", "number", "category" or "drop"; others are inferred.
    image_size : int or tuple (height, width), default=None
        Size in pixels that images are resized to, *by column*; None needs images of one size.
    image_mode : {"rgb", "grey"}, default=None
        Channels of images, *by column*; None is "rgb" if any image has colours, else "grey".
    image_folder : str or path, default=None
        Folder that the paths of image files are relative to, *by column*.
    on_bad_image : {"raise", "missing"}, default="raise"
        Whether an unreadable image is an error, or a missing cell and a warning, *by column*.
    tokenizer : JiebaSequencer or WordPieceSequencer, default=None
        Turns texts into token ids, *by column*; None is that of the backbone, or
        ``JiebaSequencer()``.
    image_backbone : str or keras.Layer, default="small_cnn"
        See `skmtl.backbones`, *by column*. Options: ``image_backbone__weights="imagenet"``.
    text_backbone : str or keras.Layer, default="mean_embedding"
        See `skmtl.backbones`, *by column*. Options: ``text_backbone__embedding_dim=128``.
    freeze_backbones : bool, default=False
        Whether to leave backbones untrained, *by column*; each row then passes them only once.
    feature_cache : None, str, path or FeatureCache, default=None
        Where to keep features of frozen backbones: in memory, or in a folder; see
        `skmtl.backbones`.
    pretrained_update_scale : float or "auto", default="auto"
        Factor on the steps of a pretrained backbone that is not frozen, *by column*. "auto" is
        0.03 for presets, folders and models of ``keras.applications``; 1 for word vectors and for
        layers that you built.
    image_augmentation : None, str, keras.Layer or list of them, default=None
        Random changes of each image while training, *by column*: "flip" (left to right), "shift"
        (up to a tenth of the size), "crop" (at least four fifths, enlarged), or layers.
    pooling : str, default=None
        How a backbone's output becomes a vector, *by column*: "avg", "max" or "flatten" for
        images; "mean", "max" or "cls" for texts, without padding. None is what suits the backbone.
    branch_units : int, None or "auto", default="auto"
        Width of the dense layer that ends a branch, *by column*; None leaves the layer out. "auto"
        is 128, but None for images and texts whose branches lead straight to the heads.
    branch_dropout : float, default=0.5
        Share of a branch's outputs dropped while training, *by column*.
    fusion : {"weighted", "late", "concat", "mean"}, default="weighted"
        "weighted" trains every branch with a loss on its logits alone, and adds the logits up with
        weights learned from held-out rows (the last epochs train on these, too); "late" trains
        with one loss on the unweighted sum; "concat" puts the vectors of the branches side by side,
        with zeros for a missing one; "mean" averages the vectors that are present.
    trunk_units : int or sequence of int, default=()
        Widths of the trunk's layers.
    trunk_dropout : float, default=0.0
        Share of each trunk layer's outputs dropped while training.
    sharing : str or Sharing, default="split"
        See `skmtl.sharing`. With "split", tasks share all but the later stages of "small_cnn" and
        the heads; with "hard", all but the heads; "none" gives each task its own network.
    task_columns : dict of task to column, kind, or a list of them, default=None
        Columns that a task may use, as ``{"digit": "photo", "topic": ["title", "price"]}``; a task
        that is not named uses all.
    loss_weights : None, dict, sequence, str or LossWeighting, default=None
        Weights of the task losses, by task or in order; or a method that finds them (see
        `skmtl.weighting`). None weighs all equally. Unless a method finds the weights, the squared
        errors of numbers beside other tasks count by their root.
    gradient_aggregator : None, str or aggregator, default=None
        Method that combines the task gradients of the shared variables (see `skmtl.aggregation`).
        A task of loss weight 0 takes no part.
    tasks : dict of task to kind, default=None
        Kinds of labels: "class", "ordinal", "tags" or "number"; a list of classes is "ordinal" in
        that order. Others are inferred, see `task_kinds_`.
    task_losses : str, keras.losses.Loss or dict of task to them, default=None
        "crossentropy" or "focal" for classes, "squared", "huber", "absolute" or "quantile" for
        standardised numbers, or a loss of Keras, by name or as an object. None is the first of
        each.
    label_smoothing : float or dict of task to float, default=0.0
        Share of each class label that is spread over all classes.
    quantiles : float, sequence of float or dict of task to them, default=(0.1, 0.5, 0.9)
        Quantiles that the loss "quantile" learns.
    target_transform : {"log1p"} or dict of task to it, default=None
        Transform of numbers before training; predictions are transformed back.
    tag_separator : str or dict of task to str, default=None
        Separator between the tags in a string, such as "|".
    tune_thresholds : bool, default=False
        Whether to find the threshold of each tag on held-out rows (`validation_fraction`); else all
        are 0.5.
    class_weight : None, "balanced" or dict, default=None
        "balanced" or ``{task: "balanced" | {class: weight}}``; if `y` is 1-D also
        ``{class: weight}``. Only for classes.
    missing_label : object, default=None
        A label that means *missing*, in addition to None, NaN and NA.
    optimizer : str or keras.optimizers.Optimizer, default="adam"
        Options: ``optimizer__weight_decay=1e-4``. An object is copied.
    learning_rate : float, schedule, None, "auto" or "warmup_cosine", default="auto"
        "auto" is 0.003, and falls in the last 30 % of the epochs (not with `early_stopping`);
        "warmup_cosine" rises to 0.003 in the first 10 %, then falls to 0 along a cosine, step by
        step; None keeps that of the optimizer. A grid may call it ``optimizer__learning_rate``.
    epochs : int or "auto", default="auto"
        Number of passes over the rows, or the largest number with `early_stopping`. "auto" is 20
        for up to 5,000 rows, and fewer for more rows, but at least 8.
    batch_size : int or "auto", default=32
        Rows per step. "auto" is 32 on a CPU; on a GPU as many as its memory holds, up to 1024.
    early_stopping : bool, default=False
        Whether to stop when `stopping_score` no longer improves on `X_val`, or else on
        `validation_fraction` of the rows, and to keep the weights of the best epoch.
    stopping_score : None, str or callable, default=None
        What `early_stopping` watches: the mean score of the tasks (None), the score of one task
        (its name), a loss (``"val_loss"``, ``"val_<task>_loss"``), or the result of a scorer
        ``(estimator, X, y)``, such as one of `task_scorers`: "val_score" in `history_`.
    validation_fraction : float, default=0.1
        Share of the rows held out for `early_stopping` and `tune_thresholds`, unless `fit` gets
        `X_val`.
    n_iter_no_change : int, default=10
        Number of epochs without a better score after which training stops.
    precision : None, "mixed_float16" or "mixed_bfloat16", default=None
        Keras dtype policy of the network.
    n_devices : int, default=None
        Number of devices that share every batch; needs Keras on TensorFlow or JAX. None for one.
    callbacks : None, keras.callbacks.Callback or list of them, default=None
        Called as Keras calls them.
    checkpoint_path : None, str or path, default=None
        Folder where `fit` saves its state after every epoch. If it is killed, the same fit
        continues from there when it is called again, with bit-identical results. The file is
        deleted when the fit ends. Needs a `random_state`.
    nonfinite_loss : {"raise", "restore"}, default="raise"
        Whether a loss that is not finite is an error, or restores the last epoch with a warning.
    on_interrupt : {"raise", "keep"}, default="raise"
        Whether Ctrl-C is an error, or ends training with a warning and keeps the last whole epoch
        (with `early_stopping` the best). An interrupted fit can continue from `checkpoint_path`.
    warm_start : bool, default=False
        Whether `fit` continues from the weights of the last one, which must have had the same tasks
        and classes. What shapes the network stays as it was then: another `fusion`, trunk,
        `precision` or `freeze_backbones` is an error.
    random_state : int, RandomState or None, default=None
        Seed of weights, shuffles and dropout. The same int gives bit-identical results.
    verbose : int, default=0
        1 prints a line per epoch.

    Attributes
    ----------
    columns_ : dict of str to str
        Kind of every column of `X`.
    task_names_, n_tasks_ : list of str, int
        Names of the tasks, and their number.
    task_kinds_ : dict of str to str
        Kind of the labels of every task.
    model_ : keras.Model
        The whole network, from pixels, token ids and numbers to probabilities, or numbers in
        the units of `y`.
    history_ : dict of str to list of float
        Per epoch: "loss", "<task>_loss", "<task>_accuracy" ("_r2" for numbers, "_f1" for tags),
        "<task>_loss_weight"; losses and scores of validation rows, prefixed by ``"val_"``; with an
        aggregator "<task>_gradient_weight" and "<task>|<other>_gradient_cosine"; with weighted
        branches "<task>|<column>_branch_weight".
    branch_weights_ : dict of str to dict of str to float
        The weight of every column's branch, by task; empty unless branches are weighted.
    n_parameters_ : int
        Number of weights of the network.
    n_iter_ : int
        Number of epochs trained.
    batch_size_ : int
        Rows per step: `batch_size`, or the one that "auto" has found.
    n_features_in_, feature_names_in_ : int, ndarray of str
        Number of columns of `X` (1 for images or texts alone), and their names if it was a frame.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        """Replace ``{parameters}`` in the docstring of an estimator by their descriptions."""
        super().__init_subclass__(**options)
        shared, own = (inspect.cleandoc(c.__doc__ or "") for c in (MultiTaskParameters, cls))
        if _MARK in own:
            described = shared[shared.index("Parameters marked") :]
            cls.__doc__ = own.replace(_MARK, described) + "\n"

    def __init__(
        self,
        *,
        columns: ByColumn | None = None,
        image_size: int | tuple[int, int] | ByColumn | None = None,
        image_mode: str | ByColumn | None = None,
        image_folder: PathLike | ByColumn | None = None,
        on_bad_image: str | ByColumn = "raise",
        tokenizer: Any = None,
        image_backbone: Any = "small_cnn",
        text_backbone: Any = "mean_embedding",
        freeze_backbones: bool | ByColumn = False,
        feature_cache: Any = None,
        pretrained_update_scale: float | str | ByColumn = "auto",
        image_augmentation: Any = None,
        pooling: str | ByColumn | None = None,
        branch_units: int | str | ByColumn | None = "auto",
        branch_dropout: float | ByColumn = 0.5,
        fusion: str = "weighted",
        trunk_units: Widths = (),
        trunk_dropout: float = 0.0,
        sharing: Any = "split",
        task_columns: ByColumn | None = None,
        loss_weights: Any = None,
        gradient_aggregator: Any = None,
        tasks: ByColumn | None = None,
        task_losses: Any = None,
        label_smoothing: float | ByColumn = 0.0,
        quantiles: Any = (0.1, 0.5, 0.9),
        target_transform: str | ByColumn | None = None,
        tag_separator: str | ByColumn | None = None,
        tune_thresholds: bool = False,
        class_weight: str | ByColumn | None = None,
        missing_label: Any = None,
        optimizer: Any = "adam",
        learning_rate: Any = "auto",
        epochs: int | Literal["auto"] = "auto",
        batch_size: int | Literal["auto"] = 32,
        early_stopping: bool = False,
        stopping_score: Any = None,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        precision: str | None = None,
        n_devices: int | None = None,
        callbacks: Any = None,
        checkpoint_path: PathLike | None = None,
        nonfinite_loss: str = "raise",
        on_interrupt: str = "raise",
        warm_start: bool = False,
        random_state: RandomState = None,
        verbose: int = 0,
    ) -> None:
        self.columns = columns
        self.image_size = image_size
        self.image_mode = image_mode
        self.image_folder = image_folder
        self.on_bad_image = on_bad_image
        self.tokenizer = tokenizer
        self.image_backbone = image_backbone
        self.text_backbone = text_backbone
        self.freeze_backbones = freeze_backbones
        self.feature_cache = feature_cache
        self.pretrained_update_scale = pretrained_update_scale
        self.image_augmentation = image_augmentation
        self.pooling = pooling
        self.branch_units = branch_units
        self.branch_dropout = branch_dropout
        self.fusion = fusion
        self.trunk_units = trunk_units
        self.trunk_dropout = trunk_dropout
        self.sharing = sharing
        self.task_columns = task_columns
        self.loss_weights = loss_weights
        self.gradient_aggregator = gradient_aggregator
        self.tasks = tasks
        self.task_losses = task_losses
        self.label_smoothing = label_smoothing
        self.quantiles = quantiles
        self.target_transform = target_transform
        self.tag_separator = tag_separator
        self.tune_thresholds = tune_thresholds
        self.class_weight = class_weight
        self.missing_label = missing_label
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.early_stopping = early_stopping
        self.stopping_score = stopping_score
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.precision = precision
        self.n_devices = n_devices
        self.callbacks = callbacks
        self.checkpoint_path = checkpoint_path
        self.nonfinite_loss = nonfinite_loss
        self.on_interrupt = on_interrupt
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose
