"""What is measured while a model learns, which model is kept, and when a run stops."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from igaku.errors import IgakuError
from igaku.io.checkpoints import read_log
from igaku.training import load_config, train
from igaku.training.config import Base, Config, Data, Eval, Method, Train
from igaku.training.measure import _engine, best_step, is_due, measure_of, split, stops

from .test_networks import losses, short

pytestmark = pytest.mark.torch


def logged(folder: Path, name: str) -> dict[int, float]:
    return {r["step"]: r[name] for r in read_log(folder / "log.jsonl") if name in r}


def test_the_best_update_is_the_first_of_the_best_values_and_patience_counts_from_it() -> None:
    rows = [{"step": n, "held_out": loss, "score": 1 - loss} for n, loss in ((2, 0.9), (4, 0.5), (6, 0.7), (8, 0.5))]
    rows.insert(1, {"step": 3})
    assert best_step(rows, Eval(share=0.1, best="loss")) == 4 == best_step(rows, Eval(questions="q", best="score"))
    assert best_step(rows, Eval(share=0.1)) == 0 == best_step([], Eval(share=0.1, best="loss"))
    assert stops(rows, Eval(share=0.1, best="loss", patience=2))
    assert not stops(rows, Eval(share=0.1, best="loss", patience=3)) and not stops(rows, Eval(best="loss"))


@given(st.integers(1, 200), st.integers(0, 50))
def test_the_last_update_is_always_measured(steps: int, every: int) -> None:
    found = [n for n in range(1, steps + 1) if is_due(n, steps, Eval(every=every))]
    assert found[-1] == steps and (every or len(found) <= 20)


def test_rows_are_held_out_by_the_seed() -> None:
    rows = [[n] for n in range(40)]
    one = split(rows, 0.1, 0)
    assert len(one.held_out) == 4 and sorted(one.learnt + one.held_out) == list(range(40))
    assert one == split(rows, 0.1, 0) != split(rows, 0.1, 1)
    with pytest.raises(IgakuError, match=r"eval\.share 0\.01 of 3 rows leaves 0 of them held out"):
        split([[1], [2], [3]], 0.01, 0)


def test_answers_of_one_conversation_are_on_one_side() -> None:
    one = split([[(n, answer) for answer in range(3)] for n in range(20)], 0.25, 0)
    assert len(one.held_out) == 15
    assert not {n for n, _ in one.learnt} & {n for n, _ in one.held_out}


def test_a_conversation_s_answers_are_the_examples_of_one_row(tiny_folder: Path, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    from igaku.training.examples import Reader

    turns = [{"role": role, "content": f"{role} {n}"} for n in range(2) for role in ("user", "assistant")]
    rows = [{"text": "x", "messages": turns}, {"text": "x", "messages": turns[:2]}]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    reader = Reader(Data(), AutoTokenizer.from_pretrained(tiny_folder))
    found = reader.rows(tmp_path / "rows.jsonl")
    assert len(found) == 2 and [e for row in found for e in row] == reader.examples(tmp_path / "rows.jsonl")


def test_pairs_of_rpo_are_measured_one_at_a_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As they are learnt: each pair's likelihood has its own length."""
    seen: list[int] = []
    monkeypatch.setattr("igaku.training.measure.held_out_loss", lambda _, __, micro: seen.append(micro) or 0.0)
    plain = Config(model=Base(base="x"), train=Train(batch=8, micro=4))
    for objective in ("dpo", "rpo"):
        config = replace(plain, method=Method(objective=objective))  # type: ignore[arg-type]
        measure: Any = measure_of(config, [()], None, tmp_path)  # type: ignore[list-item]
        measure(None, 1)
    assert seen == [4, 1]


def test_the_model_is_asked_at_its_revision_and_without_thoughts_where_it_learns_none() -> None:
    plain = Config(model=Base(base="owner/name", revision="v2"), data=Data(template="chat", thinking="off"))
    found = _engine(plain, Path("w"))
    assert (found.model, found.adapter, found.thinking) == ("owner/name@v2", "w", False)
    full = _engine(replace(plain, method=Method(kind="full")), Path("w"))
    assert (full.model, full.thinking) == ("w", False)
    assert _engine(Config(model=Base(base="owner/name")), Path("w")).thinking is None


