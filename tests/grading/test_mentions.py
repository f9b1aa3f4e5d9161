"""Expressions with their kinds, and relations, in the many forms in which models list them."""

import pytest

from igaku.grading.mentions import counts, read_mentions
from igaku.grading.methods import METHODS, grade_one
from igaku.keys.mentions import once
from igaku.question import Answer, Mention, Mentions, Question, Reply
from tests.growth import is_linear

KINDS = (("DRUG", "薬剤"), ("SIGN", "症状"), ("t-key", "観察項目"))
DRUG, SIGN = Mention("DRUG", (("プレドニゾロン",),)), Mention("SIGN", (("不眠",),))
KEY = Mentions((DRUG, SIGN), KINDS)
CAUSED = Mention("CAUSED", (("プレドニゾロン",), ("不眠",)))
RELATIONS = Mentions((CAUSED,), (("CAUSED", "原因"), ("TREATS", "治療")), arity=2)

ENTITY_FORMS = [
    '[{"type": "DRUG", "text": "プレドニゾロン"}, {"type": "SIGN", "text": "不眠"}]',
    '```json\n[\n {"label": "drug", "span": "プレドニゾロン"},\n {"label": "sign", "span": "不眠"}\n]\n```',
    '{"entities": [{"category": "薬剤", "entity": "プレドニゾロン"}, {"category": "症状", "entity": "不眠"}]}',
    '{"DRUG": ["プレドニゾロン"], "SIGN": ["不眠"], "t-key": []}',
    '[["DRUG", "プレドニゾロン"], ["不眠", "SIGN"]]',
    "<DRUG>プレドニゾロン</DRUG>を始めてから<SIGN>不眠</SIGN>が続く。",
    "DRUG: プレドニゾロン\nSIGN: 不眠",
    "- **DRUG**: プレドニゾロン\n- **SIGN**: 不眠\n- **t-key**: なし",
    "DRUG（薬剤）：「プレドニゾロン」\nSIGN（症状）：「不眠」",
    "1. プレドニゾロン（DRUG）\n2. 不眠（SIGN）",
    "・プレドニゾロン：薬剤\n・不眠：症状",
    "| 表現 | 種類 |\n|---|---|\n| プレドニゾロン | DRUG |\n| 不眠 | SIGN |",
    "[{'type': 'DRUG', 'text': 'プレドニゾロン'}, {'type': 'SIGN', 'text': '不眠'}]",
    "[('DRUG', 'プレドニゾロン'), ('SIGN', '不眠')]",
    '{"entities": [["DRUG", "プレドニゾロン"], ["SIGN", "不眠"]]}',
    "プレドニゾロン（DRUG）、不眠（SIGN）",
    "### DRUG\n- プレドニゾロン\n\n### SIGN\n- 不眠",
    '<think>薬剤は一つだけ。</think>[{"type":"DRUG","text":"ﾌﾟﾚﾄﾞﾆｿﾞﾛﾝ"},{"type":"SIGN","text":"不 眠"}]',
]
RELATION_FORMS = [
    '[{"type": "CAUSED", "from": "プレドニゾロン", "to": "不眠"}]',
    '[{"relation": "caused", "head": {"text": "プレドニゾロン"}, "tail": {"text": "不眠"}}]',
    '[{"relation_type": "CAUSED", "arg1": "プレドニゾロン", "arg2": "不眠"}]',
    '[["プレドニゾロン", "CAUSED", "不眠"]]',
    '{"CAUSED": [["プレドニゾロン", "不眠"]], "TREATS": []}',
    "CAUSED: プレドニゾロン → 不眠",
    "- CAUSED：プレドニゾロン -> 不眠",
    "(プレドニゾロン, CAUSED, 不眠)",
    "プレドニゾロン → CAUSED → 不眠",
    "[{'type': 'CAUSED', 'from': 'プレドニゾロン', 'to': '不眠'}]",
    "CAUSED(プレドニゾロン, 不眠)",
    "- プレドニゾロン → 不眠（CAUSED）",
    "| from | type | to |\n|--|--|--|\n| プレドニゾロン | CAUSED | 不眠 |",
]


