"""Hostile and damaged inputs through every reader of the package, by the command line's own entry.

What is right: a success, or one line and exit code 2. Anything else is a finding, saved with a one-line reproduction.
``make fuzz`` runs it as long as one likes, ``make test`` for about a minute.
"""
