import json
from pathlib import Path

import pytest

import igaku
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.prompts.orders import permutation
from igaku.question import Answer, Request

from ..conftest import always


def test_a_whole_evaluation_in_milliseconds(tmp_path: Path) -> None:
    run = igaku.evaluate(
        always("答え：b", letter=1), "mini", method=["letter", "letter-logprob", "likelihood"], out=tmp_path / "r"
    )
    cells = {(c.language, c.method): c for c in run.cells}
    assert len(cells) == 6
    letter = cells["ja", "letter"]
    assert (letter.n_asked, letter.n_scored) == (104, 104)
    assert letter.correct == sum(
        q.key.accepted == ((1,),) for q in igaku.load_benchmark("mini").load("ja") if q.choices
    )
    assert cells["en", "likelihood"].not_applicable == 8
    assert letter.unparsed == 8  # numbers cannot be read from a letter
    assert cells["ja", "letter-logprob"].correct == cells["ja", "likelihood"].correct


def test_the_same_command_again_asks_nothing(tmp_path: Path) -> None:
    engine = always("b")
    igaku.evaluate(engine, "mini", lang="ja", out=tmp_path / "r")
    n_requests = len(engine.requests)
    igaku.evaluate(engine, "mini", lang="ja", out=tmp_path / "r")
    assert len(engine.requests) == n_requests == 104
    igaku.evaluate(engine, "mini", lang="en", out=tmp_path / "r")
    assert len(engine.requests) == 208
    assert len(igaku.open_run(tmp_path / "r").cells) == 2


def test_another_model_never_gets_its_replies(tmp_path: Path) -> None:
    igaku.evaluate(always("b"), "mini", lang="ja", limit=3, out=tmp_path / "r")
    with pytest.raises(IgakuError, match="was made with replay"):
        igaku.evaluate(Replay(lambda _: "c", name="other"), "mini", lang="ja", limit=3, out=tmp_path / "r")


def test_failures_are_data(tmp_path: Path) -> None:
    kinds = [
        Answer(finish="overlong"),
        Answer(finish="error", error="x"),
        Answer(finish="refused"),
        Answer(text="<think>a", finish="length"),
        Answer(text="申し訳ありませんが、回答できません。"),
        Answer(text="ふむ"),
        Answer(text="ふむ", finish="length"),
    ]
    replies = iter(kinds)
    run = igaku.evaluate(Replay(lambda _: next(replies)), "mini", lang="ja", limit=7, out=tmp_path / "r")
    (cell,) = run.cells
    assert (cell.n_scored, cell.correct) == (7, 0)
    assert (cell.overlong, cell.engine_error, cell.refused, cell.truncated, cell.unparsed) == (1, 1, 2, 2, 1)


def test_a_number_that_is_none_and_half_a_character_are_kept_as_what_they_are(tmp_path: Path) -> None:
    def odd(request: Request) -> Answer:
        return (
            Answer(text="答え：b \ud83d")
            if request.kind == "text"
            else Answer(logprobs=(float("nan"),) * 5, tokens=(1,) * 5)
        )

    run = igaku.evaluate(
        Replay(odd), "mini", lang="ja", limit=3, method=["letter", "letter-logprob"], out=tmp_path / "r"
    )
    cells = {c.method: c for c in igaku.open_run(run.path).cells}
    assert cells["letter-logprob"].engine_error == 3
    assert cells["letter"].unparsed == 0


def test_other_settings_are_refused_not_mixed(tmp_path: Path) -> None:
    igaku.evaluate(always("b"), "mini", lang="ja", limit=3, out=tmp_path / "r")
    for more in ({"max_tokens": 9}, {"temperature": 0.7}):
        with pytest.raises(IgakuError, match="other sampling"):
            igaku.evaluate(always("b"), "mini", lang="ja", limit=3, out=tmp_path / "r", **more)  # type: ignore[arg-type]
    template = tmp_path / "mine.jinja"
    for text in ("{{ stem }}", "{{ stem }}!"):
        template.write_text(f'+++\ntitle = "t"\nlang = "ja"\n+++\n{text}')
        if text.endswith("!"):
            with pytest.raises(IgakuError, match="another version of prompt mine"):
                igaku.evaluate(always("b"), "mini", lang="ja", limit=3, prompt=str(template), out=tmp_path / "r")
        else:
            igaku.evaluate(always("b"), "mini", lang="ja", limit=3, prompt=str(template), out=tmp_path / "r")


