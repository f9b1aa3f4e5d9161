"""WAS IT RIGHT: extract, then grade. Re-grading reads stored replies and never calls a model."""

from igaku.grading.grader import Graded, Job, grade, judge_all, method_names, methods_for
from igaku.grading.methods import METHODS, VERSION, gold_reply, judge

__all__ = [
    "METHODS", "VERSION", "Graded", "Job", "gold_reply", "grade", "judge", "judge_all", "method_names", "methods_for",
]  # fmt: skip
