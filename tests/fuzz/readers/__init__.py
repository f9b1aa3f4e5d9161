"""Readers by what they read: one file a family, each with ``READERS`` and, where it needs extras, ``NEEDS``."""