def test_a_seed_without_chance_asks_nothing_again(tmp_path: Path) -> None:
    engine = always("b")
    for seed in (0, 1):
        igaku.evaluate(engine, "mini", lang="ja", limit=3, seed=seed, out=tmp_path / "r")
    assert len(engine.requests) == 3


def test_a_mended_question_is_asked_and_graded_anew(tmp_path: Path) -> None:
    own = tmp_path / "own.jsonl"
    row = {"id": "1", "stem": "どれか。", "choices": ["甲", "乙"], "answer": "b"}
    own.write_text(json.dumps(row, ensure_ascii=False))
    igaku.evaluate(Replay(lambda _: "a"), str(own), out=tmp_path / "r")
    own.write_text(json.dumps(row | {"stem": "正しいのはどれか。"}, ensure_ascii=False))
    run = igaku.evaluate(Replay(lambda _: "b"), str(own), out=tmp_path / "r")
    assert (run.cells[0].n_asked, run.cells[0].correct) == (1, 1)


def test_a_mended_question_waits_for_its_new_reply(tmp_path: Path) -> None:
    own = tmp_path / "own.jsonl"
    row = {"id": "1", "stem": "どれか。", "choices": ["甲", "乙"], "answer": "b"}
    own.write_text(json.dumps(row, ensure_ascii=False))
    igaku.evaluate(always("b"), str(own), out=tmp_path / "r")
    before = (tmp_path / "r" / "replies.jsonl").read_bytes()
    own.write_text(json.dumps(row | {"stem": "正しいのはどれか。"}, ensure_ascii=False))
    igaku.evaluate(always("b"), str(own), out=tmp_path / "r")
    (tmp_path / "r" / "replies.jsonl").write_bytes(before)  # as if killed before the new reply came
    (cell_and_text_only,) = igaku.open_run(tmp_path / "r").graded()[1]
    assert igaku.open_run(tmp_path / "r").graded()[1][cell_and_text_only] == 1


def test_the_examples_a_template_names_are_used(tmp_path: Path) -> None:
    from igaku.io.paths import config_dir

    folder = config_dir() / "examples"
    folder.mkdir(parents=True)
    (folder / "ours_ja.jsonl").write_text(
        json.dumps({"id": "x", "stem": "例題の設問", "choices": ["甲", "乙"], "answer": "a"}, ensure_ascii=False)
    )
    template = tmp_path / "mine.jinja"
    card = '+++\ntitle = "t"\nlang = "ja"\nshots = "ours"\ndefault_shots = 1\n+++\n'
    template.write_text(card + "{% for s in shots %}{{ s.stem }}{% endfor %}{{ stem }}")
    engine = always("b")
    igaku.evaluate(engine, "mini", lang="ja", limit=1, prompt=str(template), out=tmp_path / "r")
    assert engine.requests[0].prompt.startswith("例題の設問")


def test_baselines_cover_all_that_was_asked_and_chance_what_was_scored(tmp_path: Path) -> None:
    igaku.evaluate(always("b"), "mini", lang="ja", out=tmp_path / "r")
    run = igaku.evaluate(
        always("b"), "mini", lang="ja", limit=5, prompt="instructed", method="likelihood", out=tmp_path / "r"
    )
    assert {b.n for b in run.baselines} == {104}
    full = igaku.evaluate(always("b"), "mini", lang="ja", method="letter-logprob", out=tmp_path / "s").cells[0]
    assert full.chance == pytest.approx((78 / 5 + 18 / 10) / 96)


def test_errors_are_asked_again_only_when_told(tmp_path: Path) -> None:
    bad = Replay(lambda _: Answer(finish="error", error="lost"))
    igaku.evaluate(bad, "mini", lang="ja", limit=2, out=tmp_path / "r")
    good = always("b")
    good.identity = bad.identity
    assert igaku.evaluate(good, "mini", lang="ja", limit=2, out=tmp_path / "r").cells[0].engine_error == 2
    assert (
        igaku.evaluate(good, "mini", lang="ja", limit=2, out=tmp_path / "r", retry_errors=True).cells[0].engine_error
        == 0
    )


