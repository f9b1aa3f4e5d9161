"""A tiny model's folder, as the engines' tests make it."""

from ..engines.conftest import tiny_folder

__all__ = ["tiny_folder"]
