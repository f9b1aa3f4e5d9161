"""What a row of training data holds: turns of a conversation, a preference, or a text alone.

Read are the fields of ``igaku corpus`` (``instruction``, ``output``), of trl and the hub (``messages``, ``prompt`` with
``chosen`` and ``rejected``, each a text or turns), of Alpaca (``input``, ``system``) and of ShareGPT
(``conversations``).
"""

from typing import Literal, NamedTuple, TypeAlias

from igaku.corpus.documents import Document
from igaku.errors import IgakuError
from igaku.thinking import split

Role: TypeAlias = Literal["system", "user", "assistant"]
ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "model": "assistant",
}
THOUGHTS = ("reasoning_content", "thinking", "reasoning")
"""Fields of a turn that hold what was thought before its content."""


class Turn(NamedTuple):
    """Who says what; of an assistant's turn, what it thought before."""

    role: Role
    content: str
    thoughts: str = ""


class Preference(NamedTuple):
    """The turns so far, with a better and a worse answer."""

    prompt: list[Turn]
    chosen: Turn
    rejected: Turn


def conversation(row: Document) -> list[Turn]:
    """The turns of a row; none where it is a text alone.

    Raises:
        IgakuError: a turn has no role that can be learnt, or no text; the line says which row.
    """
    extra = row.extra
    for field in ("messages", "conversations"):
        if extra.get(field):
            return _turns(extra[field], f"{row.id}, {field}")
    if not extra.get("instruction"):
        return []
    question = "\n\n".join(str(extra[k]) for k in ("instruction", "input") if extra.get(k))
    system = [Turn("system", str(extra["system"]))] if extra.get("system") else []
    return [*system, Turn("user", question), _assistant(str(extra.get("output") or ""))]


def preference(row: Document) -> Preference:
    """The preference of a row. Without ``prompt``, it is what both conversations begin with.

    Raises:
        IgakuError: the row holds none; the line says which row.
    """
    extra = row.extra
    prompt, chosen, rejected = (_given(extra.get(k), f"{row.id}, {k}") for k in ("prompt", "chosen", "rejected"))
    if not prompt and chosen[:-1] == rejected[:-1]:
        prompt = chosen[:-1]
    if not prompt or not chosen or not rejected or any(t[-1].role != "assistant" for t in (chosen, rejected)):
        raise IgakuError(
            f"{row.id}: a preference needs prompt, chosen and rejected, texts or turns; the last of chosen and "
            "rejected must be the assistant's"
        )
    return Preference(prompt, chosen[-1], rejected[-1])


def _given(value: object, where: str) -> list[Turn]:
    """Turns from turns or a text; a text is the user's in ``prompt``, else the assistant's."""
    if isinstance(value, str) and value:
        return [Turn("user", value)] if where.endswith("prompt") else [_assistant(value)]
    return _turns(value, where) if value else []


def _turns(value: object, where: str) -> list[Turn]:
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        raise IgakuError(f'{where}: not a list of turns, as [{{"role": "user", "content": "..."}}, ...]')
    return [_turn(v, f"{where}, turn {n}") for n, v in enumerate(value, 1)]


def _turn(value: dict[str, object], where: str) -> Turn:
    named = str(value.get("role", value.get("from", "")))
    role = ROLES.get(named)
    if role is None:
        raise IgakuError(f"{where}: role {named!r} cannot be learnt; write system, user or assistant")
    content = _text(value.get("content", value.get("value")), where)
    if role != "assistant":
        return Turn(role, content)
    given = next((str(value[k]) for k in THOUGHTS if value.get(k)), "")
    return Turn(role, content, given.strip()) if given else _assistant(content)


def _text(content: object, where: str) -> str:
    """A content's text, of a text or of parts that are all text."""
    if isinstance(content, list):
        parts = [p.get("text") if isinstance(p, dict) and p.get("type", "text") == "text" else None for p in content]
        content = "".join(map(str, parts)) if all(isinstance(p, str) for p in parts) else None
    if not isinstance(content, str):
        raise IgakuError(f"{where}: its content is not text; pictures and calls of tools cannot be learnt")
    return content


def _assistant(content: str) -> Turn:
    """An assistant's turn; what stands in ``<think>`` before the answer is what it thought."""
    if not content.lstrip().startswith("<think>") or "</think>" not in content:
        return Turn("assistant", content)
    spoken = split(content)
    return Turn("assistant", spoken.answer, spoken.thinking)