def test_shuffled_choices_are_graded_in_the_questions_order(tmp_path: Path) -> None:
    questions = {q.stem: q for q in igaku.load_benchmark("mini").load("ja")}

    def knows(request: Request) -> Answer:
        q = next(q for stem, q in questions.items() if stem in request.prompt)
        if not q.choices:
            return Answer(text=q.key.accepted[0])
        right = {q.choices[i] for i in q.key.accepted[0]}
        lines = [line for line in request.prompt.splitlines() if line[:1] in "abcde" and line[1:3] == ". "]
        return Answer(text="答え：" + "、".join(line[0] for line in lines if line[3:] in right))

    run = igaku.evaluate(Replay(knows), "mini", lang="ja", order="shuffle", seed=3, out=tmp_path / "r")
    assert run.cells[0].accuracy == 1.0
    assert run.cells[0].order == "shuffle-3"
    assert any(r.permutation != tuple(range(5)) for r in run.replies.values())
    q = next(iter(questions.values()))
    assert permutation(q, "shuffle-3") == permutation(q, "shuffle-3") != permutation(q, "shuffle-4")


def test_shots_and_prompts_are_cells_of_their_own(tmp_path: Path) -> None:
    for args in ({}, {"shots": 2}, {"prompt": "instructed"}, {"prompt": "fewshot"}):
        igaku.evaluate(always("b"), "mini", lang="ja", limit=2, out=tmp_path / "r", **args)
    rows = [(c.prompt, c.shots) for c in igaku.open_run(tmp_path / "r").cells]
    assert rows == [("standard_ja", 0), ("standard_ja", 2), ("instructed_ja", 0), ("fewshot_ja", 3)]


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    engine = always("b")
    planned = igaku.plan(engine, "mini", out=tmp_path / "r")
    assert not (tmp_path / "r").exists() and engine.requests == []
    assert (planned.prompts, planned.done, len(planned.examples)) == (208, 0, 3) and planned.tokens > 0
    igaku.evaluate(engine, "mini", out=tmp_path / "r", limit=10)
    assert igaku.plan(engine, "mini", out=tmp_path / "r").done == 20


def test_a_server_is_not_spoken_to_in_a_plan() -> None:
    planned = igaku.plan("gpt-4o", "mini", base_url="http://127.0.0.1:9/v1", lang="ja")
    assert planned.prompts == 104 and "not asked" in planned.notes[0]


def test_a_misspelt_argument_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    engine = always("b")
    for wrong, right in (("lnag", "lang"), ("methd", "method"), ("adaptor", "adapter")):
        with pytest.raises(IgakuError, match=f"unknown argument '{wrong}': did you mean {right}"):
            igaku.evaluate(engine, "mini", out=tmp_path / "r", **{wrong: "ja"})
    with pytest.raises(IgakuError, match="this engine is built already"):
        igaku.evaluate(engine, "mini", out=tmp_path / "r", adapter="x")
    assert engine.requests == []


def test_a_benchmark_object_is_taken_as_its_name_is(tmp_path: Path) -> None:
    run = igaku.evaluate(always("b"), igaku.load_benchmark("mini"), lang="ja", limit=3, out=tmp_path / "r")
    assert run.cells[0].benchmark == "mini" and run.cells[0].n_asked == 3


def test_commas_part_names_on_the_command_line_only(tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match="give several as a list"):
        igaku.evaluate(always("b"), "mini", prompt="standard,closing", out=tmp_path / "r")


def test_a_naive_engine_is_told_what_it_lacks(tmp_path: Path) -> None:
    class Naive:
        def answer(self, requests: list) -> list:
            return []

    with pytest.raises(IgakuError, match=r"Naive has no identity.*igaku\.EngineBase"):
        igaku.evaluate(Naive(), "mini", out=tmp_path / "r")  # type: ignore[arg-type]


