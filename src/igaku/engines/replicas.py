"""Copies of a model on one or many machines, each with vLLM inside a Ray actor; replies stream back as they finish.

Requests are handed out in batches with a common beginning. Where a copy or its machine dies, what it had not answered
goes to the others; where none is left, one is started again. The identity is that of one copy: a run may begin with
``vllm`` and continue with ``ray-vllm``.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from igaku.engines.base import EngineBase
from igaku.engines.spec import EngineSpec
from igaku.errors import IgakuError, optional
from igaku.question import Answer, Message, Request

LEAST, MOST = 8, 2048
"""Requests in one batch: enough to keep a copy's own batches full, few enough to share the end of the list."""
START = 900.0
"""Seconds that the copies may take to load."""
NONE_LEFT = "no copy of the model is left; what was answered is kept: give the same command again"
ATTRIBUTES = (
    "identity",
    "context",
    "supported",
    "unsupported",
    "notes",
    "supports_images",
    "sends_messages",
    "thinking",
    "own_temperature",
    "splits_thinking",
)
"""What an engine says of itself."""


class _Copy:
    """What runs inside an actor."""

    def __init__(self, model: str, settings: dict[str, Any]) -> None:
        from igaku.engines.build import build_engine

        self._engine: Any = build_engine(model, **settings)

    def attributes(self) -> dict[str, object]:
        return {name: getattr(self._engine, name) for name in ATTRIBUTES}

    def chat(self, messages: list[list[Message]]) -> list[str]:
        return [self._engine.chat(m) for m in messages]

    def pictured(self, given: tuple[tuple[Message, ...], str, int]) -> str:
        return str(self._engine.pictured(*given))

    def count(self, prompts: list[str]) -> list[int]:
        return list(self._engine.count(prompts))

    def count_images(self, images: tuple[str, ...]) -> int:
        return int(self._engine.count_images(images))

    def answer(self, requests: list[Request], chats: list[str]) -> Iterator[tuple[int, Answer]]:
        for text in chats:
            self._engine.remember(text)
        yield from self._engine.answer(requests)


