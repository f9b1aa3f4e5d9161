"""The identity of a served model: its name, what its server says of its weights, and which settings it was asked with.

A server that says nothing has the same identity as ever, so that its runs go on.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from igaku.engines.base import Identity, thinking_setting
from igaku.engines.openai_bodies import CHAT, COMPLETIONS, RESPONSES, Dialect
from igaku.engines.openai_weights import Served


def identity_of(
    dialect: Dialect, known: Served, url: str, aliases: Sequence[str], thinking: bool | None, vision: bool
) -> Identity:
    """Who answers.

    Args:
        known: what the servers say; without weights the host stands for them.
        url: the first address.
        aliases: other names, as the user gave them.
    """
    flags = (
        thinking_setting(thinking),
        " vision" if vision else "",
        f" template={known.template[:8]}" if known.template else "",
        f" served-as={','.join(aliases)}" if aliases else "",
    )
    top = f"{dialect.completions_top}/{dialect.chat_top}"
    return Identity(
        model=dialect.model,
        weights=known.weights or str(urlsplit(url).hostname),
        engine="openai",
        version=known.version or "unknown",
        settings=f"api={_paths(dialect)} top={top}{_undrawn(dialect)}{''.join(flags)}",
    )


def _paths(dialect: Dialect) -> str:
    has = {"chat": dialect.has_chat, "completions": dialect.has_completions, "responses": dialect.has_responses}
    return "+".join(name for name, there in has.items() if there)


def _undrawn(dialect: Dialect) -> str:
    """What of the sampling is not sent. Stop strings are cut here too."""
    words = [f" least-temperature={dialect.least_temperature}"] if dialect.least_temperature else []
    for path in (CHAT, COMPLETIONS, RESPONSES):
        lost = [name for name in dialect.refused.get(path, ()) if name != "stop"]
        if path == CHAT and "temperature" in lost:
            words.append(" undrawn")
        elif lost:
            words.append(f" {path.rpartition('/')[2]}-without={'+'.join(lost)}")
    return "".join(words)
