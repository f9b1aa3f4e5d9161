"""Verifying a run: an honest folder holds, each way to change one is named, and what cannot be checked is said."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import igaku
from igaku.engines.base import EngineBase
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.io.hashing import digest
from igaku.question import Answer, Request
from igaku.report.card import card
from igaku.runs.rekey import rekey
from igaku.runs.seal import FILE, seal
from igaku.studies.claims.check import Check
from igaku.studies.claims.prompts import framed
from igaku.studies.claims.report import VerifyReport
from igaku.studies.verify import verified
from tests.cli.conftest import Cli, cli
from tests.conftest import ASSETS, always
from tests.runs.test_turns import Chatty, talk

__all__ = ["cli"]

Rows = list[dict[str, Any]]
WAYS: dict[str, Any] = {
    "prompt": ["standard", "chat"],
    "order": ["original", "rotate-1"],
    "method": ["letter", "letter-logprob"],
    "lang": "ja",
    "limit": 6,
}


def scripted(name: str = "model") -> Replay:
    """Replies that hang on the request, so that two of them differ."""

    def script(request: Request) -> Answer:
        drawn = hashlib.sha256(request.prompt.encode()).digest()[0]
        if request.kind == "text":
            return Answer(text=f"答え：{'abcde'[drawn % 5]}")
        n = len(request.continuations)
        return Answer(logprobs=tuple(-1.0 - (drawn + i) % 5 for i in range(n)), tokens=(1,) * n)

    return Replay(script, name=name)


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with verdicts, a card and scores beside it, and with its seal."""
    folder = tmp_path_factory.mktemp("honest") / "run"
    run = igaku.evaluate(scripted(), "mini", out=folder, **WAYS)
    run.write_verdicts(run.grade())
    (folder / "card.yaml").write_text(card(run), encoding="utf-8")
    (folder / "scores.json").write_text(json.dumps(run.as_data()), encoding="utf-8")
    return folder


@pytest.fixture
def run(honest: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(honest, tmp_path / "run"))


def named(report: VerifyReport) -> dict[str, Check]:
    return {c.name: c for c in report.checks}


def failing(report: VerifyReport) -> set[str]:
    return {c.name for c in report.checks if c.status == "fails"}


def rewrite(file: Path, change: Callable[[Rows], object]) -> None:
    """Change the lines of a file."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    change(rows)
    file.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")


def edit(run: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest."""
    manifest = json.loads((run / "run.json").read_text(encoding="utf-8"))
    change(manifest)
    (run / "run.json").write_text(json.dumps(manifest), encoding="utf-8")


def hide(run: Path) -> VerifyReport:
    """The report on a folder whose changer wrote the seal anew."""
    seal(run)
    return igaku.verify(run)


def test_an_honest_folder_holds_in_every_claim(run: Path, cli: Cli) -> None:
    report = igaku.verify(run)
    assert report.holds and {c.status for c in report.checks} == {"holds"}
    assert report.lacking == [] and all(c.unchecked == 0 for c in report.checks)
    checked = {name: c.checked for name, c in named(report).items()}
    assert checked["questions"] == 6 and checked["keys"] == 6 + 4 + 1
    assert checked["replies"] == checked["identity"] == 6 * 2 * 2 * 2
    assert checked["verdicts"] == 6 * 2 * 2 * 2
    assert checked["scores"] == 4 + len(igaku.open_run(run).cells) == 4 + 8  # the card has the main method alone
    assert cli("verify", str(run)).returncode == 0


def test_how_many_of_the_questions_were_asked_is_said(run: Path) -> None:
    (row,) = igaku.verify(run).coverage
    assert (row.benchmark, row.language, row.n_asked) == ("mini", "ja", 6)
    assert row.of == len(igaku.load_benchmark("mini").load("ja"))


@pytest.mark.parametrize("format", ["open", "statements"])
def test_other_forms_of_questions_hold_too(format: str, tmp_path: Path) -> None:
    run = igaku.evaluate(scripted(), "mini", lang="ja", limit=9, question_format=format, out=tmp_path / "r")
    assert igaku.verify(run).lacking == []


def test_a_conversation_holds_and_an_earlier_reply_that_was_changed_is_found_by_the_prompts_after_it(
    tmp_path: Path,
) -> None:
    file = str(talk(tmp_path))
    run = igaku.evaluate(Chatty(), file, prompt="conversation", out=tmp_path / "r").path
    assert igaku.verify(run, bench=file).lacking == []
    rewrite(run / "replies.jsonl", lambda rows: rows[0]["answer"].update(text="心配ありません"))
    seal(run)
    assert {"prompts", "identity"} <= failing(igaku.verify(run, bench=file))


