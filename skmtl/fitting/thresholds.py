"""Thresholds of tags, chosen on held-out rows."""

from dataclasses import replace

from skmtl.labels import TagLabels, target_slices
from skmtl.training.prediction import outputs_of
from skmtl.training.programs import predictor_for


def tunes_thresholds(estimator, tasks) -> bool:
    """Return whether a fit holds out rows to choose the thresholds of tags."""
    has_tags = any(isinstance(kind, TagLabels) for kind in tasks.kinds)
    return bool(estimator.tune_thresholds) and has_tags


def with_tuned_thresholds(tasks, weights, rows):
    """Return the tasks with, for each tag, the threshold of the largest F1.

    Parameters
    ----------
    tasks : Tasks
        Of the fit.
    weights : NetworkWeights
        Trained.
    rows : LabelledTable
        Held-out rows, with features in place of the input of frozen backbones.
    """
    predictor = predictor_for(weights.spec, weights.encoders)
    outputs = outputs_of(predictor, weights.values, rows.table)
    kinds = list(tasks.kinds)
    for task, columns in enumerate(target_slices(tasks.heads)):
        if isinstance(kinds[task], TagLabels):
            seen = (rows.targets[:, columns], outputs[task], rows.weights[:, task])
            kinds[task] = kinds[task].tuned(*seen)
    return replace(tasks, kinds=tuple(kinds))
