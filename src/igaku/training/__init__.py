"""Training: a recipe is one YAML file, the loop one readable page, and no data gets in that an exam is in."""

from igaku.training.config import Config, config_names, load_config
from igaku.training.recipe import Trained, read_trained, train
from igaku.training.texts import read_texts

__all__ = ["Config", "Trained", "config_names", "load_config", "read_texts", "read_trained", "train"]
