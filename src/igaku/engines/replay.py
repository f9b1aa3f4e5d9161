"""replay: plays recorded or scripted answers, so that whole evaluations run in milliseconds in tests."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from igaku.engines.base import EngineBase, Identity, joined
from igaku.question import Answer, Message, Request


class Replay(EngineBase):
    """An engine whose answers come from a mapping of prompts, or from a function of the request."""

    def __init__(
        self,
        script: Mapping[str, Answer] | Callable[[Request], Answer | str],
        name: str = "replay",
        context: int = 8192,
    ) -> None:
        super().__init__()
        self.identity = Identity(model=name, engine="replay", version="1")
        self.context = context
        self.supported = frozenset(("text", "letters", "likelihood", "tokens"))
        self._script = script
        self.requests: list[Request] = []
        """What it was asked, in order."""

    def chat(self, messages: Sequence[Message]) -> str:
        """Turns with their roles, so that a script can distinguish them."""
        return joined(Message(m.role, f"{m.role}: {m.content}") for m in messages)

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """Answer in order."""
        for i, request in enumerate(requests):
            self.requests.append(request)
            yield i, self._one(request)

    def _one(self, request: Request) -> Answer:
        if len(request.prompt) + (request.sampling.max_tokens if request.kind == "text" else 0) > self.context:
            return Answer(finish="overlong", prompt_tokens=len(request.prompt))
        if callable(self._script):
            given = self._script(request)
            return Answer(text=given) if isinstance(given, str) else given
        found = self._script.get(request.prompt)
        return found or Answer(finish="error", error="no recorded answer for this prompt")
