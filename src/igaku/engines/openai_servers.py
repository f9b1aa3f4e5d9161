"""The servers behind ``--base-url``, one by one: which answer, and whether each lists the model that is asked for."""

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic, sleep
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from igaku.engines.fleet import RetryBudget, Server
from igaku.engines.fleet_notices import notify
from igaku.engines.fleet_retry import no_server
from igaku.engines.openai_get import Page, get
from igaku.engines.openai_names import same_model
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.hosts import host_of, is_host

Row = dict[str, Any]
"""A model's entry in a server's list."""


class Listed(NamedTuple):
    """What a server's list says of the model asked for."""

    row: Row
    """Its entry; empty where the server has no list."""
    many: bool = False
    """Whether the server has several models."""

    @property
    def is_llamacpp(self) -> bool:
        """Whether it is llama.cpp's server."""
        return self.row.get("owned_by") == "llamacpp"

    @property
    def has_no_name(self) -> bool:
        """Whether it answers under any name: llama.cpp's server of one model."""
        return self.is_llamacpp and not self.many


def addresses(base_url: str) -> list[str]:
    """The addresses in ``--base-url``.

    Raises:
        IgakuError: none, or one that is not an address, or that holds a password or a query.
    """
    urls = [u.strip().rstrip("/") for u in base_url.split(",") if u.strip()]
    if not urls:
        raise IgakuError("--engine openai needs --base-url, e.g. http://localhost:8000/v1")
    for url in urls:
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError:
            raise IgakuError(f"--base-url {url!r} is not an address; give e.g. http://localhost:8000/v1") from None
        if "@" in parts.netloc or parts.query or parts.fragment:
            raise IgakuError("--base-url holds a password or a query; keys belong into IGAKU_API_KEY or keys.toml")
        if parts.scheme not in ("http", "https") or not is_host(host_of(url)) or any(c.isspace() for c in url):
            raise IgakuError(f"--base-url {url!r} is not an address; give e.g. http://localhost:8000/v1")
    return urls


def lists_of(servers: Sequence[Server], budget: RetryBudget) -> list[Page]:
    """The list of models of each server; they are waited for until one is there and has loaded its model.

    Raises:
        IgakuError: none answers in time, or each began to and did not end.
    """
    since, announced = monotonic(), False
    while True:
        pages = [_list_of(s) for s in servers]
        if any(_is_there(p) for p in pages):
            return [p if _is_there(p) or _is_loading(p) else replace(p, reached=False) for p in pages]
        if all(p.started for p in pages):
            raise IgakuError(f"{servers[0].url}/models: {pages[0].problem}; check --base-url")
        limit = budget.waiting if any(_is_loading(p) for p in pages) else budget.unreachable
        problem = next((p.problem for p in pages if p.problem), "it is loading its model")
        if monotonic() - since > limit:
            raise IgakuError(no_server(problem))
        if not announced:
            notify(f"{', '.join(s.url for s in servers)}: no answer yet ({problem}); waiting {limit:.0f} s at most")
            announced = True
        sleep(min(1.0, limit / 4))


def _list_of(server: Server) -> Page:
    """A server's list of models; one that fails for the moment is asked for again."""
    for pause in (0.2, 1.0):
        page = get(f"{server.url}/models", server.key)
        if page.status < 500 or _is_loading(page):
            return page
        sleep(pause)
    return get(f"{server.url}/models", server.key)


def _is_there(page: Page) -> bool:
    """Whether a server has answered, or broken off, and does not load its model now."""
    silent = page.started or page.problem.startswith(TimeoutError.__name__)
    return page.reached and not silent and not _is_loading(page)


def _is_loading(page: Page) -> bool:
    return page.status == 503 and "loading" in str(page.json).lower()


def listed(page: Page, model: str, aliases: Sequence[str], url: str) -> Listed:
    """This model in a server's list.

    Raises:
        IgakuError: the list is there and the model is not in it.
    """
    data = page.json.get("data")
    rows = [r for r in data if isinstance(r, dict)] if isinstance(data, list) else []
    if len(rows) == 1 and Listed(rows[0]).has_no_name:
        return Listed(rows[0])
    named = {str(r.get("id")): r for r in rows}
    for name in (model, *aliases):
        if found := named.get(name) or next((r for n, r in named.items() if _is_called(n, r, name)), None):
            return Listed(found, len(rows) > 1)
    if named:
        hint = f"at {url} (for an alias or a deployment give --served-as as well, with the name in the list)"
        raise UnknownNameError("model", model, named, hint=hint)
    return Listed({})


def _is_called(name: str, row: Row, wanted: str) -> bool:
    """Whether a listed model is the one wanted: also by its aliases (llama.cpp), and without ``:latest`` (Ollama)."""
    others = row.get("aliases")
    names = [name, *(others if isinstance(others, list) else [])]
    return any(same_model(str(n).removesuffix(":latest"), wanted.removesuffix(":latest")) for n in names)
