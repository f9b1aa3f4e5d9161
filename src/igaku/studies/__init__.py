"""QUESTIONS ABOUT RUNS: one file a study; each is a function that gives a report with ``tables()`` and ``notes()``."""
