"""Names of benchmarks, sections, methods and templates as people read them, in both languages where igaku knows them.

What a file or a run calls something else stays as it is: nothing is guessed.
"""

import re

from markupsafe import Markup, escape

from igaku.benchmarks import family
from igaku.catalog.japanese import japanese_parts
from igaku.report.site.collect import BenchKey, SiteData, display
from igaku.report.site.sanitize import sanitize_for_display
from igaku.report.site.words import LANGS, bilingual, phrase_or
from igaku.runs.run_keys import facts_of

_NUMBERED = re.compile(r"(\S*[師士]) ?第 ?(\d+) ?回")
_COUNTED = re.compile(r"([a-z ]+s) (\d+)")
_SETTING = re.compile(r"(.+?) \(([^()]+)\)$")


def named(group: str, name: str) -> Markup:
    """A name of a group in ``words.toml`` (``section``, ``method``, ``prompt``, ``order``), or the name itself."""
    return bilingual(*(phrase_or(group, name, lang) for lang in LANGS))


def section_name(benchmark: str, section: str) -> Markup:
    """A section's or category's name; what one exam calls otherwise than others stands as ``NAME@BENCHMARK``."""
    own = f"{section}@{family(benchmark)}"
    return named("section", section if phrase_or("section", own, LANGS[0]) == own else own)


def exam_name(ja: str, en: str) -> Markup:
    """``医師 第 120 回`` as 第120回医師国家試験, ``physicians 120`` as 120th physicians' exam; others as they are."""
    found, counted = _NUMBERED.fullmatch(ja), _COUNTED.fullmatch(en)
    return bilingual(
        f"第{found[2]}回{found[1]}国家試験" if found else ja or en,
        f"{ordinal(int(counted[2]))} {counted[1]}' exam" if counted else en,
    )


def ordinal(n: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th ..."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th") if n % 100 not in (11, 12, 13) else "th"
    return f"{n}{ending}"


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


def spoken_name(name: str) -> Markup:
    """A respondent's name with its setting in both languages."""
    plain, setting = model_name(name)
    return Markup("{} ({})").format(plain, setting) if setting else escape(plain)


def spoken_variant(label: str) -> Markup:
    """``standard_ja original`` in both languages, word by word; a word that igaku does not know stands as it is."""
    texts = []
    for lang in LANGS:
        words = label.split()
        found = [
            next((t for g in ("prompt", "order", "method") if (t := phrase_or(g, w, lang)) != w), w) for w in words
        ]
        texts.append(" · ".join(sanitize_for_display(t) for t in found))
    return bilingual(*texts) if texts[0] != texts[1] else escape(texts[0])


def catalog_text(text: str) -> Markup:
    """A text of the catalog, in Japanese where it has a phrase for it, or for its parts; empty for nothing."""
    found = japanese_parts(text)
    ja, en = sanitize_for_display(found), sanitize_for_display(text)
    return escape(en) if ja == en or found.split("；") == text.split("; ") else bilingual(ja, en)
