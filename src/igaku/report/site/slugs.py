"""File names of benchmarks and models."""

import hashlib
import re
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

from igaku.report.site.collect import BenchKey

K = TypeVar("K", bound=Hashable)


class Slugs:
    """Lower-case letters and digits; with a part of a hash where these do not identify the name."""

    def __init__(self, benches: Iterable[BenchKey], models: Iterable[str]) -> None:
        self._benches = _slugs({bench: f"{bench[0]}-{bench[1]}" for bench in benches})
        self._models = _slugs({model: model for model in models})

    def bench(self, bench: BenchKey) -> str:
        """The slug of a benchmark in a language."""
        return self._benches[bench]

    def model(self, name: str) -> str:
        """The slug of a model."""
        return self._models[name]


def _slugs(texts: Mapping[K, str]) -> dict[K, str]:
    out: dict[K, str] = {}
    for key, text in texts.items():
        slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60]
        if slug != text or slug in out.values():
            slug = f"{slug}-{hashlib.sha256(text.encode()).hexdigest()[:6]}".lstrip("-")
        out[key] = slug
    return out
