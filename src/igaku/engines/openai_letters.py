"""Log-probabilities of the first token, from either form in use, and a letter's own among them."""

from typing import Any
from unicodedata import normalize

from igaku.engines.fleet_calls import BadPayload

THINKING_FIRST = "the model thinks before it answers, so that its first token is no letter"


class NoLetters(BadPayload):
    """A reply whose first token is no letter's."""


def top_tokens(logprobs: object) -> dict[str, float]:
    """Token -> log-probability of the first generated token, from either form in use.

    Raises:
        BadPayload: there are none.
    """
    logs: dict[str, Any] = logprobs if isinstance(logprobs, dict) else {}
    found: dict[str, float] = {}
    if content := logs.get("content"):
        for row in content[0].get("top_logprobs") or []:
            found.setdefault(str(row.get("token")), float(row["logprob"]))
    else:
        first = (logs.get("top_logprobs") or [{}])[0]
        found = {str(k): float(v) for k, v in (first or {}).items()}
    if not found:
        raise BadPayload("no log-probabilities in it")
    return found


def of_letter(found: dict[str, float], letter: str) -> float | None:
    """The letter's token as it would follow the prompt, or written full width; else the same letter with or without a
    blank before it."""
    wide = [v for token, v in found.items() if token == letter or (not token.isascii() and _narrow(token) == letter)]
    alike = wide or [v for token, v in found.items() if _narrow(token).strip() == letter.strip()]
    return max(alike) if alike else None


def _narrow(token: str) -> str:
    return normalize("NFKC", token)
