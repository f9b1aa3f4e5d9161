"""A conversation goes to a server as its turns, with the replies that this server gave before."""

from pathlib import Path
from typing import Any

import igaku
from igaku.engines.openai import OpenAI

from ..runs.test_turns import talk
from .stub import Act, completion
from .test_openai import QUICK, server


def test_a_server_is_sent_every_turn_as_a_message(tmp_path: Path) -> None:
    bodies: list[dict[str, Any]] = []

    def reply(path: str, body: dict[str, Any]) -> Act | None:
        if path == "/chat/completions" and "頭が痛い" in str(body["messages"]):
            bodies.append(body)
            return completion(f"返事{len(body['messages'])}")
        return None

    with server(reply) as stub:
        engine = OpenAI("stub", base_url=stub.url, budget=QUICK)
        igaku.evaluate(engine, str(talk(tmp_path, 1)), prompt="conversation", out=tmp_path / "r")
        engine.close()
    assert [[(m["role"], m["content"]) for m in b["messages"]] for b in bodies][-1] == [
        ("user", "頭が痛い 0"),
        ("assistant", "返事1"),
        ("user", "熱もある"),
        ("assistant", "返事3"),
        ("user", "薬は"),
    ]
    assert len(bodies) == 3
