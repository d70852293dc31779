"""How branches come together: what the trunk gets for each task, and how logits are added up.

Every function takes, for each task, the (modality, vector) pairs that it sees, and the presence
flags ``(n_rows, 1)`` by modality (empty with a single modality). With `fill`, tasks share a trunk,
so all get vectors of one width. Each returns rounds: lists with one (tensor, flag) pair per task;
`combine` adds the logits of the rounds up, each times its flag (None for 1).
"""

import keras
from keras import ops


def fuse_late(seen, flags, *, fill):  # noqa: ARG001
    """One trunk input per modality; the branches meet in the sum of their logits."""
    rounds = []
    for position in range(max(len(terms) for terms in seen)):
        row = []
        for terms in seen:
            modality, vector = terms[min(position, len(terms) - 1)]
            flag = flags.get(modality)
            # a task that sees fewer modalities goes through its last one again, with the flag 0
            row.append((vector, flag if position < len(terms) else ops.zeros_like(flag)))
        rounds.append(row)
    return rounds


def fuse_concat(seen, flags, *, fill):
    """All branches side by side, zeros where a modality is missing or hidden from the task."""
    widths = {modality: x.shape[-1] for terms in seen for modality, x in terms}

    def fuse(terms):
        vectors = dict(terms)
        columns = []
        for modality, width in widths.items():
            if modality in vectors:
                x = vectors[modality]
                columns.append(x * flags[modality] if flags else x)
            elif fill:
                columns.append(ops.zeros_like(terms[0][1][:, :1]) * ops.zeros((1, width)))
        return columns[0] if len(columns) == 1 else keras.layers.Concatenate()(columns)

    return _one_round(seen, fuse)


def fuse_mean(seen, flags, *, fill):  # noqa: ARG001
    """Mean of the branches that a row has; each branch's dense layer is its projection."""

    def fuse(terms):
        if not flags:
            return terms[0][1]
        total = sum(x * flags[modality] for modality, x in terms)
        return total / ops.maximum(sum(flags[modality] for modality, _ in terms), 1.0)

    return _one_round(seen, fuse)


def _one_round(seen, fuse):
    """Fuse once per set of vectors: tasks that see the same get the same tensor."""
    made = {}
    for terms in seen:
        key = tuple(id(x) for _, x in terms)
        if key not in made:
            made[key] = fuse(terms)
    return [[(made[tuple(id(x) for _, x in terms)], None) for terms in seen]]


def branch_names(spec) -> list[list[str]]:
    """Return for each task the names of the branches that it sees, in the order of its logits.

    Parameters
    ----------
    spec : NetworkSpec
        The architecture.
    """
    names = [branch.modality for branch in spec.branches]
    return [[name for name in names if name in visible] for visible in spec.visible]


def combine(logits, flags, *, is_weighted):
    """Add up the logits of every task's rounds.

    Parameters
    ----------
    logits : list of list of tensor of shape (n_rows, n_outputs)
        For each task, one per round.
    flags : list of list of (tensor of shape (n_rows, 1) or None)
        Whether a row has the branch of the round; None if every row has it.
    is_weighted : bool
        Whether each round of a task has a weight, which is not trained with the network but
        learned from held-out rows.

    Returns
    -------
    outputs : list of tensor
        The sums; if weighted, followed by what `skmtl.training.objective.with_branches` splits off.
    weights : list of keras.Variable
        For each task ``(n_rounds, 1)``; empty where not weighted.
    """
    n_rounds = len(logits[0])
    if n_rounds == 1:
        return [terms[0] for terms in logits], []
    shown = [
        [z * flag for z, flag in zip(*pair, strict=True)]
        for pair in zip(logits, flags, strict=True)
    ]
    if not is_weighted:
        return [ops.sum(ops.stack(terms), 0) for terms in shown], []
    outputs, weights = [], []
    for task, terms in enumerate(shown):
        layer = keras.layers.Dense(
            1,
            use_bias=False,
            kernel_initializer=keras.initializers.Constant(1 / n_rounds),
            trainable=False,
            name=f"branch_weights_{task}",
            dtype="float32",
        )
        outputs.append(ops.squeeze(layer(ops.stack(terms, -1)), -1))
        weights.append(layer.kernel)
    terms = [z for task in logits for z in task]
    is_there = keras.layers.Concatenate()([flag for task in flags for flag in task])
    return [*outputs, *terms, is_there], weights


FUSIONS = {"weighted": fuse_late, "late": fuse_late, "concat": fuse_concat, "mean": fuse_mean}
