"""Several samples of each question: asked, kept, resumed, counted as one question, and used by the studies."""

import random
from collections import Counter
from pathlib import Path

import pytest

import igaku
from igaku.engines.recommended import OwnTemperature
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.grading import Graded
from igaku.question import Answer, Choices, Question, Reply, Request, Verdict
from igaku.runs.one_question import find_question, question_table
from igaku.runs.plan import blocks_of, plan
from igaku.runs.sample_results import sample_results, sample_tables
from igaku.runs.samples import seed_of, together
from igaku.runs.specs import task_spec
from igaku.runs.suite_hash import content_hash
from igaku.statistics.interval import clustered
from igaku.studies.compare import compare
from igaku.studies.fair import summarise
from igaku.studies.leaderboard import leaderboard
from igaku.studies.verify import verify

from ..conftest import needs


def by_seed(share: float, name: str = "m") -> Replay:
    """A model that says the letter of its draw: a with this probability, else b; the same for the same request."""

    def reply(request: Request) -> str:
        rng = random.Random(f"{name} {request.sampling.seed} {request.prompt}")
        return f"答え：{'a' if rng.random() < share else 'b'}"

    return Replay(reply, name=name)


def asked(tmp_path: Path, samples: int = 4, share: float = 0.5, name: str = "m", **more: object) -> igaku.Run:
    given: dict[str, object] = {"lang": "ja", "limit": 20, "temperature": 0.7, "out": tmp_path / name} | more
    return igaku.evaluate(by_seed(share, name), "mini", samples=samples, **given)  # type: ignore[arg-type]


def test_each_sample_is_a_request_with_its_own_seed_and_key(tmp_path: Path) -> None:
    run = asked(tmp_path)
    (task,) = run.manifest.tasks
    assert len(run.replies) == len(set(task.reply_keys())) == 80
    assert {len(keys) for keys in task.samples.values()} == {3}
    for name, keys in task.samples.items():
        mine = [task.replies[name]["text"], *keys]
        assert [run.replies[k].sample for k in mine] == [0, 1, 2, 3] and {run.replies[k].id for k in mine} == {name}


def test_seeds_differ_between_samples_and_questions_and_follow_the_runs_seed(tmp_path: Path) -> None:
    engine = by_seed(0.5)
    igaku.evaluate(engine, "mini", lang="ja", limit=20, temperature=1.0, samples=3, out=tmp_path / "r")
    seeds = [r.sampling.seed for r in engine.requests]
    assert len(set(seeds)) == 60 and all(0 <= s < 2**31 for s in seeds)
    assert seed_of(0, "a", sample=1) != seed_of(1, "a", sample=1)


def test_one_sample_is_what_a_run_without_the_option_asks(tmp_path: Path) -> None:
    one = asked(tmp_path / "1", samples=1)
    plain = igaku.evaluate(by_seed(0.5), "mini", lang="ja", limit=20, temperature=0.7, out=tmp_path / "2")
    assert one.replies.keys() == plain.replies.keys() and not one.has_samples
    assert (one.path / "run.json").read_bytes() == (plain.path / "run.json").read_bytes()


def test_a_run_goes_on_with_the_samples_that_it_lacks(tmp_path: Path) -> None:
    asked(tmp_path, samples=2)
    engine = by_seed(0.5)
    task = task_spec(lang="ja", limit=20, temperature=0.7, samples=5)
    planned = plan(engine, "mini", task=task, out=tmp_path / "m")
    assert (planned.prompts, planned.done) == (100, 40)
    run = igaku.evaluate(engine, "mini", lang="ja", limit=20, temperature=0.7, samples=5, out=tmp_path / "m")
    assert len(engine.requests) == 60 and {len(s) for s in run.manifest.tasks[0].samples.values()} == {4}
    again = igaku.evaluate(engine, "mini", lang="ja", limit=20, temperature=0.7, samples=3, out=tmp_path / "m")
    assert len(engine.requests) == 60 and {len(s) for s in again.manifest.tasks[0].samples.values()} == {4}


def with_own(value: float | None) -> Replay:
    """A model whose own files recommend this temperature, or none."""
    engine = by_seed(0.5)
    engine.own_temperature = None if value is None else OwnTemperature(value, "generation_config.json")
    return engine


def test_without_a_temperature_samples_are_drawn_at_the_models_own_and_the_run_says_so(tmp_path: Path) -> None:
    run = igaku.evaluate(with_own(0.6), "mini", lang="ja", limit=5, samples=3, out=tmp_path / "own")
    given = igaku.evaluate(with_own(None), "mini", lang="ja", limit=5, samples=3, temperature=0.6, out=tmp_path / "1")
    assert run.manifest.tasks[0].sampling.temperature == 0.6
    assert run.replies.keys() == given.replies.keys(), "the same requests, whoever chose the temperature"
    line = "--samples 3: temperature 0.6, from the model's generation_config.json"
    assert line in run.manifest.notes and not [n for n in given.manifest.notes if "temperature" in n]
    assert verify(run).holds