class Replicas(EngineBase):
    """A fleet of copies.

    The inner engine separates thinking from text.

    Args:
        model, settings: as for ``build_engine``.
        replicas: how many copies.
        inner: the engine inside each.
        address: of a running Ray cluster; ``auto`` finds one, and starts one on this machine where there is none.
    """

    @classmethod
    def load(cls, spec: EngineSpec) -> "Replicas":
        """Copies of the model of a spec."""
        return cls(spec.model, **spec.settings("ray-vllm"))  # type: ignore[arg-type]

    def __init__(
        self, model: str, *, replicas: int = 1, inner: str = "vllm", address: str = "auto", **settings: Any
    ) -> None:
        super().__init__()
        self._ray = optional("ray", "ray")
        self._connect(address)
        self._arguments = model, {**settings, "engine": inner}
        gpus = settings.get("tensor_parallel", 1) * settings.get("pipeline_parallel", 1)
        on_gpu = self._ray.cluster_resources().get("GPU", 0) > 0
        room = {"num_gpus": gpus} if on_gpu else {"num_cpus": 1}
        self._actor = self._ray.remote(_Copy).options(**room, scheduling_strategy="SPREAD", max_restarts=0)
        self._wanted = replicas
        self._chats: set[str] = set()
        """Texts that came from a copy's chat template."""
        self._copies = [self._actor.remote(*self._arguments) for _ in range(replicas)]
        for name, value in self._loaded().items():
            setattr(self, name, value)

    def chat(self, messages: Sequence[Message]) -> str:
        """By a copy's chat template."""
        text = str(self._by_any("chat", [list(messages)])[0])
        self._chats.add(text)
        return text

    def pictured(self, messages: Sequence[Message], text: str, images: int) -> str:
        """By a copy: a prompt with a place for each picture. The pictures' files must lie on every machine."""
        found = str(self._by_any("pictured", (tuple(messages), text, images)))
        self._chats |= {found} if messages else set()
        return found

    def count_images(self, images: Sequence[str]) -> int:
        """Tokens that pictures take, by a copy."""
        return int(self._by_any("count_images", tuple(images)))

    def count(self, prompts: Sequence[str]) -> list[int]:
        """Tokens of each prompt, by a copy."""
        return list(self._by_any("count", list(prompts)))

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        """As they come, from whichever copy.

        Raises:
            IgakuError: no copy is left; what was answered is kept.
        """
        order = sorted(range(len(requests)), key=lambda i: requests[i].prompt)
        size = max(LEAST, min(MOST, -(-len(order) // (4 * self._wanted))))
        todo = deque(order[at : at + size] for at in range(0, len(order), size))
        at_work: dict[Any, tuple[Any, dict[int, int]]] = {}
        free = list(self._copies)
        while todo or at_work:
            while todo and free:
                copy, batch = free.pop(), todo.popleft()
                mine = [requests[i] for i in batch]
                chats = list({r.prompt for r in mine} & self._chats)
                stream = copy.answer.options(num_returns="streaming").remote(mine, chats)
                at_work[stream] = copy, dict(enumerate(batch))
            if not at_work:
                free = self._new_copy()
                continue
            ready, _ = self._ray.wait(list(at_work), num_returns=1, timeout=60, fetch_local=False)
            for stream in ready:
                copy, left = at_work[stream]
                try:
                    k, answer = self._ray.get(next(stream))
                    yield left.pop(k), answer
                except StopIteration:
                    del at_work[stream]
                    free.append(copy)
                except self._ray.exceptions.RayTaskError as error:
                    raise IgakuError(f"a copy of the model failed: {_cause(error)}") from None
                except self._ray.exceptions.RayError:
                    del at_work[stream]
                    self._lost(copy)
                    todo.append(list(left.values()))

    def close(self) -> None:
        """End the copies; the cluster stays, unless it was started here."""
        for copy in self._copies:
            self._ray.kill(copy)
        self._copies = []
        if self._own:
            self._ray.shutdown()

    def _connect(self, address: str) -> None:
        self._own = not self._ray.is_initialized()
        if not self._own:
            return
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "error", "include_dashboard": False}
        try:
            self._ray.init(address=address, log_to_driver=False, logging_level="error")
        except ConnectionError:
            if address != "auto":
                raise IgakuError(f"no Ray cluster at {address}; start one: ray start --head") from None
            self._ray.init(**quiet)

    def _loaded(self) -> dict[str, object]:
        try:
            found = self._ray.get([c.attributes.remote() for c in self._copies], timeout=START)
        except self._ray.exceptions.GetTimeoutError:
            has = self._ray.cluster_resources()
            room = f"{has.get('GPU', 0):g} GPUs, {has.get('CPU', 0):g} CPUs"
            raise IgakuError(f"--replicas {self._wanted}: the cluster is too small ({room}); give fewer") from None
        except self._ray.exceptions.RayTaskError as error:
            raise IgakuError(_cause(error)) from None
        except self._ray.exceptions.RayActorError as error:
            last = str(error).strip().splitlines()[-1][:300]
            raise IgakuError(f"a copy of the model could not be started: {last}") from None
        if any(one["identity"] != found[0]["identity"] for one in found):
            raise IgakuError("the copies differ: the machines have other weights, or other versions of vLLM or torch")
        return dict(found[0])

    def _by_any(self, method: str, argument: object) -> Any:
        for copy in list(self._copies):
            try:
                return self._ray.get(getattr(copy, method).remote(argument))
            except self._ray.exceptions.RayActorError:
                self._lost(copy)
        raise IgakuError(NONE_LEFT)

    def _lost(self, copy: Any) -> None:
        self._copies = [c for c in self._copies if c is not copy]
        self._ray.kill(copy)
        self.notes.append("a copy of the model was lost; its work went to the others")

    def _new_copy(self) -> list[Any]:
        """A new copy, where none is left.

        Raises:
            IgakuError: it cannot be started.
        """
        copy = self._actor.remote(*self._arguments)
        try:
            self._ray.get(copy.attributes.remote(), timeout=START)
        except self._ray.exceptions.RayError:
            raise IgakuError(NONE_LEFT) from None
        self._copies.append(copy)
        return [copy]


def _cause(error: Any) -> str:
    """What went wrong inside an actor, in one line."""
    cause = error.cause if isinstance(error.cause, IgakuError) else error
    return str(cause).strip().splitlines()[-1][:300]