def _grade(reply: str, key: Mentions = KEY) -> tuple[str, float]:
    q = Question(id="q", lang="ja", stem="抜き出す。", key=key)
    answer = Answer(text=reply)
    verdict = grade_one(METHODS["mentions"], q, Reply(key="", model="", bench="", lang="ja", id="q", answer=answer))
    return verdict.outcome, verdict.score


@pytest.mark.parametrize("reply", ENTITY_FORMS)
def test_entities_are_read_in_every_form(reply: str) -> None:
    assert _grade(reply) == ("right", 1.0), read_mentions(reply, KEY)


@pytest.mark.parametrize("reply", RELATION_FORMS)
def test_relations_are_read_in_every_form(reply: str) -> None:
    assert _grade(reply, RELATIONS) == ("right", 1.0), read_mentions(reply, RELATIONS)


def test_a_relation_the_other_way_round_is_wrong() -> None:
    assert _grade("CAUSED: 不眠 → プレドニゾロン", RELATIONS) == ("wrong", 0.0)
    assert _grade("TREATS: プレドニゾロン → 不眠", RELATIONS) == ("wrong", 0.0)


@pytest.mark.parametrize(
    "reply",
    ["[]", "```json\n[]\n```", "なし", "該当する表現はありません。", "DRUG: なし\nSIGN: なし", '{"entities": []}'],
)
def test_nothing_to_find_is_an_answer(reply: str) -> None:
    assert _grade(reply, Mentions((), KINDS)) == ("right", 1.0)
    assert _grade(reply) == ("wrong", 0.0)


@pytest.mark.parametrize("reply", ["", "<think>薬剤は", "わかりません。", "この患者は眠れていない。"])
def test_what_lists_nothing_is_no_answer(reply: str) -> None:
    assert _grade(reply)[0] in ("unparsed", "truncated", "refused")


def test_a_wrong_kind_is_no_hit_and_a_part_is_a_partial_one() -> None:
    read = read_mentions('[{"type": "SIGN", "text": "プレドニゾロン"}, {"type": "SIGN", "text": "不眠症"}]', KEY)
    assert read is not None
    found = counts(read, KEY)
    assert (found["gold"], found["listed"], found["hits"], found["partial"]) == (2, 2, 0, 1)


def test_what_is_listed_under_a_kind_that_may_not_be_named_is_listed_wrongly() -> None:
    read = read_mentions('[{"type": "PLACE", "text": "病棟"}, {"type": "DRUG", "text": "プレドニゾロン"}]', KEY)
    assert read is not None
    assert {n: counts(read, KEY)[n] for n in ("gold", "listed", "hits")} == {"gold": 2, "listed": 2, "hits": 1}


def test_a_mention_counts_once_and_either_spelling_of_a_broken_one_is_right() -> None:
    broken = Mention("SIGN", (("ほぼ 消失", "ほぼ完全に消失"),))
    key = Mentions(once((broken, DRUG, Mention("DRUG", (("ﾌﾟﾚﾄﾞﾆｿﾞﾛﾝ",),)))), KINDS)
    assert len(key.mentions) == 2
    for words in ("ほぼ消失", "ほぼ完全に消失"):
        assert _grade(f"DRUG: プレドニゾロン、プレドニゾロン\nSIGN: {words}", key) == ("right", 1.0)


@pytest.mark.parametrize(
    "unit",
    [
        "<DRUG>",
        "DRUG: ",
        "[",
        '{"type": "DRUG", ',
        "→",
        "(a, CAUSED, ",
        "DRUG: a → ",
        "| a | DRUG |\n",
        "('DRUG', ",
        "a (DRUG)、",
        "CAUSED(",
        "a → b (",
    ],
)
def test_long_rubbish_is_read_in_linear_time(unit: str) -> None:
    def read(text: str) -> None:
        for key in (KEY, RELATIONS):
            counts(read_mentions(text, key) or (), key)

    assert is_linear(read, unit * (100_000 // len(unit)))
