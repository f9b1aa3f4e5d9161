"""Jinja templates of others: compiled and rendered within a bound on time and memory."""
