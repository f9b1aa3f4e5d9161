"""SHOW IT: a static site of runs, and model cards."""
