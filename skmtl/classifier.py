"""The estimator's parameters; what it does with them is in `network_classifier`."""

from skmtl.fitting.network_classifier import NetworkClassifier


class MultiTaskClassifier(NetworkClassifier):
    """One network for pictures, texts and several label columns.

    Branches turn an image and a text into vectors; they come together (`fusion`), go through the
    shared trunk (`sharing`), and one softmax head per task gives the classes. All tasks are trained
    together, each on the rows that have a label for it.

    A missing cell in `X` (None, NaN, NA) is a modality that the row does not have: the branch does
    not compute the row. A missing label in `y` leaves the row out of that task's loss. Paired,
    unpaired and partly labelled tables are therefore all the same to `fit`.

    Options that are routed to a part, such as ``image_backbone__weights``, go through `set_params`
    or a grid, not through the constructor.

    Parameters
    ----------
    image_column, text_column : str, default=None
        Names of the columns of a frame. By default the columns called "image" and "text", also
        behind the prefix of a `ColumnTransformer`.
    image_size : tuple (height, width), default=None
        Size in pixels that pictures are brought to. By default they must all have the same size.
    tokenizer : JiebaSequencer or WordPieceSequencer, default=None
        What turns raw texts into token ids. By default the vocabulary of a pretrained
        `text_backbone`, else ``JiebaSequencer()``. Options are routed: ``tokenizer__max_len=32``.
    image_backbone : str or keras.Layer, default="small_cnn"
        See `skmtl.backbones`. Options are routed: ``image_backbone__weights="imagenet"``.
    text_backbone : str or keras.Layer, default="mean_embedding"
        See `skmtl.backbones`. Options are routed: ``text_backbone__embedding_dim=128``.
    freeze_backbones : bool or dict of modality to bool, default=False
        Whether backbones are left as they are. Each distinct row then goes through its backbone
        only once in a process, whatever the number of folds and candidates.
    feature_cache : None, str, path or FeatureCache, default=None
        Where features of frozen backbones are kept: None is a bounded cache in memory that the
        process shares, a path a folder that processes may share; see `skmtl.backbones`.
    pretrained_update_scale : float, default=1.0
        Factor on every step of the weights of a pretrained backbone that is not frozen; 0.1 trains
        it with a tenth of the learning rate.
    image_augmentation : None, str, keras.Layer or list of them, default=None
        Random changes of each picture while training: "flip" (left to right), "shift" (up to a
        tenth of the size), "crop" (a part of at least four fifths, enlarged), or layers from
        pictures to pictures. With a frozen backbone features then cannot be kept.
    image_pooling : {"avg", "max", "flatten"}, default=None
        How a feature map becomes a vector; None takes what suits the backbone.
    text_pooling : {"mean", "max", "cls"}, default=None
        How a sequence of token vectors becomes a vector, padding left out; None takes what suits
        the backbone.
    branch_units : int, None, "auto" or dict of modality to them, default="auto"
        Width of the dense layer that ends a branch; None for no such layer. "auto" is 128, except
        that texts go straight to the heads where there is neither a trunk nor a fusion before it.
    branch_dropout : float or dict of modality to float, default=0.5
        Share of a branch's outputs dropped while training. A weak modality beside a strong one may
        need far more than the default: ``{"image": 0.95, "text": 0.5}``.
    fusion : {"late", "concat", "mean"}, default="late"
        "late" sends each branch through the trunk and the heads and adds the logits; "concat" puts
        the branches side by side, zeros for a missing modality; "mean" averages the branches that
        are there.
    trunk_units : int or sequence of int, default=()
        Widths of the trunk's layers.
    trunk_dropout : float, default=0.0
        Share of each trunk layer's outputs dropped while training.
    sharing : str or Sharing, default="hard"
        How the tasks share the trunk; see `skmtl.sharing`. "none" gives every task a network of
        its own.
    task_modalities : dict of str to str or sequence of str, default=None
        The modalities that a task may see, ``{"digit": "image", "topic": "text"}``. Tasks that are
        not named see all.
    loss_weights : None, dict, sequence, str or LossWeighting, default=None
        Weights of the task losses, by task or in order; or a method that finds them (see
        `skmtl.weighting`). None weighs all alike.
    gradient_aggregator : None, str or aggregator, default=None
        Method that combines the task gradients of the shared variables (see `skmtl.aggregation`).
    class_weight : None, "balanced" or dict, default=None
        "balanced", or ``{task: "balanced" | {class: weight}}``; with a 1-D `y` also
        ``{class: weight}``.
    missing_label : object, default=None
        One more label that says "missing", beside None, NaN and NA.
    optimizer : str or keras.optimizers.Optimizer, default="adam"
        Options are routed: ``optimizer__weight_decay=1e-4``. An object is copied.
    optimizer__learning_rate : float or schedule, default=0.003
        Learning rate; None for the optimizer's own.
    epochs : int, default=20
        Number of passes over the rows (the largest one with `early_stopping`).
    batch_size : int or "auto", default=32
        Rows per step. "auto" takes, on a GPU, the largest power of two up to 1024 and the number of
        rows whose estimated memory fits the card, and halves it where it does not fit after all;
        on a CPU it is 32.
    early_stopping : bool, default=False
        Whether to judge each epoch on `validation_fraction` of the rows, stop when the mean task
        accuracy does not rise, and keep the weights of the best epoch.
    validation_fraction : float, default=0.1
        Share of the rows that is not trained on if `early_stopping`.
    n_iter_no_change : int, default=10
        Number of epochs without a better score after which training stops.
    precision : None, "mixed_float16" or "mixed_bfloat16", default=None
        Keras dtype policy of the network.
    n_devices : int, default=None
        Number of devices that share every batch; needs Keras on TensorFlow or JAX. None for one.
    callbacks : None, keras.callbacks.Callback or list of them, default=None
        Called as Keras calls them. One that overrides a batch hook is called for every batch, and
        the epoch is no longer a single compiled call.
    checkpoint_path : None, str or path, default=None
        Folder in which `fit` keeps a file after every epoch. The same fit (parameters other than
        `epochs`, rows, initial weights) that was killed then goes on from its last finished epoch,
        to the same bits; any other fit has a file of its own. Deleted when the fit ends. Needs a
        `random_state`. What callbacks have counted is not kept.
    nonfinite_loss : {"raise", "restore"}, default="raise"
        Whether a loss that is NaN or infinite is an error, or a warning after which the weights of
        the last epoch before it are kept.
    warm_start : bool, default=False
        Whether `fit` goes on from the weights of the last one. Tasks and classes must be the same.
    random_state : int, RandomState or None, default=None
        Seed of weights, shuffles and dropout. The same int gives the same bits. No process-wide
        seed is read or set.
    verbose : int, default=0
        1 prints a line per epoch.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,), or list of ndarray
        The classes; a list with one array per task unless `y` was 1-D.
    task_names_ : list of str
        Names of the tasks.
    n_tasks_ : int
        Number of tasks.
    model_ : keras.Model
        The whole network, from pixels and token ids to class probabilities.
    history_ : dict of str to list of float
        Per epoch: "loss", "<task>_loss", "<task>_accuracy", "<task>_loss_weight", with
        `early_stopping` the same after ``"val_"``, with an aggregator
        "<task>_gradient_weight" and "<task>|<other>_gradient_cosine".
    n_parameters_ : int
        Number of weights of the network.
    n_iter_ : int
        Number of epochs trained.
    batch_size_ : int
        Rows per step in `fit`: `batch_size`, or what "auto" has found.
    n_features_in_ : int
        Number of columns of `X`; 1 for pictures or texts alone.
    feature_names_in_ : ndarray of str, shape (n_features,)
        Names of the columns, if `X` was a frame.

    Examples
    --------
    >>> from skmtl import MultiTaskClassifier
    >>> from skmtl.datasets import load_emoji
    >>> X, y = load_emoji()
    >>> model = MultiTaskClassifier(epochs=1, random_state=0).fit(X[:200], y[["group"]][:200])
    >>> model.predict(X[:3]).shape
    (3, 1)
    """

    routed_prefixes = (
        "optimizer",
        "image_backbone",
        "text_backbone",
        "loss_weights",
        "gradient_aggregator",
        "sharing",
        "tokenizer",
    )

    def __init__(
        self,
        *,
        image_column=None,
        text_column=None,
        image_size=None,
        tokenizer=None,
        image_backbone="small_cnn",
        text_backbone="mean_embedding",
        freeze_backbones=False,
        feature_cache=None,
        pretrained_update_scale=1.0,
        image_augmentation=None,
        image_pooling=None,
        text_pooling=None,
        branch_units="auto",
        branch_dropout=0.5,
        fusion="late",
        trunk_units=(),
        trunk_dropout=0.0,
        sharing="hard",
        task_modalities=None,
        loss_weights=None,
        gradient_aggregator=None,
        class_weight=None,
        missing_label=None,
        optimizer="adam",
        optimizer__learning_rate=0.003,
        epochs=20,
        batch_size=32,
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=10,
        precision=None,
        n_devices=None,
        callbacks=None,
        checkpoint_path=None,
        nonfinite_loss="raise",
        warm_start=False,
        random_state=None,
        verbose=0,
    ):
        self.image_column = image_column
        self.text_column = text_column
        self.image_size = image_size
        self.tokenizer = tokenizer
        self.image_backbone = image_backbone
        self.text_backbone = text_backbone
        self.freeze_backbones = freeze_backbones
        self.feature_cache = feature_cache
        self.pretrained_update_scale = pretrained_update_scale
        self.image_augmentation = image_augmentation
        self.image_pooling = image_pooling
        self.text_pooling = text_pooling
        self.branch_units = branch_units
        self.branch_dropout = branch_dropout
        self.fusion = fusion
        self.trunk_units = trunk_units
        self.trunk_dropout = trunk_dropout
        self.sharing = sharing
        self.task_modalities = task_modalities
        self.loss_weights = loss_weights
        self.gradient_aggregator = gradient_aggregator
        self.class_weight = class_weight
        self.missing_label = missing_label
        self.optimizer = optimizer
        self.optimizer__learning_rate = optimizer__learning_rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.precision = precision
        self.n_devices = n_devices
        self.callbacks = callbacks
        self.checkpoint_path = checkpoint_path
        self.nonfinite_loss = nonfinite_loss
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.input_tags.string = True
        tags.input_tags.three_d_array = True
        return tags
