"""What a server can do, tried at load and not believed: its models, its paths, log-probabilities, echo."""

import json
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import msgspec

from igaku.engines.fleet import Call, Failed, Fleet
from igaku.engines.openai_bodies import Dialect, Json, echo, sampling_fields
from igaku.engines.openai_replies import Replies, same_model
from igaku.errors import IgakuError, UnknownNameError
from igaku.question import RequestKind, Sampling

TOPS = (1000, 20, 5)
"""Log-probabilities a token asked for, most first: llama.cpp gives any number, vLLM 20, OpenAI 20 in chats, else 5."""
CHECK = "Question: Is snow white?\nA. yes\nB. no\nAnswer:"
ECHO_HEAD, ECHO_ENDS = "Water freezes at zero degrees and boils at a", (" hundred.", " violin.")


class Probe:
    """Finds out the dialect of a fleet's servers, and which kinds of request it allows."""

    def __init__(self, fleet: Fleet, dialect: Dialect, replies: Replies) -> None:
        self._fleet, self._dialect, self._replies = fleet, dialect, replies
        self._why = ""
        self.notes: list[str] = []
        self.supported: set[RequestKind] = {"text"}
        self.unsupported: dict[RequestKind, str] = {
            "tokens": "the server does not give the moments over the vocabulary"
        }

    def run(self, api: str) -> None:
        """Try each kind of request once: chat, completions, how many log-probabilities a token, echo.

        Raises:
            IgakuError: the server answers neither chats nor completions.
        """
        if api != "chat":
            self._try_completions()
        if api != "completions":
            self._try_chat()
        d = self._dialect
        if not (d.has_completions or d.has_chat):
            why = self._why or "answers neither chats nor completions"
            raise IgakuError(f"{self._fleet.servers[0].url}: {why}; check --base-url and --api")
        if d.completions_top or (d.chat_top and not d.has_completions):
            self.supported.add("letters")
        else:
            self.unsupported["letters"] = "the server gives no log-probabilities"
        if d.has_completions and self._echoes():
            self.supported.add("likelihood")
        else:
            self.unsupported["likelihood"] = "the server does not score the text of a prompt (echo)"

    def _try_completions(self) -> None:
        d = self._dialect
        plain: Json = {"model": d.model, "prompt": CHECK, "max_tokens": 1, "temperature": 0.0}
        tops = [n for n in TOPS if isinstance(self._try("/completions", plain | {"logprobs": n}, "count_top"), int)]
        d.has_completions = bool(tops) or isinstance(self._try("/completions", plain, "choice"), dict)
        d.completions_top = tops[0] if tops else 0

    def _try_chat(self) -> None:
        d = self._dialect
        base: Json = {"model": d.model, "messages": [{"role": "user", "content": CHECK}]}
        for length, drawn in product(("max_tokens", "max_completion_tokens"), (True, False)):
            body = base | {length: 1} | (sampling_fields(Sampling()) if drawn else {})
            if isinstance(self._try("/chat/completions", body, "choice"), dict):
                d.has_chat, d.length_field, d.takes_sampling = True, length, drawn
                top = body | {"logprobs": True, "top_logprobs": 20}
                d.chat_top = 20 if isinstance(self._try("/chat/completions", top, "count_top"), int) else 0
                if not drawn:
                    self.notes.append("the server takes no temperature and no seed: replies may differ from run to run")
                return

    def _echoes(self) -> bool:
        """Whether echo scores a prompt: of two endings of one beginning the sensible one is likelier, and by fewer
        tokens than the whole has."""
        found = []
        for end in ECHO_ENDS:
            result = self._try("/completions", echo(self._dialect.model, ECHO_HEAD + end), "scored", len(end))
            if not isinstance(result, tuple) or not (0 < result[1] < 8 < sum(result[1:]) and result[0] < 0):
                return False
            found.append(result[0])
        return bool(found[0] > found[1])

    def _try(self, path: str, body: Json, read: str, *arguments: int) -> object:
        """What one of ``Replies``' readers makes of the answer, or ``Failed``; None where there is none."""
        reader = getattr(self._replies, read)
        call = Call(0, path, msgspec.json.encode(body), lambda found: reader(found, *arguments), probe=True)
        result = next((r for _, r in self._fleet.ask([call])), None)
        if isinstance(result, Failed):
            self._why = result.message
        return result


def listed_model(url: str, key: str, model: str) -> dict[str, Any]:
    """This model's entry in a server's list; empty where it has no list.

    Raises:
        IgakuError: the list is there and the model is not in it.
    """
    rows = [r for r in _models(url, key) if isinstance(r, dict)]
    if llama := next((r for r in rows if r.get("owned_by") == "llamacpp"), None):
        return llama  # it has one model, and goes by no name
    named = {str(r.get("id")): r for r in rows}
    alike = [name for name in named if same_model(name, model)]
    if named and not alike:
        raise UnknownNameError("model", model, named, hint=f"at {url}")
    return named.get(model) or (named[alike[0]] if alike else {})


def _models(url: str, key: str) -> list[object]:
    """The server's list of models; empty where it has none. Redirects are not followed: they would carry the key on."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=20)
    try:
        connection.request("GET", parts.path + "/models", headers={"Authorization": f"Bearer {key}"} if key else {})
        body = json.loads(connection.getresponse().read(8 << 20))
        return list(body.get("data") or []) if isinstance(body, dict) else []
    except (OSError, ValueError, TypeError, HTTPException):
        return []
    finally:
        connection.close()


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
        if parts.scheme not in ("http", "https") or not parts.hostname or any(c.isspace() for c in url):
            raise IgakuError(f"--base-url {url!r} is not an address; give e.g. http://localhost:8000/v1")
        if parts.username or parts.password or parts.query:
            raise IgakuError("--base-url holds a password or a query; keys belong into IGAKU_API_KEY or keys.toml")
    return urls
