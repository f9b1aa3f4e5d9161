"""WHAT was said: an append-only record of replies, and the key of each."""

from igaku.journal.journal import Journal, read_replies, sane
from igaku.journal.keys import key_of

__all__ = ["Journal", "key_of", "read_replies", "sane"]
