"""WAS IT RIGHT: extract, then grade. Re-grading reads stored replies and never calls a model."""

from igaku.grading.grader import Graded, Job, grade, grade_all, method_names, methods_for
from igaku.grading.methods import METHODS, VERSION, Method, gold_reply, grade_one, register_method

__all__ = [
    "METHODS",
    "VERSION",
    "Graded",
    "Job",
    "Method",
    "gold_reply",
    "grade",
    "grade_all",
    "grade_one",
    "method_names",
    "methods_for",
    "register_method",
]
