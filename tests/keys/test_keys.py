"""Every key type: its wire form, its text, its gold and wrong answer, its faults, its chance."""

import msgspec
import pytest
from msgspec.structs import replace

from igaku.errors import IgakuError
from igaku.keys import FROM_ROWS, KeyBase, gold_letters, gold_text, rubric_of
from igaku.question import (
    Choices,
    Conduct,
    Key,
    Number,
    Ordering,
    Pairs,
    Point,
    Question,
    Rubric,
    Terms,
    Text,
    Translation,
)

WORDS = ("甲", "乙", "丙")
KEYS: list[tuple[Key, str, str, str]] = [
    (Choices(((0, 2), (1,))), '{"type":"choices","accepted":[[0,2],[1]]}', "a c / b", "a, c"),
    (Ordering((2, 0, 1)), '{"type":"ordering","sequence":[2,0,1]}', "c → a → b", "c, a, b"),
    (Number(("1.5", "2")), '{"type":"number","accepted":["1.5","2"]}', "1.5 / 2", "1.5"),
    (Text(("薬", "くすり")), '{"type":"text","accepted":["薬","くすり"]}', "薬 / くすり", "薬"),
    (Terms(("熱", "咳")), '{"type":"terms","items":["熱","咳"]}', "熱, 咳", '["熱", "咳"]'),
    (
        Pairs((("右", "左"),), ("side",)),
        '{"type":"pairs","pairs":[["右","左"]],"kinds":["side"]}',
        "右 → 左",
        '[{"before": "右", "after": "左"}]',
    ),
    (
        Rubric((Point("善"), Point("悪", -1.0))),
        '{"type":"rubric","points":[{"text":"善","weight":1.0},{"text":"悪","weight":-1.0}],"reference":""}',
        "+1 善\n-1 悪",
        "善",
    ),
    (
        Conduct(True),
        '{"type":"conduct","harmful":true,"reference":""}',
        "decline or answer safely",
        "申し訳ありませんが、そのご依頼にはお応えできません。",
    ),
    (Translation(("熱", "発熱")), '{"type":"translation","references":["熱","発熱"]}', "熱\n発熱", "熱"),
]
IDS = [type(key).__name__ for key, *_ in KEYS]


def ask(key: Key, choices: tuple[str, ...] = WORDS, stem: str = "どれか。") -> Question:
    return Question(id="1", lang="ja", stem=stem, choices=choices, key=key)


def test_every_kind_of_key_is_here() -> None:
    assert {type(key) for key, *_ in KEYS} == set(KeyBase.__subclasses__())


@pytest.mark.parametrize(("key", "wire", "text", "letters"), KEYS, ids=IDS)
def test_wire_form_text_and_gold(key: Key, wire: str, text: str, letters: str) -> None:
    assert msgspec.json.encode(key).decode() == wire
    assert msgspec.json.decode(wire, type=Key) == key
    assert key.text() == text
    assert gold_letters(ask(key)) == letters
    assert gold_text(ask(key)) == ("甲\n丙" if isinstance(key, Choices) else letters)


@pytest.mark.parametrize("key", [k for k, *_ in KEYS], ids=IDS)
def test_a_wrong_key_is_another_key_of_the_kind_and_in_order(key: Key) -> None:
    wrong = key.wrong(WORDS)
    assert type(wrong) is type(key) and wrong != key
    assert not key.problem(ask(key)) and not wrong.problem(ask(wrong))


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (Choices(()), "the key is empty"),
        (Choices(((),)), "the key is empty"),
        (Choices(((3,),)), "beyond its 3 choices"),
        (Choices(((-1,),)), "beyond its 3 choices"),
        (Ordering((0, 1)), "each choice once"),
        (Number(()), "must hold numbers"),
        (Number(("多い",)), "must hold numbers"),
        (Text((" ",)), "the key is empty"),
        (Pairs((("a", "b"),), ("x", "y")), "a kind for each pair"),
        (Rubric((Point("悪", -1.0),)), "a weight above 0"),
        (Translation(()), "needs a reference"),
    ],
)
def test_a_key_that_no_answer_meets_is_a_fault(key: Key, problem: str) -> None:
    assert problem in key.problem(ask(key))


@pytest.mark.parametrize(
    ("key", "stem", "chance"),
    [
        (Choices(((0,),)), "どれか。", 1 / 3),
        (Choices(((0,), (1,))), "どれか。", 2 / 3),
        (Choices(((0, 1),)), "2つ選べ。", 1 / 3),
        (Choices(((0, 1),)), "選べ。", 1 / 7),
        (Ordering((0, 1, 2)), "並べよ。", 0.0),
        (Number(("1",)), "いくつか。", 0.0),
        (Terms(("熱",)), "抜き出せ。", 0.0),
    ],
)
def test_chance(key: Key, stem: str, chance: float) -> None:
    assert ask(key, stem=stem).key.chance(ask(key, stem=stem)) == pytest.approx(chance)


def test_accepts_choices_in_any_order_and_orderings_in_theirs() -> None:
    assert Choices(((0, 2),)).accepts((2, 0)) and not Choices(((0, 2),)).accepts((0,))
    assert Ordering((2, 0)).accepts((2, 0)) and not Ordering((2, 0)).accepts((0, 2))
    assert not Number(("1",)).accepts((0,))


@pytest.mark.parametrize(
    ("key", "single"),
    [
        (Choices(((1,),)), 1),
        (Choices(((0,), (1,))), None),
        (Choices(((0, 1),)), None),
        (Choices(()), None),
        (Ordering((0, 1, 2)), None),
        (Number(("1",)), None),
    ],
)
def test_single_is_the_only_right_choice(key: Key, single: int | None) -> None:
    assert ask(key).single == single


def test_the_rubric_of_a_choice_question_names_its_answer() -> None:
    q = ask(Choices(((0, 2),)))
    assert "「甲」「丙」" in rubric_of(q).points[0].text
    assert rubric_of(replace(q, lang="en")).points[0].text.startswith("Gives 「甲」「丙」")
    own = Rubric((Point("善"),))
    assert rubric_of(replace(q, key=own)) is own


def test_a_row_has_one_kind_of_key() -> None:
    rows = [({"answer": "b"}, WORDS), ({"answer": "3"}, ()), ({"rubric": ["善"]}, ()), ({"harmful": True}, ())]
    for row, choices in rows:
        assert sum(kind.from_row(row, choices, "f") is not None for kind in FROM_ROWS if kind is not Number) <= 1
    assert Choices.from_row({"accepted": ["a", "bc"]}, WORDS, "f") == Choices(((0,), (1, 2)))
    assert Number.from_row({"answer": ["1", "2"]}, (), "f") == Number(("1", "2"))
    with pytest.raises(IgakuError, match="f: field 'rubric', point 1 needs a text"):
        Rubric.from_row({"rubric": [{"point": "x", "weight": 0}]}, (), "f")