def test_everything_to_check_a_number_is_in_the_folder(tmp_path: Path) -> None:
    run = igaku.evaluate(always("b"), "mini", lang="ja", limit=3, out=tmp_path / "r")
    prompts = {
        p["hash"]: p["prompt"] for p in map(json.loads, (tmp_path / "r" / "prompts.jsonl").read_text().splitlines())
    }
    for reply in run.replies.values():
        assert run.questions["mini", "ja", reply.id].stem in prompts[reply.prompt_hash]
    assert run.manifest.tasks[0].prompt_hash == igaku.load_prompt("standard_ja").hash


def test_own_questions_and_wrong_arguments(tmp_path: Path) -> None:
    own = tmp_path / "my.jsonl"
    own.write_text(
        json.dumps({"id": "1", "stem": "どれか。", "choices": ["甲", "乙"], "answer": "b"}, ensure_ascii=False)
    )
    assert igaku.evaluate(always("b"), str(own), out=tmp_path / "r").cells[0].accuracy == 1.0
    for args, message in (
        ({"bench": "mini", "lang": "zh"}, "not in zh"),
        ({"bench": "mini", "prompt": "standard_ja", "lang": "en"}, "--prompt standard"),
        ({"bench": "mini", "prompt": "cot4_ja", "lang": "ja"}, "speaks of 4 choices"),
        ({"bench": "mini", "method": "leter"}, "did you mean"),
        ({"bench": "mini", "lang": "ja", "shots": 9}, "hold only 8"),
    ):
        with pytest.raises(IgakuError, match=message):
            igaku.evaluate(always("b"), out=tmp_path / "x", **args)  # type: ignore[arg-type]
    assert not (tmp_path / "x").exists()


def test_regrading_by_other_methods_calls_no_model(tmp_path: Path) -> None:
    run = igaku.evaluate(always("答え：b"), "mini", lang="ja", limit=5, out=tmp_path / "r")
    assert {c.method for c in run.results(["letter", "gestalt", "exact"])} == {"letter", "gestalt", "exact"}
    with pytest.raises(IgakuError, match="no replies that these methods can grade"):
        run.results("likelihood")


def test_a_run_in_the_middle_says_what_is_unanswered(tmp_path: Path) -> None:
    run = igaku.evaluate(always("b"), "mini", lang="ja", limit=6, out=tmp_path / "r")
    lines = (tmp_path / "r" / "replies.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "r" / "replies.jsonl").write_bytes(b"".join(lines[:4]))
    (cell,) = igaku.open_run(run.path).cells
    assert (cell.n_asked, cell.unanswered) == (4, 2)


def test_a_folder_without_a_run(tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match="no run here"):
        igaku.open_run(tmp_path)
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(IgakuError, match="cannot be read as a run"):
        igaku.open_run(tmp_path)
    (tmp_path / "run.json").write_text('{"format": 99, "igaku": "9.0"}')
    with pytest.raises(IgakuError, match="newer igaku"):
        igaku.open_run(tmp_path)


def test_show_is_text(tmp_path: Path) -> None:
    run = igaku.evaluate(always("b"), "mini", lang="ja", out=tmp_path / "r")
    text = run.show()
    assert "standard_ja" in text
    assert "(chance)" in text
    assert "(first choice)" in text


def test_a_plan_counts_what_will_be_asked_again_and_refuses_what_evaluate_refuses(tmp_path: Path) -> None:
    failing = Replay(lambda _: Answer(finish="error", error="down"))
    igaku.evaluate(failing, "mini", lang="ja", limit=3, out=tmp_path / "r")
    assert igaku.plan(failing, "mini", lang="ja", limit=3, out=tmp_path / "r").done == 3
    assert igaku.plan(failing, "mini", lang="ja", limit=3, out=tmp_path / "r", retry_errors=True).done == 0
    with pytest.raises(IgakuError, match="built already"):
        igaku.plan(failing, "mini", adapter="x")


@pytest.mark.parametrize(
    "wrong", [{"limit": -1}, {"limit": 0}, {"shots": -2}, {"max_tokens": 0}, {"temperature": -1.0}]
)
def test_a_number_out_of_range_is_refused(wrong: dict, tmp_path: Path) -> None:
    with pytest.raises(IgakuError, match=r"what to ask: .*>= "):
        igaku.evaluate(always("b"), "mini", out=tmp_path / "r", **wrong)
