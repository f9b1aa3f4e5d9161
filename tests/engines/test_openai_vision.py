"""Pictures to a served model: tried at load, several a question in their order, never left out without a word."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest

import igaku
from igaku.engines.openai import OpenAI
from igaku.errors import IgakuError
from igaku.question import Request

from .stub import Act, Stub, completion, error
from .test_openai import QUICK

pillow = pytest.importorskip("PIL.Image")


def server(answer: Any) -> Stub:
    """A server with chats, whose completions are not there; ``answer(body)`` is a chat's reply."""

    def act(path: str, body: dict[str, Any], n: int) -> Act:
        if path == "/models":
            return {"data": [{"id": "stub"}]}
        return answer(body) if path == "/chat/completions" else error(404, "no such path")

    return Stub(act)


def parts_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    content = body["messages"][-1]["content"]
    return content if isinstance(content, list) else []


def counted(text: str, prompt_tokens: int) -> Act:
    return completion(text) | {"usage": {"prompt_tokens": prompt_tokens, "completion_tokens": 2}}


def picture(path: Path, colour: str, kind: str) -> bytes:
    out = io.BytesIO()
    pillow.new("RGB", (8, 8), colour).save(out, kind)
    path.write_bytes(out.getvalue())
    return out.getvalue()


def test_all_pictures_of_a_question_are_sent_in_their_order_with_their_own_types(tmp_path: Path) -> None:
    seen: list[list[dict[str, Any]]] = []

    def answer(body: dict[str, Any]) -> Act:
        seen.append(parts_of(body))
        return counted("答え：b", 10 + 100 * (len(parts_of(body)) > 1))

    contents = [picture(tmp_path / "1-2.png", "red", "jpeg"), picture(tmp_path / "1-1.jpg", "blue", "png")]
    row = {
        "id": "1",
        "stem": "図の所見はどれか。",
        "choices": ["甲", "乙"],
        "answer": "b",
        "images": ["1-2.png", "1-1.jpg"],
    }
    (tmp_path / "own.jsonl").write_text(json.dumps(row, ensure_ascii=False))
    with server(answer) as stub:
        engine = OpenAI("stub", base_url=stub.url, vision=True, budget=QUICK)
        run = igaku.evaluate(engine, str(tmp_path / "own.jsonl"), out=tmp_path / "run")
    assert engine.notes == [] and run.cells[0].correct == 1
    *pictures, text = seen[-1]
    assert [p["image_url"]["url"] for p in pictures] == [
        f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
        for kind, content in zip(("jpeg", "png"), contents)
    ]
    assert "図の所見" in text["text"]


def test_a_model_without_eyes_is_refused_at_load() -> None:
    with (
        server(
            lambda body: error(400, "stub is not a multimodal model") if parts_of(body) else completion("b")
        ) as stub,
        pytest.raises(IgakuError, match=r"takes no pictures \(.*not a multimodal model.*\); leave out --vision"),
    ):
        OpenAI("stub", base_url=stub.url, vision=True, budget=QUICK)


def test_a_server_that_counts_nothing_for_a_picture_is_noticed() -> None:
    with server(lambda body: counted("b", 10)) as stub:
        assert any(
            "may leave pictures out" in n for n in OpenAI("stub", base_url=stub.url, vision=True, budget=QUICK).notes
        )


def test_completions_take_no_pictures() -> None:
    def act(path: str, body: dict[str, Any], n: int) -> Act:
        if path == "/models":
            return {"data": [{"id": "stub"}]}
        return completion("b") if path == "/completions" else error(404, "no such path")

    with Stub(act) as stub, pytest.raises(IgakuError, match="pictures are sent in chats"):
        OpenAI("stub", base_url=stub.url, vision=True, api="completions", budget=QUICK)


def test_a_choices_text_is_not_scored_beside_a_picture() -> None:
    with server(lambda body: counted("b", 10 + 100 * bool(parts_of(body)))) as stub:
        engine = OpenAI("stub", base_url=stub.url, vision=True, budget=QUICK)
        assert "likelihood" not in engine.supported and "in chats" in engine.unsupported["likelihood"]
        assert not engine.identity.settings.startswith("api=chat+completions")
        assert engine.identity.settings.endswith(" vision")
        assert dict(engine.answer([Request(kind="text", prompt="q")]))[0].text == "b"
