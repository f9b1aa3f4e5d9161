"""Training. So far the one plain loop that a positive control needs; recipes will stand on it."""

from igaku.training.loop import train

__all__ = ["train"]
