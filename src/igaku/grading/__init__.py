"""WAS IT RIGHT: extract, then grade. Re-grading reads stored replies and never calls a model."""

from igaku.grading.grader import Graded, Job, grade, grade_all, method_names, methods_for
from igaku.grading.methods import METHODS, VERSION, gold_reply, grade_one

__all__ = [
    "METHODS",
    "VERSION",
    "Graded",
    "Job",
    "gold_reply",
    "grade",
    "grade_all",
    "grade_one",
    "method_names",
    "methods_for",
]
