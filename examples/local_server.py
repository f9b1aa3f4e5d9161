"""A model behind an OpenAI-compatible server: the server here is thirty lines and always answers b.

python examples/local_server.py    yours: igaku eval --base-url http://localhost:11434/v1 --model NAME --prompt chat ...
"""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import igaku


class Handler(BaseHTTPRequestHandler):
    """The two pages that igaku needs: which models there are, and a chat."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """``/v1/models``."""
        self._send(
            {"object": "list", "data": [{"id": "always-b", "object": "model"}]} if "models" in self.path else None
        )

    def do_POST(self) -> None:
        """``/v1/chat/completions``: a real server would ask its model here."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        choice = {"index": 0, "message": {"role": "assistant", "content": "答え：b"}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13}
        answer = {
            "id": "1",
            "object": "chat.completion",
            "model": body.get("model"),
            "choices": [choice],
            "usage": usage,
        }
        self._send(answer if self.path == "/v1/chat/completions" else None)

    def _send(self, found: object) -> None:
        data = json.dumps(found or {"error": {"message": "not found"}}).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing: igaku's own output is enough."""


def main() -> None:
    """Start the server, ask it, print the table, stop it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/v1"
    print(igaku.evaluate("always-b", "mini", lang="ja", prompt="chat", limit=20, out="runs/served", base_url=url))
    server.shutdown()


if __name__ == "__main__":
    main()
