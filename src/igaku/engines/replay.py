"""replay: plays recorded or scripted answers, so that whole evaluations run in milliseconds in tests."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from igaku.engines.base import Identity, joined
from igaku.question import Answer, Message, Request, RequestKind


class Replay:
    """An engine whose answers come from a mapping of prompts, or from a function of the request."""

    sends_messages = False
    supports_images = False

    def __init__(
        self,
        script: Mapping[str, Answer] | Callable[[Request], Answer | str],
        name: str = "replay",
        context: int = 8192,
    ) -> None:
        self.identity = Identity(model=name, engine="replay", version="1")
        self.context = context
        self.supported: frozenset[RequestKind] = frozenset(("text", "letters", "likelihood", "tokens"))
        self.unsupported: dict[RequestKind, str] = {}
        self.notes: list[str] = []
        self._script = script
        self.asked: list[Request] = []

    def chat(self, messages: Sequence[Message]) -> str:
        """Turns with their roles, so that a script can tell them apart."""
        return joined(Message(m.role, f"{m.role}: {m.content}") for m in messages)

    def count(self, prompts: Sequence[str]) -> list[int]:
        """One token a character."""
        return [len(p) for p in prompts]

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """Answer in order."""
        for i, request in enumerate(requests):
            self.asked.append(request)
            yield i, self._one(request)

    def close(self) -> None:
        """Nothing to give back."""

    def _one(self, request: Request) -> Answer:
        if len(request.prompt) + (request.sampling.max_tokens if request.kind == "text" else 0) > self.context:
            return Answer(finish="overlong", prompt_tokens=len(request.prompt))
        if callable(self._script):
            given = self._script(request)
            return Answer(text=given) if isinstance(given, str) else given
        found = self._script.get(request.prompt)
        return found or Answer(finish="error", error="no recorded answer for this prompt")
