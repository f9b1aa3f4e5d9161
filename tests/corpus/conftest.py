"""The tiny model, for steps that count tokens."""

from ..engines.conftest import tiny_folder

__all__ = ["tiny_folder"]
