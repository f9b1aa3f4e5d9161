"""The pages' phrases in two languages: each page contains both, and its switch shows one of them."""

import re
import tomllib
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape

from igaku.report.site.sanitize import sanitize_for_display

LANGS = ("ja", "en")
_LOOSE = re.compile(r"(?<=[\d}]) (?=[ぁ-鿿])|(?<=\bp) (?=\{p\})|(?<=[(（]p) (?=[=<])")


@cache
def _phrases() -> dict[str, tuple[str, str]]:
    groups = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
    return {
        f"{group}.{name}": (firm(ja), firm(en)) for group, texts in groups.items() for name, (ja, en) in texts.items()
    }


def firm(text: str) -> str:
    """Without a place to break between a number (or its gap) and its unit or sign: ``{n} 問``, ``p {p}``."""
    return _LOOSE.sub("\u00a0", text)


def phrase(key: str, lang: str, **values: object) -> str:
    """One phrase in one language, as text."""
    text = _phrases()[key][LANGS.index(lang)]
    return text.format(**{k: sanitize_for_display(str(v)) for k, v in values.items()}) if values else text


def phrase_or(group: str, name: str, lang: str) -> str:
    """A name's phrase in a group of names, or the name itself, sanitised, where the group does not have it."""
    found = _phrases().get(f"{group}.{name}")
    return found[LANGS.index(lang)] if found else sanitize_for_display(name)[:120]


def phrase_pair(key: str) -> str:
    """One phrase in both languages, as text: for attributes that the language switch does not reach."""
    return " / ".join(phrase(key, lang) for lang in LANGS)


def word(key: str, **values: object) -> Markup:
    """One phrase in both languages, as markup; values are escaped."""
    return bilingual(*(phrase(key, lang, **values) for lang in LANGS))


def bilingual(ja: str, en: str) -> Markup:
    """Two texts, of which the page shows one."""
    return Markup('<span class="w" lang="ja">{}</span><span class="w" lang="en">{}</span>').format(ja, en)


def attributes(key: str, **values: object) -> Markup:
    """A phrase as data attributes, for elements that contain text only (title, option)."""
    ja, en = (escape(phrase(key, lang, **values)) for lang in LANGS)
    return Markup('data-ja="{}" data-en="{}"').format(ja, en)


def phrases(*groups: str) -> dict[str, list[str]]:
    """All phrases of some groups, for the page's script."""
    return {key: list(texts) for key, texts in _phrases().items() if key.split(".")[0] in groups}
