"""Thresholds of tags, fitted on rows that were not trained on."""

from dataclasses import replace

from skmtl.labels import TagLabels, target_slices
from skmtl.training.prediction import outputs_of
from skmtl.training.programs import predictor_for


def tunes_thresholds(estimator, tasks) -> bool:
    """Return whether a fit holds rows out for the thresholds of tags."""
    has_tags = any(isinstance(kind, TagLabels) for kind in tasks.kinds)
    return bool(estimator.tune_thresholds) and has_tags


def with_tuned_thresholds(tasks, spec, network, rows):
    """Return the tasks with the thresholds of the largest F1 of each tag.

    Parameters
    ----------
    tasks : Tasks
        Of the fit.
    spec : NetworkSpec
        The architecture.
    network : Network
        Trained.
    rows : LabelledTable
        Held out; features in place of what frozen backbones read.
    """
    predictor = predictor_for(spec, network.encoders)
    outputs = outputs_of(predictor, network, rows.table)
    kinds = list(tasks.kinds)
    for task, columns in enumerate(target_slices(tasks.heads)):
        if isinstance(kinds[task], TagLabels):
            seen = (rows.targets[:, columns], outputs[task], rows.weights[:, task])
            kinds[task] = kinds[task].tuned(*seen)
    return replace(tasks, kinds=tuple(kinds))
