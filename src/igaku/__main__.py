"""``python -m igaku``."""

from igaku.cli import main

main()
