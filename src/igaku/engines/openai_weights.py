"""What a server says of the weights behind a name, so that no model gets another's replies.

OpenAI's interface has no place for it; each server has its own: llama.cpp ``/props`` and ``meta``, vLLM ``root``,
SGLang ``/get_model_info``, TGI ``/info``, Ollama's digest, LM Studio ``/api/v0/models``. Vendors say nothing.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from igaku.engines.openai_get import Json, facts, root
from igaku.engines.openai_servers import Listed, Row
from igaku.errors import IgakuError
from igaku.io.hosts import host_of, is_within


class Served(NamedTuple):
    """One server's model, as the server tells it; empty and 0 where it does not."""

    url: str
    weights: str = ""
    version: str = ""
    template: str = ""
    """SHA-256 of its chat template."""
    contexts: tuple[int, ...] = ()


def served(url: str, key: str, entry: Listed, model: str) -> Served:
    """Ask a server for the weights behind a name.

    Raises:
        IgakuError: it answers, but not for the moment.
    """
    row, owner = entry.row, str(entry.row.get("owned_by") or "")
    ask = _Questions(url, key, str(row.get("id") or model), row, entry.many, owner in READERS)
    silent = row.get("root") or is_within(host_of(url), VENDORS)
    readers = READERS.get(owner) or (() if silent else OTHERS)
    found = next((answer for reader in readers if (answer := reader(ask))), None) or Served(url)
    contexts = [
        *found.contexts,
        *map(_count, (row.get("max_model_len"), row.get("context_length"), _meta(row, "n_ctx"))),
    ]
    return found._replace(
        url=url,
        weights=found.weights or str(row.get("root") or ""),
        version=found.version or owner,
        contexts=tuple(n for n in contexts if n),
    )


class _Questions(NamedTuple):
    url: str
    key: str
    name: str
    row: Row
    many: bool
    sure: bool

    def page(self, path: str, *, by_model: bool = False, post: Json | None = None) -> Json:
        """A page of the server's own interface; empty where it has none."""
        return facts(root(self.url) + path, self.key, self.name if by_model else "", post, sure=self.sure)


def _llamacpp(ask: _Questions) -> Served | None:
    props = ask.page("/props", by_model=ask.many)
    if ask.row.get("owned_by") != "llamacpp" and "model_path" not in props:
        return None
    numbers = {"parameters": "n_params", "bytes": "size", "tokens": "n_vocab", "type": "ftype"}
    known = [f"{value} {word}" for word, name in numbers.items() if (value := _meta(ask.row, name)) is not None]
    path = str(props.get("model_path") or ask.row.get("id") or "")
    generation = props.get("default_generation_settings")
    context = _count(generation.get("n_ctx")) if isinstance(generation, dict) else 0
    build = f"llamacpp {props.get('build_info') or ''}".strip()
    return Served(ask.url, f"{path} ({', '.join(known)})" if known else path, build, _hash(props), (context,))


def _vllm(ask: _Questions) -> Served | None:
    version = ask.page("/version").get("version")
    return Served(ask.url, version=f"vllm {version}") if isinstance(version, str) else None


def _sglang(ask: _Questions) -> Served | None:
    info = ask.page("/get_model_info") or ask.page("/model_info")
    if not isinstance(info.get("model_path"), str) or "is_generation" not in info:
        return None
    version = info.get("weight_version")
    weights = info["model_path"] + (f" {version}" if version not in (None, "", "default") else "")
    about = ask.page("/get_server_info") or ask.page("/server_info")
    build = f"sglang {about.get('version') or ''}".strip()
    return Served(ask.url, weights, build, contexts=(_count(about.get("context_length")),))


def _tgi(ask: _Questions) -> Served | None:
    info = ask.page("/info")
    if not isinstance(info.get("model_id"), str):
        return None
    words = [info["model_id"], info.get("model_sha"), info.get("model_dtype")]
    build = f"tgi {info.get('version') or ''}".strip()
    return Served(
        ask.url, " ".join(str(w) for w in words if w), build, contexts=(_count(info.get("max_total_tokens")),)
    )


def _ollama(ask: _Questions) -> Served | None:
    rows = [r for r in ask.page("/api/tags").get("models") or [] if isinstance(r, dict) and r.get("digest")]
    mine = [
        r for r in rows if {str(r.get(k)).removesuffix(":latest") for k in ("name", "model")} & {_tagless(ask.name)}
    ]
    if not mine:
        return None
    version = f"ollama {ask.page('/api/version').get('version') or ''}".strip()
    running = [r for r in ask.page("/api/ps").get("models") or [] if isinstance(r, dict)]
    contexts = tuple(_count(r.get("context_length")) for r in running if r.get("digest") == mine[0]["digest"])
    shown = ask.page("/api/show", post={"model": ask.name})
    return Served(ask.url, f"{mine[0].get('name')} {mine[0]['digest']}", version, _hash(shown, "template"), contexts)


def _lmstudio(ask: _Questions) -> Served | None:
    rows = ask.page("/api/v0/models").get("data") or []
    mine = next((r for r in rows if isinstance(r, dict) and r.get("id") == ask.name), None)
    if mine is None:
        return None
    words = [mine.get(name) for name in ("publisher", "id", "quantization", "arch")]
    context = _count(mine.get("loaded_context_length"))
    return Served(ask.url, " ".join(str(w) for w in words if w), "lmstudio", contexts=(context,))


VENDORS = (
    *("openai.com", "azure.com", "anthropic.com", "googleapis.com", "mistral.ai", "groq.com", "openrouter.ai", "x.ai"),
    *("together.xyz", "deepseek.com", "cohere.ai", "cohere.com", "amazonaws.com", "fireworks.ai", "aliyuncs.com"),
)
"""Hosts that say nothing of their weights, and are not asked."""
Reader = Callable[[_Questions], Served | None]
READERS: dict[str, tuple[Reader, ...]] = {
    "llamacpp": (_llamacpp,),
    "vllm": (_vllm,),
    "sglang": (_sglang,),
    "library": (_ollama,),
}
"""``owned_by`` in the list of models -> who may read that server's own pages."""
OTHERS: tuple[Reader, ...] = (_ollama, _tgi, _sglang, _lmstudio, _llamacpp)


def one_model(found: list[Served], model: str) -> Served:
    """What several servers have in common.

    Raises:
        IgakuError: two of them serve different weights, or chat templates, behind the name.
    """
    for what, values in (
        ("weights", [(s.url, s.weights) for s in found if s.weights]),
        ("chat templates", [(s.url, s.template[:16]) for s in found if s.template]),
    ):
        if len({value for _, value in values}) > 1:
            each = "; ".join(f"{url}: {value}" for url, value in values)
            raise IgakuError(
                f"the servers have different {what} behind the name {model!r} ({each}); give --base-url servers of one "
                "model only"
            )
    return Served(
        found[0].url,
        next((s.weights for s in found if s.weights), ""),
        ", ".join(sorted({s.version for s in found if s.version})),
        next((s.template for s in found if s.template), ""),
        tuple(n for s in found for n in s.contexts),
    )


def _tagless(name: str) -> str:
    return name.removesuffix(":latest")


def _meta(row: Row, name: str) -> object:
    meta = row.get("meta")
    return meta.get(name) if isinstance(meta, dict) else None


def _count(value: object) -> int:
    """A number of tokens; 0 where it is none."""
    return int(value) if isinstance(value, int | float | str) and str(value).isdecimal() else 0


def _hash(page: Json, name: str = "chat_template") -> str:
    template = page.get(name)
    return sha256(template.encode()).hexdigest() if isinstance(template, str) and template else ""
