"""The parts of an exam's verdict: points, conditions, tables."""