def test_a_temperature_that_is_given_wins_over_the_models_own(tmp_path: Path) -> None:
    run = igaku.evaluate(with_own(0.6), "mini", lang="ja", limit=3, samples=2, temperature=1.0, out=tmp_path / "r")
    assert run.manifest.tasks[0].sampling.temperature == 1.0
    with pytest.raises(IgakuError, match="at temperature 0 all samples are one reply"):
        igaku.evaluate(with_own(0.6), "mini", lang="ja", limit=3, samples=2, temperature=0, out=tmp_path / "zero")


def test_where_no_file_recommends_one_it_is_asked_for_in_one_line(tmp_path: Path) -> None:
    for attempt in (igaku.evaluate, plan_of):
        with pytest.raises(IgakuError, match=r"--samples 2: no file of m .* recommends a temperature; give --temp"):
            attempt(with_own(None), "mini", lang="ja", limit=3, samples=2, out=tmp_path / "r")
    assert not (tmp_path / "r").exists()


def plan_of(engine: Replay, bench: str, *, out: Path, **more: object) -> object:
    return plan(engine, bench, task=task_spec(**more), out=out)


def test_a_dry_run_says_the_temperature_and_one_reply_stays_greedy(tmp_path: Path) -> None:
    planned = plan(with_own(0.6), "mini", task=task_spec(lang="ja", limit=3, samples=2), out=tmp_path / "r")
    assert any("temperature 0.6" in note for note in planned.notes)
    one = igaku.evaluate(with_own(0.6), "mini", lang="ja", limit=3, out=tmp_path / "one")
    plain = igaku.evaluate(by_seed(0.5), "mini", lang="ja", limit=3, temperature=0, out=tmp_path / "plain")
    assert one.manifest.tasks[0].sampling.temperature == 0
    assert (one.path / "run.json").read_bytes() == (plain.path / "run.json").read_bytes()


def test_a_run_at_the_models_own_temperature_goes_on(tmp_path: Path) -> None:
    igaku.evaluate(with_own(0.6), "mini", lang="ja", limit=4, samples=2, out=tmp_path / "r")
    engine = with_own(0.6)
    igaku.evaluate(engine, "mini", lang="ja", limit=4, samples=3, out=tmp_path / "r")
    assert len(engine.requests) == 4


def test_the_hash_of_a_suite_holds_that_each_model_has_its_own_temperature() -> None:
    def hashed(**more: object) -> str:
        task = task_spec(lang="ja", limit=3, **more)
        return content_hash([(task, blocks_of("mini", task))])

    assert hashed() == hashed(temperature=0)
    assert len({hashed(), hashed(samples=3), hashed(samples=3, temperature=0.7), hashed(temperature=0.7)}) == 4
    assert hashed(samples=3) != hashed(samples=3, seed=1)


def test_a_question_waits_until_all_its_samples_are_there(tmp_path: Path) -> None:
    run = asked(tmp_path)
    lines = (run.path / "replies.jsonl").read_bytes().splitlines(keepends=True)
    (run.path / "replies.jsonl").write_bytes(b"".join(lines[:-1]))
    (cell,) = igaku.open_run(run.path).cells
    assert (cell.n_scored, cell.unanswered) == (19, 1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"temperature": 0.0}, "at temperature 0 all samples are one reply"),
        ({"method": "letter-logprob"}, "letter-logprob reads probabilities"),
        ({"question_format": "statements"}, "not for statements"),
    ],
)
def test_samples_that_would_say_nothing_are_refused(tmp_path: Path, given: dict[str, object], message: str) -> None:
    with pytest.raises(IgakuError, match=message):
        asked(tmp_path, **given)
    assert not (tmp_path / "m").exists()


def test_one_reply_and_samples_are_not_blended_in_one_run(tmp_path: Path) -> None:
    asked(tmp_path, samples=1)
    with pytest.raises(IgakuError, match="asked for one reply to a question, not for several samples"):
        asked(tmp_path, samples=2)


def test_letters_are_read_once_beside_written_samples(tmp_path: Path) -> None:
    engine = Replay(lambda r: "答え：a" if r.kind == "text" else Answer(logprobs=(0.0,) + (-9.0,) * 4), name="m")
    more = {"method": ["letter", "letter-logprob"], "limit": 5, "temperature": 0.5, "samples": 3}
    run = igaku.evaluate(engine, "mini", lang="ja", out=tmp_path / "r", **more)  # type: ignore[arg-type]
    assert len(run.replies) == 20 and {c.n_scored for c in run.cells} == {5}


