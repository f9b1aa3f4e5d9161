"""The pages' words in two languages: both stand in the page, and the switch shows one."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from igaku.report.site.shown import shown

LANGS = ("ja", "en")


@cache
def _words() -> dict[str, tuple[str, str]]:
    groups = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
    return {f"{group}.{name}": (ja, en) for group, texts in groups.items() for name, (ja, en) in texts.items()}


def plain(key: str, lang: str, **values: Any) -> str:
    """One phrase in one language, as text."""
    text = _words()[key][LANGS.index(lang)]
    return text.format(**{k: shown(str(v)) for k, v in values.items()}) if values else text


def word(key: str, **values: Any) -> Markup:
    """One phrase in both languages, as markup; values are escaped."""
    return both(*(plain(key, lang, **values) for lang in LANGS))


def both(ja: str, en: str) -> Markup:
    """Two texts of which the page shows one."""
    return Markup('<span class="w" lang="ja">{}</span><span class="w" lang="en">{}</span>').format(ja, en)


def attributes(key: str, **values: Any) -> Markup:
    """A phrase as data attributes, for elements that hold text only (title, option)."""
    ja, en = (escape(plain(key, lang, **values)) for lang in LANGS)
    return Markup('data-ja="{}" data-en="{}"').format(ja, en)


def table(*groups: str) -> dict[str, list[str]]:
    """Phrases of some groups, for the page's script."""
    return {key: list(texts) for key, texts in _words().items() if key.split(".")[0] in groups}
