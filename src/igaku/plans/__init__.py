"""WHOLE PLANS from one YAML file, which ``igaku run`` carries out: each step once, and on again where it was cut off."""
