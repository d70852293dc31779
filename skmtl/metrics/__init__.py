"""Scores of multi-task predictions that leave missing labels out."""

from ._delta_m import delta_m
from ._report import TaskReport, task_report
from ._scorers import make_task_scorer, task_scorers
from ._scores import mean_task_score, task_scores

__all__ = [
    "TaskReport",
    "delta_m",
    "make_task_scorer",
    "mean_task_score",
    "task_report",
    "task_scorers",
    "task_scores",
]
