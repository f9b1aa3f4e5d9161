"""SHOW IT: results as tables."""
