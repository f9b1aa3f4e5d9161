"""Pictures in a transformers model: a tiny random one, whose every number must depend on them, and on nothing else."""

import json
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

import igaku
from igaku.engines.hf import Transformers
from igaku.errors import IgakuError
from igaku.question import Answer, Message, Request, Sampling

from .seeing import seeing_model

pytest.importorskip("transformers")
pillow = pytest.importorskip("PIL.Image")
SHORT = Sampling(max_tokens=8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seeing_model(tmp_path_factory.mktemp("seeing"))


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[Transformers]:
    built = igaku.build_engine(str(folder), vision=True)
    assert isinstance(built, Transformers)
    yield built
    built.close()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A red, a blue and a green one, of other sizes and kinds."""
    at = tmp_path_factory.mktemp("pictures")
    made = []
    for name, colour, size, kind in (
        ("r", "red", (40, 30), "png"),
        ("b", "blue", (30, 60), "jpeg"),
        ("g", "green", (9, 9), "gif"),
    ):
        pillow.new("RGB", size, colour).save(at / f"{name}.png", kind)
        made.append(str(at / f"{name}.png"))
    return made


def asked(engine: Transformers, kind: str, images: tuple[str, ...], *continuations: str, chat: bool = False) -> Answer:
    turns = (Message("user", "Which one?\na. one\nb. two\nAnswer:"),)
    plain = "" if chat else turns[0].content
    prompt = engine.pictured(turns if chat else (), plain, len(images)) if images else engine.chat(turns)
    request = Request(kind=kind, prompt=prompt, images=images, continuations=continuations, sampling=SHORT)  # type: ignore[arg-type]
    return dict(engine.answer([request]))[0]


def test_the_reply_changes_with_the_picture_and_with_the_order_of_several(
    engine: Transformers, pictures: list[str]
) -> None:
    red, blue, green = pictures
    given = [(red,), (blue,), (red, blue), (blue, red), (red, green, blue)]
    replies = [asked(engine, "text", images).text for images in given]
    assert len(set(replies)) == len(given)
    assert [asked(engine, "text", images).text for images in given] == replies


def test_a_pictures_content_counts_and_not_its_name(engine: Transformers, pictures: list[str], tmp_path: Path) -> None:
    copy = tmp_path / "other.jpg"
    copy.write_bytes(Path(pictures[0]).read_bytes())
    assert asked(engine, "text", (str(copy),)).text == asked(engine, "text", (pictures[0],)).text


def test_letters_are_the_likelihood_of_one_token_and_change_with_the_picture(
    engine: Transformers, pictures: list[str]
) -> None:
    for chat in (False, True):
        letters = [asked(engine, "letters", (p,), "a", "b", chat=chat) for p in pictures]
        texts = [asked(engine, "likelihood", (p,), "a", "b", chat=chat) for p in pictures]
        for one, other in zip(letters, texts):
            assert one.logprobs == pytest.approx(other.logprobs, abs=1e-4) and one.tokens == (1, 1)
        assert len({tuple(round(v, 3) for v in a.logprobs) for a in letters}) == 3


def test_a_chat_that_ends_with_a_blank_gets_no_beginning_of_its_own(tmp_path: Path, pictures: list[str]) -> None:
    folder = seeing_model(tmp_path)
    for file in folder.glob("*.jinja"):
        file.write_text(file.read_text().replace("[assistant]", "[assistant]\n"))
    engine = igaku.build_engine(str(folder), vision=True)
    assert isinstance(engine, Transformers)
    written = asked(engine, "text", (pictures[0],), chat=True)
    scored = asked(engine, "likelihood", (pictures[0],), "a", "b", chat=True)
    assert scored.prompt_tokens == written.prompt_tokens - 1 and scored.tokens == (2, 2)


def test_the_likelihood_of_a_text_is_the_product_of_its_steps(engine: Transformers, pictures: list[str]) -> None:
    images = tuple(pictures[:2])
    whole = asked(engine, "likelihood", images, "one", "two three")
    prompt = engine.pictured((), "Which one?\na. one\nb. two\nAnswer:", 2)
    steps = 0.0
    for at, letter in enumerate("one"):
        request = Request(kind="letters", prompt=prompt + "one"[:at], images=images, continuations=(letter,))
        steps += dict(engine.answer([request]))[0].logprobs[0]
    assert whole.logprobs[0] == pytest.approx(steps, abs=1e-3)
    assert whole.tokens == (3, 9)


def test_what_is_written_is_likeliest_letter_by_letter(engine: Transformers, pictures: list[str]) -> None:
    """Generation with its cache gives the tokens of plain passes over prompt, pictures and what was written."""
    prompt = engine.pictured((), "Answer:", 1)
    seen = engine._eyes.see(prompt, pictures[:1])  # type: ignore[union-attr]
    import torch

    tokens, new = list(seen.tokens), []
    for _ in range(6):
        logits = engine.model(input_ids=torch.tensor([tokens]), use_cache=False, **seen.extras).logits[0, -1]
        new.append(int(logits.argmax()))
        tokens.append(new[-1])
    request = Request(kind="text", prompt=prompt, images=(pictures[0],), sampling=Sampling(max_tokens=6))
    answer = dict(engine.answer([request]))[0]
    ends = [i for i, t in enumerate(new) if t == engine.tokenizer.eos_token_id]
    assert answer.text == engine.tokenizer.decode(new[: ends[0] if ends else None], skip_special_tokens=True)
    assert answer.prompt_tokens == len(seen.tokens) == 1 + 16 + len("\nAnswer:")


def test_places_for_pictures_stand_in_the_last_turn_and_before_a_plain_prompt(engine: Transformers) -> None:
    turns = (Message("system", "S"), Message("user", "one"), Message("assistant", "A"), Message("user", "two"))
    assert engine.pictured(turns, "", 2).endswith("[assistant]A[user]<image>\n<image>\ntwo[assistant]")
    assert engine.pictured((), "plain", 2) == "<image>\n<image>\nplain"
    with pytest.raises(IgakuError, match="'<image>' in its text"):
        engine.pictured((), "what is <image>?", 1)
    assert engine.count_images(["x"] * 0) == 0


def test_text_questions_are_answered_as_without_eyes(engine: Transformers, folder: Path) -> None:
    blind = igaku.build_engine(str(folder))
    prompt = "Which is a colour?\na. red\nb. seven\nAnswer:"
    requests = [
        Request(kind="text", prompt=prompt, sampling=SHORT),
        Request(kind="letters", prompt=prompt, continuations=("a", "b")),
        Request(kind="likelihood", prompt=prompt, continuations=("red", "seven")),
    ]
    mine, theirs = (dict(e.answer(requests)) for e in (engine, blind))
    assert mine[0].text == theirs[0].text
    for i in (1, 2):
        assert mine[i].logprobs == pytest.approx(theirs[i].logprobs, abs=1e-4)
    assert engine.identity.settings == blind.identity.settings + " vision=pil"
    with pytest.raises(IgakuError, match="without --vision"):
        list(blind.answer([Request(kind="text", prompt=prompt, images=("x.png",))]))


def test_a_prompt_that_does_not_fit_with_its_pictures_is_overlong(folder: Path, pictures: list[str]) -> None:
    small = igaku.build_engine(str(folder), vision=True, context=40)
    prompt = small.pictured((), "Answer:", 2)  # type: ignore[attr-defined]
    for kind in ("text", "letters"):
        request = Request(kind=kind, prompt=prompt, images=tuple(pictures[:2]), continuations=("a",), sampling=SHORT)  # type: ignore[arg-type]
        answer = dict(small.answer([request]))[0]
        assert (answer.finish, answer.prompt_tokens) == ("overlong", 1 + 2 * 17 + len("Answer:"))
    assert small.count_images(pictures) == 3 * (1 + 17)  # type: ignore[attr-defined]


def test_a_model_of_text_is_refused_in_one_line(tmp_path: Path) -> None:
    from transformers import LlamaConfig, LlamaForCausalLM

    from .seeing import tokenizer

    words = tokenizer()
    LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
        )
    ).save_pretrained(tmp_path)
    words.save_pretrained(tmp_path)
    with pytest.raises(IgakuError, match=r"takes no pictures \(llama is a model of text\); leave out --vision"):
        igaku.build_engine(str(tmp_path), vision=True)
    with pytest.raises(IgakuError, match="serve the model with its mmproj file"):
        igaku.build_engine("gemma-3-270m", vision=True)


def test_an_evaluation_with_pictures_goes_on_and_keys_hold_the_pictures(
    engine: Transformers, pictures: list[str], tmp_path: Path
) -> None:
    same = {"choices": ["甲", "乙"], "answer": "a"}
    rows = [{"id": f"{i}", "stem": f"図{i}の所見はどれか。", "images": [f"{i}.png"], **same} for i in range(3)]
    (tmp_path / "own.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    for i, source in enumerate(pictures):
        (tmp_path / f"{i}.png").write_bytes(Path(source).read_bytes())
    given = {"method": ["letter", "letter-logprob", "likelihood"], "max_tokens": 4, "out": tmp_path / "run"}
    run = igaku.evaluate(engine, str(tmp_path / "own.jsonl"), **given)  # type: ignore[arg-type]
    assert {c.n_scored for c in run.cells} == {3} and not any(c.text_only for c in run.cells)
    assert all(math.isfinite(v) for r in run.replies.values() for v in r.answer.logprobs)
    before = set(run.replies)
    (tmp_path / "0.png").write_bytes(Path(pictures[1]).read_bytes())
    assert set(igaku.evaluate(engine, str(tmp_path / "own.jsonl"), **given).replies) - before  # type: ignore[arg-type]
    (tmp_path / "0.png").write_bytes(b"\x89PNG of nothing")
    with pytest.raises(IgakuError, match=r"0\.png: cannot be read as a picture"):
        igaku.evaluate(engine, str(tmp_path / "own.jsonl"), **given)  # type: ignore[arg-type]
