"""Pictures against no pictures: four fates, a control, and refusals of what is not one model asked alike."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import igaku
from igaku.engines.base import Identity
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.question import Request
from igaku.statistics.paired import mcnemar

SETTINGS = "context=8"


def rows(n_pictures: int, n_text: int, n_missing: int = 0) -> Iterator[dict[str, Any]]:
    """Questions with a picture (two sections), of text, and whose picture is not here; the key is always b."""
    shared = {"choices": ["甲", "乙"], "answer": "b"}
    for i in range(n_pictures):
        section = "required" if i % 2 else "general"
        yield {"id": f"p{i}", "stem": f"図{i}の所見はどれか。", "images": ["p.png"], "section": section, **shared}
    for i in range(n_text):
        yield {"id": f"t{i}", "stem": f"文{i}で正しいのはどれか。", "section": "general", **shared}
    for i in range(n_missing):
        yield {"id": f"m{i}", "stem": f"写真{i}の所見はどれか。", "image": True, "section": "general", **shared}


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., igaku.Run]:
    """Runs a script ``(question number, kind, sees)`` over own questions, with eyes or without."""
    (tmp_path / "p.png").write_bytes(b"\x89PNG")

    def run(
        name: str, letter: Callable[[str, bool], str], *, sees: bool, questions: list[dict[str, Any]], **more: Any
    ) -> igaku.Run:
        (tmp_path / "exam.jsonl").write_text("\n".join(json.dumps(q, ensure_ascii=False) for q in questions))
        stems = {q["stem"]: q["id"] for q in questions}

        def script(request: Request) -> str:
            return letter(next(i for s, i in stems.items() if s in request.prompt), bool(request.images))

        engine = Replay(script, name=more.pop("model", "m"))
        engine.supports_images = sees
        settings = more.pop("settings", SETTINGS) + (" vision=pil" if sees else "")
        engine.identity = Identity(
            model=engine.identity.model, engine="replay", version=more.pop("version", "1"), settings=settings
        )
        return igaku.evaluate(engine, str(tmp_path / "exam.jsonl"), out=tmp_path / name, **more)

    return run


def number(name: str) -> int:
    return int(name[1:])


def fates(name: str, sees: bool) -> str:
    """Of ten pictures: three right always, four only with, one only without, two never; text is right always."""
    i = number(name)
    if name[0] == "t" or i < 3:
        return "b"
    return "b" if (sees and i < 7) or (not sees and i == 7) else "a"


def test_each_question_has_one_of_four_fates_and_text_is_the_control(ask: Any) -> None:
    questions = list(rows(10, 4, 2))
    on = ask("on", fates, sees=True, questions=questions)
    off = ask("off", fates, sees=False, questions=questions)
    report = igaku.images(on, off)
    by = {r.group: r for r in report.rows}
    c = by["picture sent"].comparison
    assert (c.n, c.both, c.only_a, c.only_b, c.neither) == (10, 3, 4, 1, 2)
    assert (c.p_exact, c.p_mid) == pytest.approx(mcnemar(4, 1)) and c.difference == pytest.approx(0.3)
    assert c.ci95[0] < 0 < 0.3 < c.ci95[1] < 1
    assert (by["text"].comparison.both, by["text"].comparison.difference, by["text"].same) == (4, 0.0, 4)
    assert by["picture not here"].comparison.n == 2 and by["picture sent"].same == 5
    assert any("2 questions need a picture that was not sent" in n for n in report.notes())
    assert {(r.section, r.comparison.n) for r in report.sections} == {("general", 5), ("required", 5)}
    sums = [sum(getattr(r.comparison, f) for r in report.sections) for f in ("both", "only_a", "only_b", "neither")]
    assert sums == [3, 4, 1, 2]
    assert all(r.comparison.p_adjusted >= r.comparison.p for r in report.sections)
    names = [t.name for t in report.tables()]
    assert names == ["pictures", "sections"]
    for table in report.tables():
        assert all(len(row) == len(table.columns) for row in table.rows)


def test_ten_of_ten_helped_is_shown_and_none_is_not(ask: Any) -> None:
    questions = list(rows(10, 3))
    on = ask("on", lambda name, sees: "b" if sees or name[0] == "t" else "a", sees=True, questions=questions)
    off = ask("off", lambda name, sees: "b" if name[0] == "t" else "a", sees=False, questions=questions)
    found = next(r for r in igaku.images(on, off).rows if r.group == "picture sent").comparison
    assert (found.only_a, found.only_b, found.p_exact) == (10, 0, pytest.approx(2 / 1024))
    assert found.ci95[0] > 0
    same = ask("same", lambda name, sees: "b" if name[0] == "t" else "a", sees=True, questions=questions)
    report = igaku.images(same, off)
    assert next(r for r in report.rows if r.group == "picture sent").comparison.p == 1
    assert any("nothing shows that they were looked at" in note for note in report.notes())


def test_replies_that_hold_no_answer_are_counted(ask: Any) -> None:
    questions = list(rows(4, 2))
    on = ask("on", lambda name, sees: "" if name in ("p0", "t0") else "b", sees=True, questions=questions)
    off = ask("off", lambda name, sees: "b", sees=False, questions=questions)
    report = igaku.images(on, off)
    assert report.unread == 2 and any(n.startswith("2 replies hold no answer") for n in report.notes())
    assert igaku.images(ask("read", fates, sees=True, questions=questions), off).unread == 0


def test_a_control_that_differs_is_told(ask: Any) -> None:
    questions = list(rows(4, 12))
    on = ask("on", lambda name, sees: "b", sees=True, questions=questions)
    off = ask("off", lambda name, sees: "a", sees=False, questions=questions)
    assert any("more than pictures" in note for note in igaku.images(on, off).notes())


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "another model": ({"model": "n"}, r"not the same model: with pictures m .*, without n "),
    "another setting": ({"settings": "context=9"}, "not one model with one setting: settings context=8 / context=9"),
    "another version": ({"version": "2"}, "version 1 / 2"),
    "another prompt": (
        {"prompt": "chat"},
        "no benchmark, language and prompt in common: .* standard_ja against .* chat",
    ),
    "examples": ({"shots": 0}, "asked with another"),
    "fewer questions": ({"limit": 3}, "questions were asked only with pictures"),
    "another order": ({"order": "shuffle"}, "asked with another order"),
    "other sampling": ({"max_tokens": 7}, "asked with another sampling"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_one_model_asked_alike_is_refused_in_one_line(what: str, ask: Any) -> None:
    more, message = REFUSED[what]
    questions = list(rows(4, 2))
    on = ask("on", fates, sees=True, questions=questions, **({"shots": 2} if what == "examples" else {}))
    off = ask("off", fates, sees=False, questions=questions, **more)
    with pytest.raises(IgakuError, match=message) as caught:
        igaku.images(on, off)
    assert "\n" not in str(caught.value)


def test_runs_in_the_wrong_places_and_changed_questions_are_refused(ask: Any) -> None:
    questions = list(rows(4, 2))
    on = ask("on", fates, sees=True, questions=questions)
    off = ask("off", fates, sees=False, questions=questions)
    with pytest.raises(IgakuError, match="give the run with pictures first"):
        igaku.images(off, on)
    with pytest.raises(IgakuError, match=r"ask with --vision"):
        igaku.images(off, off)
    with pytest.raises(IgakuError, match="pictures were sent in this run too"):
        igaku.images(on, on)
    changed = [q | {"answer": "a"} if q["id"] == "p2" else q for q in questions]
    other = ask("other", fates, sees=False, questions=changed)
    with pytest.raises(IgakuError, match="question p2 is not the same in both runs"):
        igaku.images(on, other)
    with pytest.raises(IgakuError, match="no replies that these methods can grade"):
        igaku.images(on, off, method="letter-logprob")


def test_imported_replies_of_two_models_are_not_the_same_model(tmp_path: Path) -> None:
    (tmp_path / "p.png").write_bytes(b"\x89PNG")
    (tmp_path / "exam.jsonl").write_text("\n".join(json.dumps(q, ensure_ascii=False) for q in rows(2, 2)))
    ids = ["p0", "p1", "t0", "t1"]
    lines = [
        {"id": i, "model": model, "reply": "b", "saw_images": sees}
        for model, sees in (("see", True), ("blind", False))
        for i in ids
    ]
    (tmp_path / "replies.jsonl").write_text("\n".join(map(json.dumps, lines)))
    run = igaku.import_run(
        "jsonl", tmp_path / "replies.jsonl", bench=str(tmp_path / "exam.jsonl"), out=tmp_path / "run"
    )
    with pytest.raises(IgakuError, match=r"not the same model: with pictures see .* without blind"):
        igaku.images(run.run, run.run)


def test_imported_replies_of_one_model_are_compared_whatever_pictures_are_here(tmp_path: Path) -> None:
    (tmp_path / "exam.jsonl").write_text("\n".join(json.dumps(q, ensure_ascii=False) for q in rows(0, 2, 5)))
    right = {True: ("m0", "m1", "m2", "t0", "t1"), False: ("m2", "m3", "t0", "t1")}
    runs = []
    for sees in (True, False):
        ids = [*(f"m{i}" for i in range(5)), "t0", "t1"]
        lines = [{"id": i, "model": "m", "reply": "b" if i in right[sees] else "a", "saw_images": sees} for i in ids]
        (tmp_path / f"{sees}.jsonl").write_text("\n".join(map(json.dumps, lines)))
        one = igaku.import_run(
            "jsonl", tmp_path / f"{sees}.jsonl", bench=str(tmp_path / "exam.jsonl"), out=tmp_path / f"{sees}"
        )
        runs.append(one.run)
    by = {r.group: r.comparison for r in igaku.images(*runs).rows}
    assert list(by) == ["picture sent", "text"]
    c = by["picture sent"]
    assert (c.both, c.only_a, c.only_b, c.neither) == (1, 2, 1, 1)
