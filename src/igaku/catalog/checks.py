"""Is the catalog sound? Duplicates, licences, dates, references, Japanese texts; and, online, links that are dead."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from igaku.benchmarks import TABLE, family
from igaku.catalog.entries import Data, Model, data, models, plain
from igaku.catalog.japanese import untranslated
from igaku.errors import IgakuError, optional
from igaku.io.within import within

if TYPE_CHECKING:
    from httpx import Client

LICENCES = frozenset(
    (
        "Apache-2.0",
        "MIT",
        "CC BY 4.0",
        "CC BY-SA 4.0",
        "CC BY-NC 4.0",
        "CC BY-NC-SA 4.0",
        "CC BY-NC-ND 4.0",
        "CC BY",
        "ODC-By 1.0",
        "Open Database License",
        "none stated",
        "API only",
        "Gemma Terms of Use",
        "Health AI Developer Foundations Terms of Use",
        "Llama 2 Community License",
        "Llama 3 Community License",
        "Llama 3.1 Community License",
        "Llama 4 Community License",
        "Mistral Research License",
        "Qwen License",
        "Tongyi Qianwen License",
        "UMLS Metathesaurus License",
        "PhysioNet Credentialed Health Data License",
        "terms of the National Library of Medicine",
        "terms of Common Crawl",
        "that of each article",
        "that of each journal",
        "CC BY; JCSTS and NRNER CC BY-NC-SA; JMMLU-Med CC BY-SA 4.0",
        "CC BY-SA 4.0; some subjects CC BY-NC-ND 4.0 or for research only",
    )
)
"""The names a licence may have, so that one licence has one name."""

THINKING = frozenset(
    (
        "none",
        "<think>",
        "<think>, can be turned off",
        "Harmony",
        "<unused94>thought",
        "## Thinking, ## Final Response",
        "in a field of the interface",
        "of its own, opened by the prompt",
    )
)
"""The formats in which models write their thoughts; ``igaku.thinking`` reads each of them but the last.

``<unused94>thought`` is Gemma's as MedGemma writes it.
"""


class Finding(Struct, frozen=True):
    """One thing found: an ``error`` must be corrected, a ``gap`` is a fact still to be found."""

    level: Literal["error", "gap"]
    entry: str
    what: str


def check(online: bool = False) -> list[Finding]:
    """Everything that is wrong or missing, errors first."""
    found = [*_duplicates(models()), *_duplicates(data())]
    for m in models().values():
        found += [*_common(m), *_model(m)]
    for d in data().values():
        found += [*_common(d), *_data(d)]
    if online:
        found += _links()
    return sorted(found, key=lambda f: (f.level != "error", f.entry))


def _duplicates(entries: Mapping[str, Model | Data]) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for entry in entries.values():
        for name in {plain(n) for n in (entry.id, *entry.names)}:
            if (first := owners.setdefault(name, entry.id)) != entry.id:
                yield Finding("error", entry.id, f"has the name {name!r} that {first} has too")


def _common(e: Model | Data) -> Iterator[Finding]:
    if not e.licence:
        yield Finding("gap", e.id, "no licence")
    elif e.licence not in LICENCES:
        yield Finding("error", e.id, f"unknown licence {e.licence!r}; write it as others do, or add it to LICENCES")
    if not (e.url or e.paper):
        yield Finding("gap", e.id, "no address and no paper")
    for name in e.unsure:
        if not getattr(e, name, None) or name in ("id", "names", "unsure"):
            yield Finding("error", e.id, f"unsure: {name!r} is no field of it that says something")
    for text in untranslated(e):
        yield Finding("error", e.id, f"no Japanese for {text!r}; add it to japanese.yaml")
    for name in ("added", "verified"):
        if (value := getattr(e, name)) and not _is_date(value):
            yield Finding("error", e.id, f"{name}: {value!r} is not a date; write YYYY-MM-DD")
    for link in (e.url, e.paper):
        if link and not link.startswith("https://"):
            yield Finding("error", e.id, f"{link!r} is not an https address")


def _model(m: Model) -> Iterator[Finding]:
    for name in {s.benchmark for s in m.seen} | {r.benchmark for r in m.reported}:
        if family(name) not in TABLE and name not in data():
            yield Finding("error", m.id, f"unknown benchmark {name!r}")
    if m.thinking and m.thinking not in THINKING:
        yield Finding("error", m.id, f"unknown format of thinking {m.thinking!r}; write it as others do")
    if m.base and m.base == m.id:
        yield Finding("error", m.id, "has itself as its base")


def _data(d: Data) -> Iterator[Finding]:
    if d.kind == "evaluation" and d.train is not False:
        yield Finding("error", d.id, "an evaluation set must say train: false")
    name = d.fetch.removeprefix("igaku data get ")
    if name != d.fetch and name not in TABLE:
        yield Finding("error", d.id, f"{d.fetch!r}: igaku has no {name!r}")


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text) <= date.today()
    except ValueError:
        return False


def _links() -> Iterator[Finding]:
    httpx = optional("httpx", "data")
    entries: list[Model | Data] = [*models().values(), *data().values()]
    linked = [(e.id, link) for e in entries for link in (e.url, e.paper) if link]
    with httpx.Client(timeout=20, follow_redirects=True, headers={"User-Agent": "igaku catalog check"}) as client:
        found = [(name, link, problem) for name, link in linked if (problem := _dead(client, link))]
    if linked and len(found) == len(linked) and all(p.startswith(UNREACHED) for _, _, p in found):
        raise IgakuError(f"none of {len(linked)} links can be reached: no network here? try again with one")
    yield from (Finding("error", name, f"{link}: {problem}") for name, link, problem in found)


UNREACHED = "cannot be reached"
LINK = 60.0
"""Seconds for one link, redirects included."""


def _dead(client: "Client", link: str) -> str:
    """What is wrong with a link; empty where it answers."""
    import httpx

    try:
        status = within(LINK, lambda: _status(client, link))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        return f"{UNREACHED} ({type(error).__name__})"
    return f"answers {status}" if status in (404, 410) else ""


def _status(client: "Client", link: str) -> int:
    status = client.head(link).status_code
    if status in (403, 405):
        with client.stream("GET", link) as response:  # its body is not read
            status = response.status_code
    return status
