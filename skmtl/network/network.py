"""The network: branches, fusion, trunk, heads, as plain functional Keras models."""

from dataclasses import dataclass, field
from functools import cached_property

import keras

from skmtl._runtime.keras_state import building
from skmtl.network.branches import build_branch
from skmtl.network.frozen import frozen_encoders, frozen_variables, private_encoders, unique
from skmtl.network.fusion import FUSIONS, combine
from skmtl.network.heads import build_head, head_name, task_of_head
from skmtl.network.models import compose, vectors_model
from skmtl.network.spec import NetworkSpec
from skmtl.network.stems import split_branch


@dataclass(frozen=True)
class Branch:
    """One branch of a network: features of a modality to a vector."""

    name: str
    modality: str
    model: keras.Model
    update_scale: float = 1.0

    @property
    def encoder_variables(self) -> list:
        """Trainable variables of the backbone."""
        layers = [layer for layer in self.model.layers if layer.name.endswith("_encoder")]
        return [variable for layer in layers for variable in layer.trainable_variables]


@dataclass
class Network:
    """The parts of a network; `model` is the whole of it.

    Parameters
    ----------
    encoders : dict of str to FrozenEncoder
        Frozen backbones by modality: raw input to features. They are not trained, so that features
        can be computed once. Other networks may share them, until `model` is handed out.
    branches : list of Branch
        Features (or raw input, where the backbone is trained) to vectors.
    joint : keras.Model
        From branch vectors and presence flags to one tensor of logits per task. If branches are
        weighted, these are followed by the logits of each task's branches, task by task, and a
        tensor of shape (n_rows, n_tasks * n_branches) that says which branches a row has.
    shared_layers : list
        Trunk layers that several tasks train.
    task_layers : list of list
        For each task, the layers that only it trains, its head included.
    heads : tuple of Head
        What the logits of each task mean.
    task_branches : list of (int or None)
        For each branch, the task that alone trains it; None if all do.
    last_shared_layers : list
        The shared layers nearest to the heads; empty if that is the last one of `shared_layers`
        that has weights.
    branch_weights : list of keras.Variable
        For each task, the weights ``(n_branches, 1)`` of its branches' logits in their sum; empty
        if branches are not weighted.
    head_inputs : list of (tensor of shape (n_rows, d), tensor of shape (n_rows, 1) or None)
        The vectors that the heads read, each once, and whether a row has it; None if all rows do.
    stems : dict of str to keras.Model
        By modality, the stages of a backbone that all tasks share, where the later ones are each
        task's alone: raw input to what the branches of the modality read.
    seeds : list of (int, int, int)
        Bounds and value of every seed that Keras drew while the layers were built.
    """

    encoders: dict
    branches: list[Branch]
    joint: keras.Model
    shared_layers: list
    task_layers: list
    heads: tuple
    task_branches: list = field(default_factory=list)
    last_shared_layers: list = field(default_factory=list)
    branch_weights: list = field(default_factory=list)
    head_inputs: list = field(default_factory=list)
    stems: dict = field(default_factory=dict)
    seeds: list = field(default_factory=list)

    @cached_property
    def vectors(self) -> keras.Model:
        """From the inputs of `joint` to the vectors of the branches, and those that heads read."""
        return vectors_model(self)

    @property
    def has_straight_heads(self) -> bool:
        """Whether the heads read the vectors of the branches as they are."""
        branches = {id(x) for x in self.joint.inputs[: len(self.branches)]}
        return all(id(z) in branches for z, _ in self.head_inputs)

    @cached_property
    def model(self) -> keras.Model:
        """The whole network, from pixels, token ids and numbers to probabilities, or numbers."""
        # a user may change it; the encoders of other networks must then stay the same
        self.own_encoders()
        return compose(self)

    def own_encoders(self):
        """Replace frozen backbones that the process shares by copies."""
        self.encoders = private_encoders(self.encoders)

    @property
    def is_handed_out(self) -> bool:
        """Whether a user may have changed the weights."""
        return "model" in vars(self)

    @property
    def n_parameters(self) -> int:
        """Number of weights, those of frozen backbones included."""
        encoders = [encoder.model for encoder in self.encoders.values()]
        return sum(model.count_params() for model in [*encoders, *self.parts])

    @property
    def update_scales(self) -> dict:
        """Factors on the steps of some trainable variables, by the variable's id."""
        return {
            id(variable): branch.update_scale
            for branch in self.branches
            if branch.update_scale != 1.0
            for variable in branch.encoder_variables
        }

    def divide_logits(self, task, temperature):
        """Divide the logits of a task, by dividing the weights of its branches or of its heads."""
        heads = [x for x in self.task_layers[task] if task_of_head(x) is not None]
        of_heads = [v for head in heads for v in (head.kernel, head.bias)]
        for variable in [self.branch_weights[task]] if self.branch_weights else of_heads:
            variable.assign(variable / temperature)

    @property
    def parts(self) -> list[keras.Model]:
        """The models that hold the trained variables, in a fixed order."""
        return [*self.stems.values(), *(branch.model for branch in self.branches), self.joint]

    @property
    def variables(self) -> list:
        """All variables of the trained parts, seeds of dropout included, in a fixed order."""
        return unique(variable for part in self.parts for variable in part.variables)

    @property
    def all_variables(self) -> list:
        """All variables, those of frozen backbones included, in a fixed order."""
        return [*frozen_variables(self.encoders), *self.variables]

    @property
    def trainable_variables(self) -> list:
        """The variables that the optimizer changes, in a fixed order."""
        return unique(variable for part in self.parts for variable in part.trainable_variables)

    @property
    def task_variables(self) -> list[list]:
        """For each task, the trainable variables that only it trains."""
        own = [
            unique(v for layer in layers for v in layer.trainable_variables)
            for layers in self.task_layers
        ]
        for branch, task in zip(self.branches, self.task_branches, strict=False):
            if task is not None:
                own[task] += branch.model.trainable_variables
        return own

    @property
    def shared_variables(self) -> list:
        """Trainable variables of branches and trunk that several tasks train."""
        own = {id(v) for variables in self.task_variables for v in variables}
        return [v for v in self.trainable_variables if id(v) not in own]

    @property
    def last_shared_variables(self) -> list:
        """Trainable variables of the shared layers nearest to the heads."""
        if self.last_shared_layers:
            return unique(v for x in self.last_shared_layers for v in x.trainable_variables)
        for layer in reversed(self.shared_layers):
            if layer.trainable_variables:
                return list(layer.trainable_variables)
        shared = self.shared_variables
        return shared[-2:]  # without a trunk: kernel and bias of the last branch's last layer


