"""The field's models as checked data, one YAML file an entry."""

from igaku.catalog.entries import Model, Seen, find_model, models

__all__ = ["Model", "Seen", "find_model", "models"]