def test_the_loss_of_held_out_rows_is_the_model_s_own(mix: Path, tiny_folder: Path, tmp_path: Path) -> None:
    """Compared with the saved adapter's, computed plainly, a row at a time."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from igaku.training.examples import Reader

    config = replace(short(tiny_folder, steps=4, micro=3), eval=Eval(share=0.25, every=2))
    train(config, tmp_path / "out", data=mix)
    found = logged(tmp_path / "out", "held_out")
    assert list(found) == [2, 4] and found[4] < found[2]
    rows = Reader(config.data, AutoTokenizer.from_pretrained(tiny_folder)).examples(mix)
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny_folder), tmp_path / "out").eval()
    total = weight = 0.0
    for row in split([[row] for row in rows], 0.25, 0).held_out:
        ids, labels = torch.tensor([row.ids]), torch.tensor([[-100, *row.labels[1:]]])
        logits = model(input_ids=ids).logits[0, :-1].float()
        total += float(torch.nn.functional.cross_entropy(logits, labels[0, 1:], reduction="sum"))
        weight += float((labels[0, 1:] != -100).sum())
    assert found[4] == pytest.approx(total / weight, rel=1e-4)
    picture = (tmp_path / "out/loss.svg").read_text()
    assert "held out" in picture and picture.count("<polyline") == 3


def test_the_best_model_is_kept_and_the_run_stops_when_it_gets_no_better(
    mix: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    """With a rate that is far too high, held-out rows get worse from some update on."""
    config = replace(
        short(tiny_folder, steps=40, lr=0.3, warmup=0.0, schedule="constant", spike=0.0),
        eval=Eval(share=0.25, every=1, best="loss", patience=3),
    )
    made = train(config, tmp_path / "out", data=mix)
    found = logged(tmp_path / "out", "held_out")
    best = min(found, key=lambda n: (found[n], n))
    assert made.updates == best + 3 < 40
    alone = replace(config, train=replace(config.train, steps=best), eval=replace(config.eval, best="", patience=0))
    train(alone, tmp_path / "alone", data=mix)
    files = [(tmp_path / f / "adapter_model.safetensors").read_bytes() for f in ("out", "alone")]
    assert losses(tmp_path / "alone") == losses(tmp_path / "out")[:best] and files[0] == files[1]
    kept = {p.name for p in (tmp_path / "out/checkpoint").glob("checkpoint-*")}
    assert kept == {f"checkpoint-{best}", f"checkpoint-{best + 3}"}


def test_rows_that_hold_an_exam_choose_no_model(mix: Path, tiny_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "loose.jsonl").write_text((mix / "documents.jsonl").read_text())
    config = replace(short(tiny_folder), eval=Eval(rows=str(tmp_path / "loose.jsonl")))
    with pytest.raises(IgakuError, match="has not been through decontamination"):
        train(config, tmp_path / "out", data=mix)
    with pytest.raises(IgakuError, match=r"eval\.questions is for igaku train"):
        train(replace(config, eval=Eval(questions="mini")), tmp_path / "out", data=mix)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["eval.best=loss"], "give eval.rows or eval.share"),
        (["eval.best=score"], "give eval.questions"),
        (["eval.patience=2"], "give eval.best"),
        (["eval.share=1.0"], "less than 1"),
        (["eval.share=0.1", "eval.rows=x"], "are both given"),
        (["eval.every=-1"], "must be 0 or more"),
    ],
)
def test_what_is_measured_fits_together(changes: list[str], message: str) -> None:
    with pytest.raises(IgakuError, match=message):
        load_config("tiny", changes)


def test_a_preference_s_held_out_loss_begins_at_chance(tiny_folder: Path, tmp_path: Path) -> None:
    rows = [{"prompt": f"which {n}?", "chosen": "Answer: A", "rejected": "Answer: B"} for n in range(12)]
    (tmp_path / "p.jsonl").write_text("\n".join(map(json.dumps, rows)))
    config = Config(
        model=Base(base=str(tiny_folder)),
        method=Method(r=4, objective="dpo"),
        data=Data(form="preference"),
        train=Train(lr=5e-3, warmup=0.0, steps=8, batch=4, micro=2),
        eval=Eval(share=0.25, every=1),
    )
    train(config, tmp_path / "out", data=tmp_path / "p.jsonl", contaminated=True)
    found: Any = logged(tmp_path / "out", "held_out")
    assert found[8] < found[4] < found[1] < math.log(2), "pairs of one kind are learnt together"