def test_a_suite_of_a_conversation_asks_every_turn_and_holds(tmp_path: Path) -> None:
    talk(tmp_path)
    suite = {"version": 1, "title": "talks", "tasks": [{"bench": "talk.jsonl", "prompt": "conversation"}]}
    (tmp_path / "talks.yaml").write_text(json.dumps(suite))
    run = igaku.evaluate_suite(Chatty(), tmp_path / "talks.yaml", out=tmp_path / "r")
    assert len(run.replies) == 6
    report = igaku.verify(run, bench=str(tmp_path / "talk.jsonl"), suite=tmp_path / "talks.yaml")
    assert report.lacking == [] and failing(report) == set()


def test_examples_images_and_a_judge_hold_too(tmp_path: Path) -> None:
    (tmp_path / "p.png").write_bytes(b"\x89PNG picture")
    row = {"id": "1", "stem": "どれか。", "choices": ["甲", "乙"], "answer": "b", "images": ["p.png"]}
    (tmp_path / "seen.jsonl").write_text(json.dumps(row))
    engine = always("答え：b")
    engine.supports_images = True
    run = igaku.evaluate(engine, str(tmp_path / "seen.jsonl"), shots=2, out=tmp_path / "r")
    report = igaku.verify(run, bench=str(tmp_path / "seen.jsonl"))
    assert report.lacking == [] and named(report)["identity"].checked == 1
    (tmp_path / "p.png").write_bytes(b"\x89PNG another one")
    assert failing(igaku.verify(run, bench=str(tmp_path / "seen.jsonl"))) == {"identity"}
    blind = igaku.evaluate(always("答え：b"), str(tmp_path / "seen.jsonl"), out=tmp_path / "blind")
    edit(blind.path, lambda m: m["asked"][0].update(images=True))
    assert "identity" in failing(igaku.verify(blind.path, bench=str(tmp_path / "seen.jsonl")))
    judged = igaku.evaluate(always("よい。"), "clinical_open", lang="ja", limit=2, out=tmp_path / "j")
    judged = igaku.judge(judged, Replay(lambda _: "1: はい", name="judge"))
    judged.write_verdicts(judged.grade())
    report = igaku.verify(judged)
    assert report.lacking == [] and named(report)["verdicts"].checked == 2


def test_turns_for_a_server_hold_too(tmp_path: Path) -> None:
    """An engine that gets the turns as they are, and whose prompt is their plain text."""

    class Served(Replay):
        sends_messages = True
        chat = EngineBase.chat

    run = igaku.evaluate(Served(lambda _: "b"), "mini", lang="ja", prompt="chat", limit=3, out=tmp_path / "r")
    assert igaku.verify(run).lacking == []
    rewrite(tmp_path / "r" / "prompts.jsonl", lambda rows: rows[0].update(prompt=rows[0]["prompt"] + "正解は b"))
    assert {"prompts", "identity"} <= failing(igaku.verify(tmp_path / "r"))


def test_a_frozen_run_holds_with_its_seal_and_as_one_from_before_seals_without(tmp_path: Path) -> None:
    frozen = ASSETS / "frozen" / "run"
    assert igaku.verify(frozen).lacking == []
    old = Path(shutil.copytree(frozen, tmp_path / "old"))
    (old / FILE).unlink()
    report = igaku.verify(old)
    assert report.holds and named(report)["seal"].status == "not checked"


def changed_reply(run: Path) -> None:
    def change(rows: Rows) -> None:
        one = next(r for r in rows if r.get("ask", "text") == "text")
        one["answer"]["text"] = "答え：a" if "e" in one["answer"]["text"] else "答え：e"

    rewrite(run / "replies.jsonl", change)


def swapped_replies(run: Path) -> None:
    def swap(rows: Rows) -> None:
        text = [r for r in rows if r.get("ask", "text") == "text"]
        one = text[0]
        other = next(r for r in text if r["answer"]["text"] != one["answer"]["text"])
        one["answer"], other["answer"] = other["answer"], one["answer"]

    rewrite(run / "replies.jsonl", swap)


def changed_key(run: Path) -> None:
    rewrite(run / "questions.jsonl", lambda rows: rows[0]["question"]["key"].update(accepted=[[0]]))


def changed_points(run: Path) -> None:
    rewrite(run / "questions.jsonl", lambda rows: rows[0]["question"].update(points=5.0))


def void_question(run: Path) -> None:
    rewrite(run / "questions.jsonl", lambda rows: rows[0]["question"].update(void="excluded"))


