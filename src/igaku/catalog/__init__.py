"""The field's data and models as checked data, one YAML file an entry."""

from igaku.catalog.checks import Finding, check
from igaku.catalog.entries import Data, Model, Reported, Seen, data, find_data, find_model, models
from igaku.catalog.tables import render

__all__ = [
    "Data",
    "Finding",
    "Model",
    "Reported",
    "Seen",
    "check",
    "data",
    "find_data",
    "find_model",
    "models",
    "render",
]
