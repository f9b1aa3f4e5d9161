"""Denied findings in short English and Japanese texts: "no LVH", "左室肥大なし"."""

import re


def denial(words: str) -> re.Pattern[str]:
    """A pattern that finds one of the words denied.

    Args:
        words: alternatives as a regular expression, ``LVH|左室肥大``.
    """
    return re.compile(rf"\b(?:no|not|without)\b[^,.;]*(?:{words})|(?:{words})\s*(?:なし|無し|(?:を)?認めず)", re.I)
