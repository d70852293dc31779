"""Which technique to use, and what it costs: paired comparisons with honest tests."""

from skmtl.exceptions import ComparisonInterrupted

from ._compare import compare_techniques
from ._comparison import Comparison
from ._gains import TaskGains
from ._label_issues import find_label_issues
from ._single_task import OneModelPerTask, single_task_baselines
from ._statistics import corrected_interval, corrected_t_test, holm
from ._task_gains import task_gains

__all__ = [
    "Comparison",
    "ComparisonInterrupted",
    "OneModelPerTask",
    "TaskGains",
    "compare_techniques",
    "corrected_interval",
    "corrected_t_test",
    "find_label_issues",
    "holm",
    "single_task_baselines",
    "task_gains",
]