def changed_stem(run: Path) -> None:
    rewrite(run / "questions.jsonl", lambda rows: rows[0]["question"].update(stem="やさしい問題。"))


def changed_choices(run: Path) -> None:
    rewrite(run / "questions.jsonl", lambda rows: rows[0]["question"]["choices"].reverse())


def changed_group(run: Path) -> None:
    rewrite(run / "questions.jsonl", lambda rows: rows[0]["question"].update(group="all of them"))


def deleted_reply(run: Path) -> None:
    rewrite(run / "replies.jsonl", lambda rows: rows.pop(3))


def deleted_question(run: Path) -> None:
    rewrite(run / "questions.jsonl", lambda rows: rows.pop(2))


def doubled_reply(run: Path) -> None:
    rewrite(run / "replies.jsonl", lambda rows: rows.append(rows[0] | {"answer": {"text": "答え：b"}}))


def truncated_journal(run: Path) -> None:
    file = run / "replies.jsonl"
    file.write_bytes(file.read_bytes()[:-40])


def damaged_line(run: Path) -> None:
    file = run / "replies.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    lines[2] = b"{" * 5_000 + b"\n"
    file.write_bytes(b"".join(lines))


def swapped_verdict(run: Path) -> None:
    def swap(rows: Rows) -> None:
        row = next(r for r in rows if r["outcome"] == "wrong")
        row |= {"outcome": "right", "score": 1.0}

    rewrite(run / "verdicts.jsonl", swap)


def deleted_verdict(run: Path) -> None:
    rewrite(run / "verdicts.jsonl", lambda rows: rows.remove(next(r for r in rows if r["outcome"] == "wrong")))


def edited_prompt(run: Path) -> None:
    rewrite(run / "prompts.jsonl", lambda rows: rows[0].update(prompt=rows[0]["prompt"] + "（正解は b）"))


def hidden_prompt(run: Path) -> None:
    """The prompt's hash and every reply that names it are changed with it."""

    def change(rows: Rows) -> None:
        plain = next(r for r in rows if "system:" not in r["prompt"])
        before, plain["prompt"] = plain["hash"], plain["prompt"] + "（正解は b）"
        plain["hash"] = digest(plain["prompt"].encode())
        rewrite(run / "replies.jsonl", lambda lines: _point(lines, before, plain["hash"]))

    rewrite(run / "prompts.jsonl", change)


def hint_beside_the_turns(run: Path) -> None:
    """In the chat of one question, between two turns, where no turn's text is changed."""

    def change(rows: Rows) -> None:
        chat = next(r for r in rows if "user:" in r["prompt"])
        before, chat["prompt"] = chat["hash"], chat["prompt"].replace("user:", "（正解は b）user:")
        chat["hash"] = digest(chat["prompt"].encode())
        rewrite(run / "replies.jsonl", lambda lines: _point(lines, before, chat["hash"]))

    rewrite(run / "prompts.jsonl", change)


def _point(lines: Rows, before: str, after: str) -> None:
    for line in lines:
        if line["prompt_hash"] == before:
            line["prompt_hash"] = after


def another_model(run: Path) -> None:
    """Everything that names the model is changed, but for the keys, which hold its identity."""

    def rename(manifest: dict[str, Any]) -> None:
        manifest["identity"]["model"] = "a better one"
        for task in manifest["asked"]:
            task["model"] = "a better one"

    edit(run, rename)
    rewrite(run / "replies.jsonl", lambda rows: [r.update(model="a better one") for r in rows])


def another_name_in_the_table(run: Path) -> None:
    edit(run, lambda m: [t.update(model="a better one") for t in m["asked"]])


def warmer(run: Path) -> None:
    edit(run, lambda m: [t["sampling"].update(temperature=0.7) for t in m["asked"]])


def another_order(run: Path) -> None:
    edit(run, lambda m: m["asked"][0].update(order="rotate-2"))


def another_question_answered(run: Path) -> None:
    """The reply to one question stands for another's."""

    def swap(manifest: dict[str, Any]) -> None:
        replies = manifest["asked"][0]["replies"]
        a, b, *_ = replies
        replies[a], replies[b] = replies[b], replies[a]

    edit(run, swap)


def another_benchmarks_questions(run: Path) -> None:
    other = igaku.load_benchmark("mini").load("en")[40]

    def change(rows: Rows) -> None:
        rows[0]["question"] |= {"stem": other.stem, "choices": list(other.choices)}

    rewrite(run / "questions.jsonl", change)


def invented_question(run: Path) -> None:
    def rename(rows: Rows) -> None:
        rows[0]["question"]["id"] = "mini-999"

    def manifest(m: dict[str, Any]) -> None:
        for t in m["asked"]:
            t["replies"]["mini-999"] = t["replies"].pop("mini-001")

    rewrite(run / "questions.jsonl", rename)
    edit(run, manifest)


def better_card(run: Path) -> None:
    text = (run / "card.yaml").read_text(encoding="utf-8")
    value = text.split('"value": ')[1].split("\n")[0]
    (run / "card.yaml").write_text(text.replace(f'"value": {value}', '"value": 0.9999', 1), encoding="utf-8")


def better_scores(run: Path) -> None:
    data = json.loads((run / "scores.json").read_text(encoding="utf-8"))
    data["cells"][0]["accuracy"] = 0.99
    (run / "scores.json").write_text(json.dumps(data), encoding="utf-8")


def imported_dressed_as_nobodys(run: Path) -> None:
    """Without an identity nothing of prompts and keys would be checked: the replies say whose they are."""
    edit(run, lambda m: m.pop("identity"))


def another_score(run: Path) -> None:
    edit(run, lambda m: m["asked"][0].update(aggregate="kappa"))


def letters_only(run: Path) -> None:
    """A reply that says of itself that letters alone were wanted is read by another rule."""
    rewrite(run / "replies.jsonl", lambda rows: rows[0].update(only_letters=True))


def another_fingerprint(run: Path) -> None:
    edit(run, lambda m: m["benchmarks"]["mini"]["keys"].update(ja="0" * 12))


def another_licence(run: Path) -> None:
    edit(run, lambda m: m["benchmarks"]["mini"].update(licence="all free"))


def doubled_question(run: Path) -> None:
    rewrite(run / "questions.jsonl", lambda rows: rows.append(rows[0]))


def doubled_prompt(run: Path) -> None:
    rewrite(run / "prompts.jsonl", lambda rows: rows.append(rows[0]))


def doubled_line(run: Path) -> None:
    rewrite(run / "replies.jsonl", lambda rows: rows.append(rows[0]))


def doubled_verdict(run: Path) -> None:
    rewrite(run / "verdicts.jsonl", lambda rows: rows.append(rows[0]))


def aliases(run: Path) -> None:
    """A few lines of YAML that stand for more than any memory holds."""
    lines = ["model-index: &a0 [x, x]", *(f"more{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))]
    (run / "card.yaml").write_text("\n".join(lines))


def vote_in_a_reply(run: Path) -> None:
    rewrite(run / "replies.jsonl", lambda rows: rows[0].update(votes=[rows[1]]))


def impossible_order(run: Path) -> None:
    def change(rows: Rows) -> None:
        rows[-1]["permutation"] = [0, 0, 7]

    rewrite(run / "replies.jsonl", change)


def key_beyond_the_choices(run: Path) -> None:
    rewrite(run / "questions.jsonl", lambda rows: rows[0]["question"]["key"].update(accepted=[[77]]))


def unknown_score(run: Path) -> None:
    edit(run, lambda m: m["asked"][0].update(aggregate="mine"))


HOSTILE: dict[Callable[[Path], None], set[str]] = {
    changed_reply: {"verdicts"},
    swapped_replies: {"verdicts"},
    changed_key: {"keys"},
    changed_points: {"keys"},
    void_question: {"keys"},
    changed_stem: {"questions"},
    changed_choices: {"questions"},
    changed_group: {"labels"},
    deleted_reply: {"files"},
    deleted_question: {"files"},
    doubled_reply: {"files"},
    truncated_journal: {"files"},
    damaged_line: {"files"},
    swapped_verdict: {"verdicts"},
    deleted_verdict: {"verdicts"},
    edited_prompt: {"prompts"},
    hidden_prompt: {"prompts", "identity"},
    hint_beside_the_turns: {"prompts", "identity"},
    another_model: {"identity"},
    another_name_in_the_table: {"replies"},
    warmer: {"identity"},
    another_order: {"replies", "identity", "prompts"},
    another_question_answered: {"replies", "prompts"},
    another_benchmarks_questions: {"questions"},
    invented_question: {"questions", "replies"},
    better_card: {"scores"},
    better_scores: {"scores"},
    imported_dressed_as_nobodys: {"replies"},
    another_score: {"keys"},
    letters_only: {"replies"},
    another_fingerprint: {"keys"},
    another_licence: {"labels"},
    doubled_question: {"files"},
    doubled_prompt: {"files"},
    doubled_line: {"files"},
    doubled_verdict: {"verdicts"},
    aliases: {"scores"},
    vote_in_a_reply: {"files"},
    impossible_order: {"files"},
    key_beyond_the_choices: {"files"},
    unknown_score: {"files"},
}
OUTSIDE_THE_SEAL = (swapped_verdict, deleted_verdict, doubled_verdict, better_card, better_scores, aliases)


@pytest.mark.parametrize("change", HOSTILE, ids=lambda c: c.__name__)
def test_every_way_to_change_a_folder_is_named_with_its_question(change: Callable[[Path], None], run: Path) -> None:
    """Also where the seal was written anew by whoever changed it: it is then the claims themselves that do not hold."""
    change(run)
    if change not in OUTSIDE_THE_SEAL:
        assert "seal" in failing(igaku.verify(run))
    report = hide(run)
    assert HOSTILE[change] <= failing(report), failing(report)
    assert not report.holds and report.lacking
    found = [f for c in report.checks if c.name in HOSTILE[change] for f in c.findings]
    assert all(f.where and f.what for f in found)
    assert any(f.question or "line" in f.where or f.expected or f.got for f in found)


def test_another_order_of_lines_is_shown_by_the_seal_and_changes_no_score(run: Path) -> None:
    for file in ("questions.jsonl", "prompts.jsonl", "replies.jsonl"):
        rewrite(run / file, lambda rows: rows.reverse())
    report = igaku.verify(run)
    assert failing(report) == {"seal"}
    assert {f.where for f in named(report)["seal"].findings} == {"questions.jsonl", "prompts.jsonl", "replies.jsonl"}


def test_what_the_run_does_not_name_is_said(run: Path) -> None:
    extra = igaku.load_benchmark("mini").load("ja")[50]
    stored = json.loads((run / "questions.jsonl").read_text(encoding="utf-8").splitlines()[0])
    with (run / "questions.jsonl").open("a") as file:
        stored["question"] |= {"id": extra.id, "stem": extra.stem, "choices": list(extra.choices)}
        file.write(json.dumps(stored) + "\n")
    rewrite(run / "replies.jsonl", lambda rows: rows.append(rows[0] | {"key": "0" * 32}))
    notes = " ".join(igaku.verify(run).notes())
    assert "1 replies are in the folder that run.json does not name" in notes and "1 questions are" in notes
    assert {"seal"} <= failing(igaku.verify(run))


@pytest.mark.parametrize("change", [changed_reply, swapped_replies], ids=lambda c: c.__name__)
def test_a_changed_reply_is_shown_by_the_seal_alone_where_no_verdict_stands_beside_it(
    change: Callable[[Path], None], run: Path
) -> None:
    for file in ("verdicts.jsonl", "card.yaml", "scores.json"):
        (run / file).unlink()
    change(run)
    assert failing(igaku.verify(run)) == {"seal"}


def test_a_removed_seal_is_not_a_seal_that_holds(run: Path) -> None:
    (run / FILE).unlink()
    check = named(igaku.verify(run))["seal"]
    assert check.status == "not checked" and "no seal" in check.why


def test_a_session_that_wrote_more_replies_than_are_there_shows_what_is_missing(run: Path) -> None:
    """Question, reply and manifest entry are all removed: only the count of the session is left."""

    def forget(manifest: dict[str, Any]) -> None:
        for t in manifest["asked"]:
            t["replies"].pop("mini-001")

    edit(run, forget)
    rewrite(run / "questions.jsonl", lambda rows: rows.pop(0))
    rewrite(
        run / "replies.jsonl", lambda rows: rows.__setitem__(slice(None), [r for r in rows if r["id"] != "mini-001"])
    )
    report = hide(run)
    assert any(f.what == "replies are missing" for f in named(report)["files"].findings)


def test_findings_say_what_was_expected_and_what_is_there(run: Path, cli: Cli) -> None:
    changed_key(run)
    report = hide(run)
    (found,) = named(report)["keys"].findings
    right = igaku.load_benchmark("mini").load("ja")[0].key.text()
    assert (found.question, found.expected, found.got) == ("mini-001", right, "a")
    done = cli("verify", str(run))
    assert done.returncode == 1 and "mini-001" in done.stdout
    data = json.loads(cli("verify", str(run), "--json").stdout)
    assert data["holds"] is False and {c["name"] for c in data["checks"] if c["status"] == "fails"} >= {"keys"}


def test_the_seal_grows_with_the_journal_and_says_what_came_after(tmp_path: Path) -> None:
    run = igaku.evaluate(scripted(), "mini", lang="ja", limit=2, out=tmp_path / "r")
    before = (tmp_path / "r" / FILE).read_bytes()
    igaku.evaluate(scripted(), "mini", lang="ja", limit=4, out=tmp_path / "r")
    assert igaku.verify(run.path).lacking == []
    (tmp_path / "r" / FILE).write_bytes(before)
    check = named(igaku.verify(run.path))["seal"]
    assert "came after the last seal" in check.why and {f.where for f in check.findings} >= {"run.json"}


def test_what_an_interrupt_leaves_behind_is_sealed(tmp_path: Path) -> None:
    def answer(request: Request) -> str:
        if len(engine.requests) > 5:
            raise KeyboardInterrupt
        return "b"

    engine = Replay(answer)
    with pytest.raises(KeyboardInterrupt):
        igaku.evaluate(engine, "mini", lang="ja", out=tmp_path / "r")
    report = igaku.verify(tmp_path / "r")
    assert named(report)["seal"].status == "holds"
    assert failing(report) == {"files"}  # replies are missing, and the report says which


def imported(folder: Path) -> Path:
    rows = [{"id": q.id, "model": "theirs", "reply": "答え：b"} for q in igaku.load_benchmark("mini").load("ja")]
    (folder / "theirs.jsonl").write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows))
    igaku.import_run("jsonl", folder / "theirs.jsonl", bench="mini", lang="ja", out=folder / "imported")
    return folder / "imported"


def test_imported_replies_say_what_they_cannot_claim(tmp_path: Path) -> None:
    report = igaku.verify(imported(tmp_path))
    checks = named(report)
    assert report.holds and report.lacking == []
    assert {n for n, c in checks.items() if c.status == "holds"} == {
        "files",
        "seal",
        "questions",
        "keys",
        "labels",
        "replies",
    }
    for name in ("prompts", "identity"):
        assert checks[name].status == "not checked" and "imported" in checks[name].why
    assert any("cannot claim who answered" in note for note in report.notes())


def test_an_imported_reply_without_its_source_does_not_hold(tmp_path: Path) -> None:
    run = imported(tmp_path)
    rewrite(run / "replies.jsonl", lambda rows: rows[0].update(source="somewhere"))
    assert "replies" in failing(hide(run))


def test_own_questions_are_checked_where_they_are_given(tmp_path: Path, cli: Cli) -> None:
    own = tmp_path / "ours.jsonl"
    row = {"id": "1", "stem": "どれか。", "choices": ["甲", "乙"], "answer": "b"}
    own.write_text(json.dumps(row, ensure_ascii=False))
    run = igaku.evaluate(always("b"), str(own), out=tmp_path / "r")
    report = igaku.verify(run)
    assert report.holds and named(report)["questions"].status == "not checked"
    assert any("--bench FILE" in why for why in report.lacking)
    assert igaku.verify(run, bench=str(own)).lacking == []
    own.write_text(json.dumps(row | {"answer": "a"}, ensure_ascii=False))
    assert cli("verify", str(tmp_path / "r"), "--bench", str(own)).returncode == 1


def key_file(folder: Path, answer: str) -> Path:
    (folder / "official.csv").write_text(f"id,answer\nmini-001,{answer}\n")
    return folder / "official.csv"


def by_another_key(folder: Path, limit: int | None = 3) -> Path:
    """A run graded by a file of keys, in which the first question's answer is another."""
    run = igaku.evaluate(always("b"), "mini", lang="ja", limit=limit, out=folder / "keyed")
    right = igaku.load_benchmark("mini").load("ja")[0].key.text()
    rekey(run, key_file(folder, "a" if right != "a" else "c"))
    return run.path


@pytest.mark.parametrize("limit", [3, None])
def test_a_key_that_the_run_names_is_checked_where_it_is_given(limit: int | None, tmp_path: Path, cli: Cli) -> None:
    run = by_another_key(tmp_path, limit)
    report = igaku.verify(run)
    assert report.holds and "names the key official.csv" in named(report)["keys"].why  # not here, and it says so
    assert any("--keys" in why for why in report.lacking)
    (tmp_path / "official.csv").rename(tmp_path / "renamed.csv")
    assert igaku.verify(run, keys=tmp_path / "renamed.csv").lacking == []
    assert cli("verify", str(run), "--keys", str(tmp_path / "renamed.csv")).returncode == 0
    (tmp_path / "none.csv").write_text("id,answer\nother-1,a\n")
    done = cli("verify", str(run), "--keys", str(tmp_path / "none.csv"))
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("given", [True, False], ids=["with its file", "without"])
def test_a_run_graded_by_another_key_than_it_names_is_found(given: bool, tmp_path: Path) -> None:
    run = by_another_key(tmp_path, None)
    rewrite(run / "questions.jsonl", lambda rows: rows[7]["question"]["key"].update(accepted=[[0], [1], [2], [3]]))
    seal(run)
    check = named(igaku.verify(run, keys=tmp_path / "official.csv" if given else None))["keys"]
    assert check.status == "fails"
    assert any(f.question == "mini-008" if given else "than it names" in f.what for f in check.findings)


def test_a_run_that_hides_that_its_key_is_another_is_found(tmp_path: Path) -> None:
    run = by_another_key(tmp_path)
    edit(run, lambda m: m["benchmarks"]["mini"].pop("key_version"))
    seal(run)
    findings = named(igaku.verify(run))["keys"].findings
    assert {(f.question, f.what) for f in findings} == {("mini-001", "key"), ("", "the key's fingerprint")}


def test_taking_new_keys_seals_the_run_anew(tmp_path: Path) -> None:
    assert named(igaku.verify(by_another_key(tmp_path)))["seal"].status == "holds"


def test_a_template_that_is_another_here_is_not_checked_and_not_taken(tmp_path: Path) -> None:
    template = tmp_path / "ours.jinja"
    template.write_text('+++\ntitle = "t"\nlang = "ja"\n+++\n{{ stem }}')
    run = igaku.evaluate(always("b"), "mini", lang="ja", limit=2, prompt=str(template), out=tmp_path / "r")
    report = igaku.verify(run)
    assert report.holds and named(report)["prompts"].unchecked == 2 and report.lacking
    from igaku.prompts.store import register

    register("ours", template.read_text())
    assert igaku.verify(run).lacking == []


def test_verdicts_of_other_graders_are_not_held_against_ours(run: Path) -> None:
    rewrite(run / "verdicts.jsonl", lambda rows: [r.update(grading="0") for r in rows])
    check = named(igaku.verify(run))["verdicts"]
    assert check.status == "not checked" and "graded by version 0" in check.why


def test_scores_may_stand_elsewhere(run: Path, cli: Cli, tmp_path: Path) -> None:
    better_card(run)
    shutil.move(run / "card.yaml", tmp_path / "README.md")
    assert cli("verify", str(run)).returncode == 0
    assert cli("verify", str(run), "--scores", str(tmp_path / "README.md")).returncode == 1
    (tmp_path / "other.yaml").write_text("a: 1")
    done = cli("verify", str(run), "--scores", str(tmp_path / "other.yaml"))
    assert done.returncode == 2 and "model-index" in done.stderr


def suite_file(folder: Path) -> Path:
    tasks = [{"bench": "mini", "lang": "ja", "prompt": ["standard", "closing"], "limit": 3}]
    (folder / "small.yaml").write_text(json.dumps({"version": 1, "title": "small", "tasks": tasks}))
    return folder / "small.yaml"


def test_a_suite_is_computed_again(tmp_path: Path) -> None:
    run = igaku.evaluate_suite(scripted(), suite_file(tmp_path), out=tmp_path / "r")
    assert named(igaku.verify(run))["suite"].status == "not checked"
    assert igaku.verify(run, suite=tmp_path / "small.yaml").lacking == []
    quick = igaku.evaluate_suite(scripted(), "quick", out=tmp_path / "q")
    assert named(igaku.verify(quick))["suite"].status == "holds"


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m["suite"].update(content="0" * 32),
        lambda m: m["suite"].update(version="2"),
        lambda m: m["asked"].pop(),
        lambda m: m["asked"][0]["replies"].pop("mini-001"),
        lambda m: m["asked"][0].update(methods=["gestalt"]),
    ],
    ids=["hash", "version", "a part", "a question", "a method"],
)
def test_a_run_that_is_not_the_suite_it_names_does_not_hold(change: Callable[[Any], object], tmp_path: Path) -> None:
    run = igaku.evaluate_suite(scripted(), suite_file(tmp_path), out=tmp_path / "r")
    edit(run.path, change)
    seal(run.path)
    assert "suite" in failing(igaku.verify(run.path, suite=tmp_path / "small.yaml"))


