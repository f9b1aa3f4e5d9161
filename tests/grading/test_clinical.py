"""Clinical text tasks: classes by part, entities of a text, labels by number, written texts, published rules."""

import random

import pytest

from igaku.grading import METHODS, grade_one, methods_for
from igaku.grading.fields import read_fields
from igaku.grading.golds import check_golds
from igaku.grading.rouge import in_order
from igaku.grading.spans import read_spans
from igaku.keys import Field, Fields, Key, Label, Point, Span, Spans, Terms, Writing
from igaku.question import Answer, Choices, Question, Reply, Verdict

from .hostile import LIMIT, hostile, seconds

T = Field("T", ("T1b",), ("T1", "T1a", "T1b", "T2", "T2a", "T2b", "T4", "Tis", "TX"))
N = Field("N", ("N0",), ("N0", "N1", "N2"))
M = Field("M", ("M0",), ("M0", "M1a", "M1c"))
STAGE = (T, N, M)
TEXT = "背部痛と微熱があり、背部痛は夜に強い。"
ILL = (Label("d", ("病",)),)
DRUGS = (Label("m-key", ("薬",)), Label("m-val", ("量",)))
ORDER = "ﾌﾛｾﾐﾄﾞ 20mgを朝、塩化ナトリウム1gを夕に服用。"


def graded(method: str, key: Key, text: str, **fields: object) -> Verdict:
    q = Question(**{"id": "1", "lang": "ja", "stem": "s", "key": key, "documents": ("x",)} | fields)  # type: ignore[arg-type]
    return grade_one(METHODS[method], q, Reply(key="", model="", bench="", lang="ja", id="1", answer=Answer(text=text)))


@pytest.mark.parametrize(
    "reply",
    [
        "T因子: T1b\nN因子: N0\nM因子: M0",
        "cT1bN0M0",
        "pT1b, N0, M0 (Stage IA2)",
        "**T因子**：T1b（充実径 15mm）\n**N因子**：N0\n**M因子**：M0",
        '```json\n{"T": "T1b", "N": "N0", "M": "M0"}\n```',
        '{"T因子": "1b", "N因子": "0", "M因子": 0}',
        "| 因子 | 分類 |\n|---|---|\n| T | T1b |\n| N | N0 |\n| M | M0 |",
        "Ｔ因子はＴ１ｂ、Ｎ因子はＮ０、Ｍ因子はＭ０とする。",
        "<think>T因子: T4かもしれない</think>T因子: T1b\nN因子: N0\nM因子: M0",
        "T因子は、充実成分が 1.4cm なので T1b と考える。N因子は N0、M因子は M0。",
        "T因子: T2aではなくT1b\nN因子: N0\nM因子: M0",
        "「T因子」は「T1b」、「N因子」は「N0」、「M因子」は「M0」です。",
        "T因子: T1b\nN因子: N0\nM因子: M0\n\n\n入力文:\n左肺に腫瘤。\nT因子: T4\nN因子: N2\nM因子: M1c",
        "所見からT1bに相当し、リンパ節はN0、遠隔転移はなくM0である。",
        "最初は T2a と考えたが、測り直した。\n\n最終分類: T1b N0 M0",
        "T factor: T1b; N factor: N0; M factor: M0",
    ],
)
def test_a_stage_is_read_in_whatever_form_it_is_written(reply: str) -> None:
    assert read_fields(reply, STAGE) == {"T": "T1b", "N": "N0", "M": "M0"}


@pytest.mark.parametrize(
    ("reply", "read"),
    [
        ("T因子: T1b\nN因子", {"T": "T1b"}),
        ("T因子: T1a/T1b\nN因子: N0\nM因子: M0", {"N": "N0", "M": "M0"}),
        ("T因子: T1a または T1b", {}),
        ("T因子: T1a / T1b / T2a のいずれかひとつ", {}),
        ("T1b も T2a もありうる。", {}),
        ("判断できません。", {}),
        ("", {}),
        ("<think>T因子: T1b", None),
    ],
)
def test_what_a_reply_leaves_open_is_not_guessed(reply: str, read: dict[str, str] | None) -> None:
    assert read_fields(reply, STAGE) == read


def test_each_part_counts_by_itself_and_a_coarse_key_takes_the_finer_classes() -> None:
    verdict = graded("fields", Fields(STAGE), "T因子: T2a\nN因子: N0\nM因子: M0")
    assert (verdict.outcome, verdict.score, verdict.read) == ("partial", pytest.approx(2 / 3), ("T2a", "N0", "M0"))
    coarse = Fields((Field("T", ("T1", "T1a", "T1b"), T.classes), N, M))
    assert graded("fields", coarse, "T1aN0M0").right and graded("fields", coarse, "T1N0M0").right
    assert not graded("fields", coarse, "T2N0M0").right
    assert graded("fields", Fields(STAGE), "").outcome == "unparsed"
    assert graded("fields", Fields(STAGE), "<think>T1b").outcome == "truncated"


def spans(reply: str, text: str = TEXT, labels: tuple[Label, ...] = ILL) -> list[tuple[str, int]] | None:
    read = read_spans(reply, text, labels)
    return None if read is None else [(text[s.start : s.end] if s.start >= 0 else "?", s.start) for s in read]