def build_network(spec: NetworkSpec, seed: int, encoders=None) -> Network:
    """Build a network with weights drawn from `seed`.

    Parameters
    ----------
    spec : NetworkSpec
        What to build.
    seed : int
        Seed of the initial weights and of dropout. The state of Python's `random`, from which Keras
        draws the seeds of its initializers, is restored afterwards.
    encoders : dict of str to FrozenEncoder, optional
        Of a network with an equal specification; by default those that the process shares.

    Returns
    -------
    Network
    """
    with building(seed, spec.precision) as seeds:
        n_tasks = len(spec.heads)
        # branches -------------------------------------------------------------------------
        encoders = frozen_encoders(spec, seed) if encoders is None else encoders
        branches, owners, stems = [], [], {}
        for branch in spec.branches:
            encoder = encoders.get(branch.modality)
            shape = None if encoder is None else encoder.model.output_shape[1:]
            tasks = [task for task in range(n_tasks) if branch.modality in spec.visible[task]]
            # a trunk reads the vectors of whole backbones
            split = None if spec.trunk_units else split_branch(branch, spec.sharing, len(tasks))
            if split is not None:
                stems[branch.modality], branch = split
            for task in tasks if split or spec.sharing.own_branches else [None]:
                name = branch.modality if task is None else f"{branch.modality}_{task}"
                model = build_branch(branch, name, feature_shape=shape)
                branches.append(Branch(name, branch.modality, model, branch.update_scale))
                owners.append(task)
        # fusion ---------------------------------------------------------------------------
        vectors = [keras.Input(b.model.output_shape[1:], name=b.name) for b in branches]
        flags = {}
        if len(spec.branches) > 1:
            flags = {b.modality: keras.Input((1,), name=f"has_{b.modality}") for b in spec.branches}
        seen = [
            [
                (branch.modality, vector)
                for branch, vector, owner in zip(branches, vectors, owners, strict=True)
                if owner in (None, task) and branch.modality in spec.visible[task]
            ]
            for task in range(n_tasks)
        ]
        fused = FUSIONS[spec.fusion](seen, flags, fill=not spec.sharing.own_branches)
        # trunk ----------------------------------------------------------------------------
        units = spec.sharing.layer_units(spec.trunk_units)
        trunk = spec.sharing.build(n_tasks=n_tasks, units=units, dropout=spec.trunk_dropout)
        # heads ----------------------------------------------------------------------------
        task_layers = [list(layers) for layers in trunk.task_layers]
        logits, presence = [[] for _ in range(n_tasks)], [[] for _ in range(n_tasks)]
        read = [{} for _ in range(n_tasks)]  # by id: a vector may come in several rounds
        for position, inputs in enumerate(fused):
            outputs = trunk.call([x for x, _ in inputs])
            for task, (z, (x, flag)) in enumerate(zip(outputs, inputs, strict=True)):
                read[task].setdefault(id(x), (z, flag))
                name = head_name(task, position if len(fused) > 1 else None)
                head = build_head(spec.heads[task].n_outputs, name)
                task_layers[task].append(head)
                logits[task].append(head(z))
                presence[task].append(flag)
        outputs, weights = combine(logits, presence, is_weighted=spec.fusion == "weighted")
        joint = keras.Model([*vectors, *flags.values()], outputs, name="joint")
    inputs_read = list({id(pair[0]): pair for pairs in read for pair in pairs.values()}.values())
    layers = (trunk.shared_layers, task_layers, spec.heads, owners, trunk.last_shared_layers)
    return Network(encoders, branches, joint, *layers, weights, inputs_read, stems, seeds)