def test_accuracy_is_the_mean_over_samples_and_its_interval_that_of_the_questions(tmp_path: Path) -> None:
    run = asked(tmp_path, samples=8, limit=40)
    (cell,) = run.cells
    shares: dict[str, list[bool]] = {}
    for _, g in run.graded(each_sample=True)[0]:
        shares.setdefault(g.question.id, []).append(g.verdict.right)
    values = [sum(s) / 8 for s in shares.values()]
    assert cell.n_scored == 40 and cell.accuracy == pytest.approx(sum(values) / 40)
    assert cell.ci95 == pytest.approx(clustered(values, [run.questions["mini", "ja", i].group or i for i in shares]))
    (found,) = sample_results(run)
    assert found.found.mean.value == pytest.approx(cell.accuracy) and found.found.mean.ci95 == pytest.approx(cell.ci95)
    assert [one.k for one in found.by_k] == [1, 2, 4, 8]
    assert [one.passed.value for one in found.by_k] == sorted(one.passed.value for one in found.by_k)


def test_the_tables_name_what_was_drawn_and_how_many_replies_failed(tmp_path: Path) -> None:
    nth = Counter[str]()

    def reply(request: Request) -> str:
        nth[request.prompt] += 1
        return ("答え：a", "ふむ", "答え：b")[nth[request.prompt] - 1]

    run = igaku.evaluate(
        Replay(reply, name="m"), "mini", lang="ja", limit=4, temperature=1, samples=3, out=tmp_path / "r"
    )
    means, by_k = sample_tables(sample_results(run))
    (row,) = (dict(zip(means.columns, r)) for r in means.rows)
    assert (row["questions"], row["samples"], row["failures"]) == (4, 3, "unparsed 4")
    assert [dict(zip(by_k.columns, r))["k"] for r in by_k.rows] == [1, 2, 3]
    whole = dict(zip(by_k.columns, by_k.rows[-1]))
    assert whole["ties"] == 1.0 and whole["majority"] == pytest.approx(row["avg"] * 1.5)  # an unread reply has no vote
    id = next(iter(run.manifest.tasks[0].replies))
    (items,) = find_question(run, id)
    table = question_table(items)
    assert [dict(zip(table.columns, r))["sample"] for r in table.rows] == ["0", "1", "2"]


def _verdict(outcome: str, read: str, sample: int) -> Graded:
    q = Question(id="1", lang="ja", stem="?", choices=("x", "y"), key=Choices(accepted=((0,),)))
    reply = Reply(key=f"{sample}", model="m", bench="b", lang="ja", id="1", sample=sample, answer=Answer())
    verdict = Verdict(outcome=outcome, score=float(outcome == "right"), read=(read,) if read else ())  # type: ignore[arg-type]
    return Graded(q, reply, "letter", verdict)


def test_a_questions_verdict_is_its_commonest_reply_with_the_mean_of_all() -> None:
    one = together([_verdict("wrong", "b", 0), _verdict("unparsed", "", 1), _verdict("right", "a", 2)])
    assert (one.verdict.outcome, one.verdict.share, one.reply and one.reply.sample) == ("wrong", 1 / 3, 0)
    two = together([_verdict("wrong", "b", 0), _verdict("right", "a", 1), _verdict("right", "a", 2)])
    assert (two.verdict.right, two.verdict.share_right, two.reply and two.reply.sample) == (True, 2 / 3, 1)
    void = together([_verdict("void", "b", 0), _verdict("void", "b", 1), _verdict("right", "a", 2)])
    assert not void.verdict.scored and void.verdict.share is None


@needs("stats")
def test_compare_takes_the_mean_of_a_question_and_as_many_questions_as_there_are(tmp_path: Path) -> None:
    a, b = asked(tmp_path, 8, 0.9, "a"), asked(tmp_path, 8, 0.3, "b")
    (found,) = compare(a, b).comparisons
    assert found.n == a.cells[0].n_scored
    assert found.mean_a == pytest.approx(a.cells[0].accuracy)
    assert found.mean_b == pytest.approx(b.cells[0].accuracy)


@needs("stats")
def test_a_leaderboard_has_one_row_a_model_over_its_questions(tmp_path: Path) -> None:
    runs = [asked(tmp_path, 4, 0.9, "a"), asked(tmp_path, 4, 0.3, "b")]
    rows = {s.respondent: s for s in leaderboard(*runs).standings}
    for name, run in zip("ab", runs):
        assert (rows[name].n, rows[name].ways) == (run.cells[0].n_scored, 1)
        assert rows[name].accuracy == pytest.approx(run.cells[0].accuracy)
        assert rows[name].ci95 == pytest.approx(run.cells[0].ci95)


@needs("stats")
def test_a_fair_score_of_samples_has_as_many_questions_and_renderings_as_were_asked(tmp_path: Path) -> None:
    run = asked(tmp_path, 3, order=["original", "rotate-1"])
    (found,) = summarise(run).fair
    assert found.fair.renderings == 2
    assert found.fair.score == pytest.approx(sum(c.accuracy or 0 for c in run.cells) / 2)


def test_every_sample_of_a_run_is_verified(tmp_path: Path) -> None:
    run = asked(tmp_path, 3)
    report = verify(run)
    assert report.holds
