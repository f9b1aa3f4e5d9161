from functools import partial

import pytest
from msgspec.structs import replace

from igaku.errors import IgakuError
from igaku.grading import METHODS, Method, grade, grade_one, methods_for
from igaku.question import (
    Answer,
    Choices,
    Number,
    Ordering,
    Pairs,
    Point,
    Question,
    Reply,
    RequestKind,
    Rubric,
    Terms,
    Text,
    Verdict,
)

from .hostile import LIMIT, hostile, seconds

Q = Question(
    id="1", lang="ja", stem="正しいのはどれか。", choices=("甲の薬", "乙の薬", "丙の薬"), key=Choices.letters("b")
)


def reply_of(text: str = "", permutation: tuple[int, ...] = (), kind: RequestKind = "text", **fields: object) -> Reply:
    answer = Answer(text=text, **fields)  # type: ignore[arg-type]
    return Reply(key="k", model="m", bench="b", lang="ja", id="1", answer=answer, permutation=permutation, kind=kind)


@pytest.mark.parametrize("finish", ["overlong", "refused", "error"])
def test_failures_of_the_engine_are_counted_as_what_they_are(finish: str) -> None:
    verdict = grade_one(METHODS["letter"], Q, reply_of("b", finish=finish))
    assert verdict.outcome == ("engine_error" if finish == "error" else finish)
    assert verdict.score == 0


def test_void_gives_points_only_where_everybody_gets_them() -> None:
    assert grade_one(METHODS["letter"], replace(Q, void="everybody"), reply_of("a")).score == 1
    assert grade_one(METHODS["letter"], replace(Q, void="excluded"), reply_of("b")) == grade_one(
        METHODS["letter"], replace(Q, void="no-key"), None
    )


def test_letters_are_mapped_back_from_the_order_shown() -> None:
    assert grade_one(METHODS["letter"], Q, reply_of("c", permutation=(2, 0, 1))).right
    assert grade_one(METHODS["letter"], Q, reply_of("乙の薬", permutation=(2, 0, 1))).read == ("b",)
    scores = reply_of(logprobs=(-3.0, -2.0, -1.0), tokens=(1, 1, 1), kind="likelihood", permutation=(2, 0, 1))
    assert grade_one(METHODS["likelihood"], Q, scores).right


def test_likelihood_normalisations_and_several_answers() -> None:
    q = replace(Q, stem="2つ選べ。", key=Choices.letters("ab"), choices=("甲", "乙乙", "丙丙丙丙"))
    reply = reply_of(logprobs=(-2.0, -3.0, -3.5), tokens=(1, 2, 7), kind="likelihood")
    assert grade_one(METHODS["likelihood"], q, reply).read == ("a", "b")
    assert grade_one(METHODS["likelihood-token"], q, reply).read == ("b", "c")
    assert grade_one(METHODS["likelihood-char"], q, reply).read == ("b", "c")
    assert grade_one(METHODS["likelihood"], replace(q, stem="選べ。"), reply).outcome == "not_applicable"
    assert grade_one(METHODS["likelihood"], replace(q, stem="3つ選べ。"), reply).outcome == "not_applicable"
    assert (
        grade_one(METHODS["letter-logprob"], Question(id="1", lang="ja", stem="s", key=Number(("1",))), None).outcome
        == "not_applicable"
    )


def test_missing_or_broken_scores_are_errors_of_the_engine() -> None:
    for logprobs in ((), (-1.0,), (float("nan"), -1.0, -1.0), (float("-inf"),) * 3):
        assert (
            grade_one(METHODS["likelihood"], Q, reply_of(logprobs=logprobs, kind="likelihood")).outcome
            == "engine_error"
        )


def test_orderings_want_the_order() -> None:
    q = replace(Q, key=Ordering((2, 0, 1)))
    assert grade_one(METHODS["letter"], q, reply_of("c, a, b")).right
    assert grade_one(METHODS["letter"], q, reply_of("a, b, c")).outcome == "wrong"
    assert grade_one(METHODS["likelihood"], q, None).outcome == "not_applicable"


def test_equal_words_stand_for_each_other_in_words_not_in_letters() -> None:
    q = replace(Q, choices=("甲の薬", "甲の薬", "丙の薬"))
    assert grade_one(METHODS["exact"], q, reply_of("甲の薬")).right
    assert grade_one(METHODS["letter"], q, reply_of("a")).outcome == "wrong"


def test_exact_wants_the_words_and_nothing_else() -> None:
    assert grade_one(METHODS["exact"], Q, reply_of("乙の薬。")).right
    assert grade_one(METHODS["exact"], Q, reply_of("答えは乙の薬")).outcome == "unparsed"
    assert grade_one(METHODS["exact"], replace(Q, key=Choices.letters("bc")), reply_of("丙の薬、乙の薬")).right


def test_names() -> None:
    assert methods_for(["letter", "exact"], as_published=True) == ["letter-as-published", "exact-as-published"]
    with pytest.raises(IgakuError, match="did you mean"):
        methods_for("leter")
    with pytest.raises(IgakuError, match="no published variant"):
        methods_for("likelihood", as_published=True)


def test_many_replies_over_two_processes_in_order() -> None:
    pairs = [(Q, reply_of("abc"[i % 3])) for i in range(300)]
    assert [g.verdict for g in grade(pairs, ["letter", "exact"], workers=2)] == [
        g.verdict for g in grade(pairs, ["letter", "exact"], workers=1)
    ]


@pytest.mark.parametrize(
    ("says", "outcome"),
    [
        ("診断は肺塞栓症。残念ながら予後は不良である。", "right"),
        ("肺塞栓症です。肺炎は考えにくい。", "right"),
        ("肺塞栓症または肺炎", "wrong"),
        ("肺炎", "wrong"),
        ("心タンポナーデ", "wrong"),
        ("申し訳ありませんが、回答できません。", "refused"),
        ("", "unparsed"),
    ],
)
def test_named_reads_the_open_form(says: str, outcome: str) -> None:
    q = Question(id="1", lang="ja", stem="診断はどれか。", choices=("肺塞栓症", "肺炎", "気胸"), key=Choices(((0,),)))
    reply = Reply(key="", model="", bench="", lang="ja", id="1", answer=Answer(text=says))
    assert grade_one(METHODS["named"], q, reply).outcome == outcome


HOSTILE = {
    "text": Text(("アモキシシリン水和物",)),
    "terms": Terms(("発熱", "咳")),
    "pairs": Pairs((("25 mL", "30 mL"),)),
    "rubric": Rubric((Point("p"), Point("q"))),
    "choices": Choices.letters("a"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_replies_end_quickly_by_every_method(name: str) -> None:
    q = replace(Q, key=HOSTILE[name], choices=Q.choices if name == "choices" else (), documents=("甲", "乙"))
    methods = [m for m in METHODS.values() if m.kind == "text" and m.applies(q)]
    for text in hostile(seed=len(name), n=0, size=10_000):
        for m in methods:
            assert seconds(partial(_grade, m, q), text) < LIMIT, (m.name, text[:40])


def _grade(method: Method, q: Question, text: str) -> Verdict:
    reply = reply_of(text)
    return grade_one(method, q, replace(reply, votes=(reply,)) if method.needs_votes else reply)
