import json
from pathlib import Path

import igaku
from igaku.engines.replay import Replay
from igaku.question import Answer, Request
from igaku.runs.store import Run
from igaku.statistics.aggregate import statements
from igaku.studies.formats import by_format

from ..conftest import always


def asked(path: Path, engine: Replay, question_format: str, method: str) -> Run:
    return igaku.evaluate(engine, "mini", lang="ja", question_format=question_format, method=method, out=path)


def test_three_forms_side_by_side_over_the_same_questions(tmp_path: Path) -> None:
    asked(tmp_path, always("b", letter=1), "choices", "letter-logprob")
    asked(tmp_path, always("無関係な言葉"), "open", "named")
    run = asked(tmp_path, always(letter=1), "statements", "letter-logprob")  # "no" to every statement
    rows = {r.question_format: r for r in by_format(run.grade())}
    assert set(rows) == {"choices", "open", "statements"}
    assert len({r.n for r in rows.values()}) == 1
    assert rows["choices"].right > 0
    assert rows["open"].right == rows["statements"].right == 0
    cell = next(c for c in run.cells if c.question_format == "statements")
    assert 0.7 < cell.metrics["accuracy"] < 0.8  # "no" is right for most statements,
    assert cell.metrics["kappa"] == 0.0  # and says nothing
    assert (cell.correct, cell.accuracy, cell.points) == (0, 0.0, 0.0)  # no question has all of its statements right
    assert cell.n_scored == cell.max_points == sum(q.is_choice for q in igaku.load_benchmark("mini").load("ja"))
    assert cell.chance is not None and 0.03 < cell.chance < 0.04  # five statements by five coins, 1 / 32


def test_a_format_that_is_harder_is_shown_to_be_and_one_that_is_not_is_not(tmp_path: Path) -> None:
    questions = [q for q in igaku.load_benchmark("mini").load("ja") if q.n_right == 1]
    gold = {q.stem: (q.letters[q.right[0]], q.choices[q.right[0]]) for q in questions}

    def knows(request: Request) -> str:
        letter, words = next((g for stem, g in gold.items() if stem in request.prompt), ("", ""))
        if "a." not in request.prompt.lower() and "a．" not in request.prompt:
            return words
        return f"答え: {letter}"

    igaku.evaluate(Replay(knows), "mini", lang="ja", method="letter", out=tmp_path)
    igaku.evaluate(Replay(lambda _: "分かりません"), "mini", lang="ja", question_format="open", out=tmp_path)
    report = igaku.formats(tmp_path)
    (found,) = report.comparisons
    assert {found.a, found.b} == {"choices", "open"}
    assert abs(found.difference) == max(r.accuracy for r in report.forms) - min(r.accuracy for r in report.forms)
    _, differences = report.tables()
    assert differences.shown()[0][-1] == "shown"


def test_questions_that_need_an_image_are_in_no_format(tmp_path: Path) -> None:
    rows = [
        {"id": f"{i}", "stem": f"検査{i}で測るものは何か。", "choices": ["血糖", "血圧"], "answer": "a", "image": i < 4}
        for i in range(10)
    ]
    file = tmp_path / "exam.jsonl"
    file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    for question_format, method in (("choices", "letter"), ("statements", "letter")):
        igaku.evaluate(
            always("答え: a"), str(file), question_format=question_format, method=method, out=tmp_path / "run"
        )
    assert {r.n for r in igaku.formats(tmp_path / "run").forms} == {6}


def test_choices_are_hidden_in_the_open_form(tmp_path: Path) -> None:
    engine = always("x")
    asked(tmp_path, engine, "open", "named")
    questions = {q.id: q for q in igaku.load_benchmark("mini").load("ja")}
    assert not any(
        c in r.prompt for r, q in zip(engine.requests, questions.values()) for c in q.choices if c not in q.stem
    )


def test_ranked_takes_the_statements_with_the_highest_odds(tmp_path: Path) -> None:
    golds = {
        c
        for q in igaku.load_benchmark("mini").load("ja")
        if q.choices
        for c in (q.choices[i] for i in q.key.accepted[0])
    }

    def sees_gold(request: Request) -> Answer:
        yes = -1.0 if any(f"「{g}」は、この問い" in request.prompt for g in golds) else -3.0
        return Answer(logprobs=(yes, -0.5), tokens=(1, 1))

    run = asked(tmp_path, Replay(sees_gold), "statements", "letter-logprob")
    metrics = run.cells[0].metrics
    assert metrics["ranked"] > 0.9
    assert metrics["statements"] == 0


def test_a_question_of_which_some_statements_are_missing_does_not_count(tmp_path: Path) -> None:
    run = asked(tmp_path, always(letter=1), "statements", "letter-logprob")
    items = [g for _, g in run.grade()]
    whole = statements(items)
    cut = statements(items[:-3])
    assert cut["statements"] == whole["statements"] == 0
    assert statements(items[:3]).keys() == {"kappa", "accuracy"}  # nothing is complete
