"""A small OpenAI-compatible server that misbehaves on purpose: raw HTTP, so that it can break any rule."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

Act = dict[str, Any] | bytes | str
"""A body to send with 200; raw bytes as the whole response; or how to misbehave (``reset``,
``stall``, ``cut``, a name of ``DRIPS``)."""


def completion(text: str, model: str = "stub", **more: Any) -> dict[str, Any]:
    """A completion's body."""
    choice = {
        "index": 0,
        "text": text,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
        **more,
    }
    return {"model": model, "choices": [choice], "usage": {"prompt_tokens": 10, "completion_tokens": 2}}


def error(status: int, message: str = "no", retry_after: str = "") -> bytes:
    """A whole response with another status."""
    body = json.dumps({"error": {"message": message}}).encode()
    extra = f"Retry-After: {retry_after}\r\n" if retry_after else ""
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode() + body


DRIPS = {
    "drip-head": b"HTTP/1.1 200 OK\r\nX: ",
    "drip-body": b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n",
    "drip-chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n{",
    "drip-error": b"HTTP/1.1 400 X\r\nContent-Length: 9000\r\n\r\n",
}
"""Answers that begin, and then come a byte at a time."""


class Stub:
    """A server in a thread; ``act(path, body, n)`` is called with the n-th (0-based) try of the same body."""

    def __init__(self, act: Callable[[str, dict[str, Any], int], Act], latency: float = 0.0, port: int = 0) -> None:
        self.act, self.latency, self.port = act, latency, port
        self.tries: Counter[str] = Counter()
        self.headers: list[str] = []
        self.busy = self.most_busy = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def __enter__(self) -> "Stub":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=1 << 22))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")
                size = next((int(x.split(":")[1]) for x in lines if x.lower().startswith("content-length:")), 0)
                raw = await reader.readexactly(size)
                self.headers += [x for x in lines if x.lower().startswith("authorization")]
                self.busy += 1
                self.most_busy = max(self.most_busy, self.busy)
                try:
                    if not await self._reply(lines[0].split()[1].removeprefix("/v1"), raw, writer):
                        return
                finally:
                    self.busy -= 1
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _reply(self, path: str, raw: bytes, writer: asyncio.StreamWriter) -> bool:
        call = path + raw.decode("utf-8", "replace")
        n, self.tries[call] = self.tries[call], self.tries[call] + 1
        if self.latency:
            await asyncio.sleep(self.latency)
        act = self.act(path, json.loads(raw) if raw else {}, n)
        if act == "stall":
            await asyncio.sleep(30)
            return False
        if act == "reset":
            writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"choi')
            await writer.drain()
            writer.transport.abort()
            return False
        if act == "cut":
            writer.write(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{"choices": [')
            await writer.drain()
            return False
        if act == "trickle":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n")
            for _ in range(300):
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.1)
            return False
        if isinstance(act, str) and act in DRIPS:
            writer.write(DRIPS[act])
            for _ in range(300):
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.1)
            return False
        if isinstance(act, bytes):
            writer.write(act)
        else:
            body = json.dumps(act).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
            )
        await writer.drain()
        return True
