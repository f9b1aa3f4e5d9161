"""Names of benchmarks, sections, methods and templates as people read them, in both languages where igaku knows them.

What a file or a run calls something else stays as it is: nothing is guessed.
"""

import re

from markupsafe import Markup, escape

from igaku.benchmarks import family
from igaku.catalog.japanese import japanese
from igaku.report.site.collect import BenchKey, SiteData, display
from igaku.report.site.sanitize import sanitize_for_display
from igaku.report.site.words import LANGS, bilingual, phrase_or
from igaku.runs.run_keys import facts_of

_SETTING = re.compile(r"(.+?) \(([^()]+)\)$")


def named(group: str, name: str) -> Markup:
    """A name of a group in ``words.toml`` (``section``, ``method``, ``prompt``, ``order``), or the name itself."""
    return bilingual(*(phrase_or(group, name, lang) for lang in LANGS))


def section_name(benchmark: str, section: str) -> Markup:
    """A section's or category's name; what one exam calls otherwise than others stands as ``NAME@BENCHMARK``."""
    own = f"{section}@{family(benchmark)}"
    return named("section", section if phrase_or("section", own, LANGS[0]) == own else own)


def bench_names(data: SiteData, bench: BenchKey) -> tuple[str, str]:
    """A benchmark's title in Japanese and in English, with its language where the site has it in several."""
    facts = next((f for run in data.runs.values() if (f := facts_of(run, bench[0])).title or f.title_ja), None)
    ja, en = (facts.title_ja or facts.title, facts.title or facts.title_ja) if facts else ("", "")
    several = len({language for benchmark, language in data.items if benchmark == bench[0]}) > 1
    texts = []
    for lang, title in zip(LANGS, (ja, en)):
        which = f" ({phrase_or('lang', bench[1], lang)})" if several else ""
        texts.append(display(title or bench[0]) + which)
    return texts[0], texts[1]


def bench_name(data: SiteData, bench: BenchKey) -> Markup:
    """``bench_names`` as markup."""
    return bilingual(*bench_names(data, bench))


def bench_attributes(data: SiteData, bench: BenchKey, end: str = "") -> Markup:
    """``bench_names`` as data attributes, for elements that hold text only, each followed by ``end``."""
    ja, en = bench_names(data, bench)
    return Markup('data-ja="{}{}" data-en="{}{}"').format(escape(ja), end, escape(en), end)


def model_name(name: str) -> tuple[str, Markup]:
    """``gpt-oss-120b (high)`` as name and setting, the setting in both languages; empty where there is none."""
    found = _SETTING.match(name)
    if not found or phrase_or("setting", found[2], "ja") == found[2]:
        return name, Markup("")
    return found[1], named("setting", found[2])


def catalog_text(text: str) -> Markup:
    """A text of the catalog, in Japanese where it has a phrase for it; empty for nothing."""
    ja, en = sanitize_for_display(japanese(text)), sanitize_for_display(text)
    return escape(en) if ja == en else bilingual(ja, en)
