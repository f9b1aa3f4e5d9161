"""Training: a recipe is one YAML file, trl updates the weights, and data that hold an exam are refused."""

from igaku.training.config import Config, config_names, load_config
from igaku.training.recipe import train
from igaku.training.texts import read_texts
from igaku.training.trained import Trained, read_trained

__all__ = ["Config", "Trained", "config_names", "load_config", "read_texts", "read_trained", "train"]