@pytest.mark.parametrize(
    ("reply", "read"),
    [
        ("<d>背部痛</d>と<d>微熱</d>があり、背部痛は夜に強い。[EOS]", [("背部痛", 0), ("微熱", 4)]),
        ("背部痛と微熱があり、<d>背部痛</d>は夜に強い。", [("背部痛", 10)]),
        ("微熱があり、<d>背部痛</d>は夜に強い。", [("背部痛", 10)]),
        ("はい。背部痛と<D>微熱</D>があり、背部痛は夜に強い。", [("微熱", 4)]),
        (
            "入力:\n背部痛と微熱があり、背部痛は夜に強い。\n出力:\n背部痛と<d>微熱</d>があり、背部痛は夜に強い。",
            [("微熱", 4)],
        ),
        ('["背部痛", "微熱"]', [("背部痛", 0), ("微熱", 4)]),
        ('[{"text": "微熱", "type": "症状"}]', [("微熱", 4)]),
        ("- 微熱\n- 背部痛", [("背部痛", 0), ("微熱", 4)]),
        ("症状は「微熱」と「背部痛」です。", [("背部痛", 0), ("微熱", 4)]),
        ("<think><d>夜</d></think>背部痛と<d>微熱</d>があり、背部痛は夜に強い。", [("微熱", 4)]),
        ("<d>肺炎</d>", [("?", -1)]),
        ("背部痛と微熱があり,背部痛は夜に強い.", []),
        ("該当する表現はありません。", []),
        ("申し訳ありませんが、この文に病名は含まれていません。", []),
        ("[]", []),
        ("背部痛と<d>微熱", None),
        ("お答えできません。", None),
        ("", None),
    ],
)
def test_entities_are_found_in_the_given_text(reply: str, read: list[tuple[str, int]] | None) -> None:
    assert spans(reply) == read


@pytest.mark.parametrize(
    "reply",
    [
        '<m-key state="executed">フロセミド</m-key><m-val>20mg</m-val>を朝、塩化ナトリウム1gを夕に服用。',
        '{"薬品名": ["フロセミド"], "投与量": ["20mg"]}',
        "薬品名: フロセミド\n投与量: 20mg",
        '[{"text": "フロセミド", "label": "m-key"}, {"text": "２０ｍｇ", "label": "m-val"}]',
    ],
)
def test_kinds_are_named_by_tag_or_word_and_width_does_not_matter(reply: str) -> None:
    assert read_spans(reply, ORDER, DRUGS) == (Span(0, 6, "m-key"), Span(7, 11, "m-val"))


def test_entities_without_a_kind_are_no_answer_where_there_are_two_kinds() -> None:
    assert read_spans('["フロセミド"]', ORDER, DRUGS) is None


def test_a_word_more_in_the_copy_costs_nothing_and_an_invented_entity_costs_precision() -> None:
    key = Spans(TEXT, (Span(0, 3, "d"), Span(4, 6, "d")), ILL)
    shifted = "昨日から<d>背部痛</d>と<d>微熱</d>があり、背部痛は夜に強い。"
    assert graded("spans", key, shifted).right
    assert graded("spans-as-published", key, shifted).score == 0
    verdict = graded("spans", key, "<d>背部痛</d>と微熱。<d>肺炎</d>")
    assert (verdict.parts["hits"], verdict.parts["read"], verdict.parts["gold"]) == (1, 2, 2)
    assert graded("spans", key, "背部<d>痛と微熱</d>があり、背部痛は夜に強い。").parts["partial"] == 1
    assert graded("spans", Spans(TEXT, (), ILL), TEXT).right


LABELS = {"key": Choices.letters("b"), "choices": ("有", "無")}


@pytest.mark.parametrize(
    "reply",
    [
        "2",
        "２",
        "②",
        "(2)",
        "**2**",
        "2番",
        "2.",
        "答え：2",
        "2. 「無」",
        "### 正解:\n2. 「無」：述べられていない",
        "無",
        "「無」",
        "無：特に述べられていない",
        "答えは「無」です。",
        '{"answer": 2}',
        "選択肢2が適切です",
        "<think>1か</think>2",
        "ラベル：2",
        "2\n\n### 入力文:\n次の患者\n\n出力:\n1",
        "理由は二つある。\n1. 熱がない\n2. 痛みもない\nしたがって答えは 2",
    ],
)
def test_a_label_is_read_by_its_number_or_its_words(reply: str) -> None:
    assert graded("option", **LABELS, text=reply).read == ("b",)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "reply", ["1または2", "どちらとも言えない", "1. 有\n2. 無", "22", "2%", "2つの考えがある", "", "3"]
)
def test_no_label_is_read_where_none_is_given(reply: str) -> None:
    assert graded("option", **LABELS, text=reply).outcome == "unparsed"  # type: ignore[arg-type]


def test_exam_questions_are_not_graded_as_labels_of_documents() -> None:
    assert graded("option", **LABELS, text="2", documents=()).outcome == "not_applicable"  # type: ignore[arg-type]