def test_no_code_that_a_folder_names_is_run(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil.py").write_text("raise SystemExit('run')")
    edit(run, lambda m: [t.update(methods=["evil.py", "evil:METHOD"], bench="evil.py") for t in m["asked"]])
    rewrite(run / "questions.jsonl", lambda rows: [r.update(bench="evil.py") for r in rows])
    rewrite(run / "verdicts.jsonl", lambda rows: [r.update(method="evil.py") for r in rows])
    report = igaku.verify(run)
    assert named(report)["questions"].status == "not checked" and any("evil.py" in note for note in report.notes())
    with pytest.raises(IgakuError, match="names the code 'evil"):
        igaku.open_run(run).grade()


FILES = {
    "run.json": "",
    "questions.jsonl": "files",
    "prompts.jsonl": "files",
    "replies.jsonl": "files",
    "sessions.jsonl": "files",
    FILE: "seal",
    "verdicts.jsonl": "verdicts",
    "card.yaml": "scores",
    "scores.json": "scores",
}
"""Each file of a folder, and the claim that does not hold where it is damaged; without a manifest there is no run."""


def link(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to("elsewhere")


def link_to_nothing(file: Path) -> None:
    file.unlink()
    file.symlink_to("/nowhere/at/all")


def device(file: Path) -> None:
    file.unlink()
    file.symlink_to("/dev/zero")


def pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


def huge(file: Path) -> None:
    os.truncate(file, 1 << 40)


def one_long_line(file: Path) -> None:
    os.truncate(file, 80 << 20)


def binary(file: Path) -> None:
    file.write_bytes(bytes(range(256)) * 50)


def nested(file: Path) -> None:
    file.write_text('{"more": ' + "[" * 100_000 + "\n")


def another_object(file: Path) -> None:
    file.write_text('{"asked": [3], "files": 3, "hash": 3, "journal_bytes": "x"}{\n')


def empty_lines(file: Path) -> None:
    file.write_bytes(b"\n" * 1_000_000)


@pytest.mark.parametrize(
    "damage",
    [link, link_to_nothing, device, pipe, directory, huge, one_long_line, binary, nested, another_object, empty_lines],
    ids=lambda d: d.__name__,
)
def test_a_damaged_file_is_named_and_the_rest_is_checked(damage: Callable[[Path], None], honest: Path) -> None:
    for name, claim in FILES.items():
        copy = Path(shutil.copytree(honest, honest.parent / f"{damage.__name__}-{name}"))
        damage(copy / name)
        if claim:
            report = igaku.verify(copy)
            found = [f for f in named(report)[claim].findings if name in f.where]
            assert found and "\n" not in found[0].what, (name, failing(report))
            assert named(report)["labels"].status == "holds", name
        else:
            with pytest.raises(IgakuError, match=r"run\.json: ") as error:
                igaku.verify(copy)
            assert "\n" not in str(error.value)
        shutil.rmtree(copy)


@pytest.mark.parametrize("text", ['{"asked": 3}', "{", '{"more": ' + "[" * 100_000, "\udcff"], ids=range(4))
def test_bad_input_is_one_line(text: str, run: Path, cli: Cli) -> None:
    (run / "run.json").write_bytes(text.encode(errors="surrogateescape"))
    done = cli("verify", str(run))
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1
    assert cli("verify", str(run / "gone")).returncode == 2


def test_a_folder_cannot_say_which_files_are_read(run: Path, tmp_path: Path) -> None:
    """Names in a folder are not paths: not of templates, examples, benchmarks or pictures."""
    (tmp_path / "x_ja.jsonl").write_text("not json")
    (tmp_path / "x.jinja").write_text("no card")

    def change(manifest: dict[str, Any]) -> None:
        for t, prompt in zip(manifest["asked"], ("standard_ja", "standard_ja", str(tmp_path / "x.jinja"), "../x")):
            t.update(prompt=prompt, shots=1, examples=str(tmp_path / "x"), images=True)

    edit(run, change)
    rewrite(run / "questions.jsonl", lambda rows: [r["question"].update(images=["/dev/zero"]) for r in rows])
    report = hide(run)
    assert "is a file" in named(report)["prompts"].why and "unknown prompt" in named(report)["prompts"].why
    assert "file of somebody's own" in named(report)["prompts"].why


def test_a_board_takes_only_what_holds(run: Path, tmp_path: Path) -> None:
    assert [r.run for r in verified(run)] == [str(run)]
    changed_key(run)
    with pytest.raises(IgakuError, match="not verified"):
        verified(run)


def test_report_demands_it(run: Path, tmp_path: Path, cli: Cli) -> None:
    pytest.importorskip("altair")
    done = cli("report", str(run), "--verified", "--out", str(tmp_path / "site"))
    assert done.returncode == 0, done.stderr
    pages = "".join(p.read_text(encoding="utf-8") for p in (tmp_path / "site").glob("m-*.html"))
    assert "holds: files, seal, questions" in pages
    changed_key(run)
    done = cli("report", str(run), "--verified", "--out", str(tmp_path / "other"))
    assert done.returncode == 2 and "not verified" in done.stderr and not (tmp_path / "other").exists()


def test_turns_are_found_in_their_order_only() -> None:
    assert framed("<s>be brief<u>why?<a>", ["be brief", "why?"]) == ("<s>", "<u>", "<a>")
    assert framed("<u>why?<s>be brief", ["be brief", "why?"]) == "why?"
