"""Whether two names are one model's, as servers and vendors write them."""

import re

_DATE = re.compile(r"[-@:]?\d{4}-?\d{2}-?\d{2}|[-@:](?:\d{4}|latest)")


def same_model(served: str, wanted: str) -> bool:
    """Equal except folders and ``.gguf`` (llama.cpp), or the date or ``latest`` that vendors add: ``gpt-4o-2024-08-06``
    for ``gpt-4o`` and for ``gpt-4o-latest``."""
    a, b = (n.rpartition("/")[2].lower().removesuffix(".gguf") for n in (served, wanted))
    stem = b.removesuffix("-latest")
    return a == b or any(a.startswith(s) and _DATE.fullmatch(a[len(s) :]) is not None for s in (b, stem))