def test_the_published_rules_take_what_they_cannot_read_for_an_answer() -> None:
    event = {"key": Choices.letters("a"), "choices": ("有", "無")}
    assert graded("event-as-published", **event, text="### 正解:\n2. 「無」").right  # type: ignore[arg-type]
    assert graded("event-as-published", **event, text="").right  # type: ignore[arg-type]
    assert graded("option-as-published", **event, text="答え: 1").outcome == "wrong"  # type: ignore[arg-type]
    assert graded("fields-as-published", Fields(STAGE), "T1bN0M0").parts["read:T"] == 1
    coarse = Fields((Field("T", ("T1", "T1a", "T1b"), T.classes), N, M))
    assert graded("fields-as-published", coarse, "T因子: T1a").parts["gold:T"] == 0
    assert (
        graded("commas-as-published", Terms(("塩化ナトリウム",)), "食塩, 塩化ナトリウム\n\n次の文, 水").parts[
            "precision"
        ]
        == 0
    )
    assert methods_for(["fields", "spans", "option"], as_published=True) == [
        "fields-as-published",
        "spans-as-published",
        "option-as-published",
    ]


def test_gold_passes_and_wrong_and_empty_fail_by_every_sound_grader() -> None:
    keys: list[Key] = [
        Fields(STAGE),
        Spans(TEXT, (Span(4, 6, "d"),), ILL),
        Spans(TEXT, (), ILL),
        Spans(ORDER, (Span(0, 6, "m-key"), Span(7, 11, "m-val")), DRUGS),
    ]
    questions = [Question(id=str(i), lang="ja", stem="s", key=key, documents=("x",)) for i, key in enumerate(keys)]
    found = {c.method: c for c in check_golds(questions)}
    assert set(found) == {"fields", "spans"}
    for check in found.values():
        assert (check.gold_right, check.wrong_passed, check.empty_passed) == (check.applies, 0, 0), check


def test_keys_say_what_is_wrong_with_them() -> None:
    q = Question(id="1", lang="ja", stem="s", key=Fields(STAGE))
    assert Fields(STAGE).problem(q) == "" and Fields(()).problem(q) == "the key is empty"
    assert "T" in Fields((Field("T", ("T9",), T.classes),)).problem(q)
    assert "outside" in Spans("熱", (Span(0, 4, "d"),), ILL).problem(q)
    assert "unknown" in Spans("熱", (Span(0, 1, "x"),), ILL).problem(q)
    assert Writing((Point("p"),), " ").problem(q) and not Writing((Point("p"),), "要約").problem(q)
    assert Fields(STAGE).chance(q) == pytest.approx(1 / (9 * 3 * 3))


def test_likeness_to_a_reference_counts_words_not_facts() -> None:
    pytest.importorskip("rouge_score")
    key = Writing((Point("p"),), "微熱と背部痛のため入院し、抗菌薬で軽快した。")
    assert graded("rouge", key, key.reference).right
    assert graded("rouge", key, f"```markdown\n{key.reference}\n```\n\n### 入力:\n別の患者").right
    denied = graded("rouge", key, "微熱と背部痛のため入院し、抗菌薬で軽快しなかった。")
    assert denied.outcome == "partial" and denied.score > 0.8
    assert graded("rouge", key, "§").outcome == "wrong"
    assert graded("rouge", key, "").outcome == "unparsed"
    assert set(denied.parts) == {"rouge1", "rouge2", "rougeL", "precision", "recall"}


def test_the_longest_common_subsequence_is_rouge_scores_own() -> None:
    scorer = pytest.importorskip("rouge_score.rouge_scorer")
    rng = random.Random(1)

    class Blanks:
        def tokenize(self, text: str) -> list[str]:
            return text.split()

    theirs = scorer.RougeScorer(["rougeL"], tokenizer=Blanks())
    for _ in range(50):
        a, b = (" ".join(rng.choices("甲乙丙丁", k=rng.randint(1, 20))) for _ in range(2))
        found = theirs.score(b, a)["rougeL"]
        ours = in_order(a.split(), b.split())
        assert (ours["precision"], ours["recall"]) == pytest.approx((found.precision, found.recall))
        assert ours["f1"] == pytest.approx(found.fmeasure)


@pytest.mark.parametrize("method", ["fields", "spans", "option", "fields-as-published", "spans-as-published"])
def test_hostile_replies_cost_no_more_than_their_length(method: str) -> None:
    key = {"fields": Fields(STAGE), "spans": Spans(TEXT, (Span(4, 6, "d"),), ILL)}.get(
        method.removesuffix("-as-published"), Choices.letters("b")
    )
    choices = ("有", "無") if isinstance(key, Choices) else ()
    own = ("T因子: ", "<d>", "<d>熱</d>", "<d x", "T1bN0", "T: a ", "[EOS]", "入力:", "薬品名: 熱、", '{"d": ["熱')
    for text in (*hostile(n=5), *(unit * (30_000 // len(unit)) for unit in own)):
        took = seconds(lambda reply: graded(method, key, reply, choices=choices), text)
        assert took < LIMIT, (text[:20], took)
