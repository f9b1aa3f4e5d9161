"""How an error that a reply names is read: the same finding in the many forms in which models give it."""

import pytest

from igaku.grading.corrections import Found, read_correction
from igaku.grading.methods import METHODS, grade_one
from igaku.question import Answer, Correction, Question, Reply
from tests.growth import is_linear

JA = {
    1: "54歳の男性が胸の痛みを訴えて受診した。",
    2: "心電図で II、III、aVF に ST 上昇を認めた。",
    3: "前壁の心筋梗塞と診断した。",
    4: "アスピリンを投与した。",
}
EN = {
    0: "A 54-year-old man comes with chest pain.",
    1: "The ECG shows ST elevation in II, III and aVF.",
    2: "Anterior myocardial infarction is diagnosed.",
    3: "Aspirin is given.",
}
FIXED_JA, FIXED_EN = "下壁の心筋梗塞と診断した。", "Inferior myocardial infarction is diagnosed."

FOUND_JA = [
    f"文3: {FIXED_JA}",
    f"3: {FIXED_JA}",
    f"３．{FIXED_JA}",
    f"3 {FIXED_JA}",
    f"「文3：{FIXED_JA}」",
    f"**文3**：{FIXED_JA}",
    f"答え：文3: {FIXED_JA}",
    f"文番号: 3\n訂正: {FIXED_JA}",
    f"文番号：３\n訂正文：{FIXED_JA}\n理由：II、III、aVF は下壁である。",
    f"- 誤り: あり\n- 文番号: 3\n- 修正後: {FIXED_JA}",
    f"誤りの有無：あり\n誤りのある文：文3\n正しい文：{FIXED_JA}",
    f'{{"error": true, "sentence": 3, "correction": "{FIXED_JA}"}}',
    f'```json\n{{"error_flag": 1, "error_sentence_id": "3", "corrected_sentence": "{FIXED_JA}"}}\n```',
    f'検討した結果は次のとおりです。\n{{"誤り": "あり", "文番号": 3, "訂正": "{FIXED_JA}"}}',
    f'{{"error_sentence": "{JA[3]}", "corrected_sentence": "{FIXED_JA}"}}',
    f"文3「{JA[3]}」→「{FIXED_JA}」",
    f"3番目の文が誤りです。正しくは「{FIXED_JA}」です。",
    f"文1と文2は正しいです。文3に誤りがあります。正しくは「{FIXED_JA}」です。",
    f"「{JA[3]}」が誤りです。正しくは「{FIXED_JA}」です。",
    f"<think>文2が誤りか。いや、文2は問題ない。</think>\n文3: {FIXED_JA}",
    "\n".join(f"{n}. {FIXED_JA if n == 3 else s}" for n, s in JA.items()),
    f"第3文：{FIXED_JA}",
    f"【文番号】３\n【訂正】{FIXED_JA}",
    f"誤りがあります。誤りを含む文：3\n修正した文：{FIXED_JA}",
    f"誤りと言わざるを得ないのは第 3 文です。正しくは「{FIXED_JA}」です。",
    f"誤りの有無は一見分かりにくいが、文2は誤りではありません。\n文3が誤りです。→「{FIXED_JA}」",
    f"1. 来院の経過に矛盾はない。\n2. ST 上昇は下壁を示す。\n\n文3: {FIXED_JA}",
]
FOUND_EN = [
    f"2: {FIXED_EN}",
    f"2. {FIXED_EN}",
    f"2 {FIXED_EN}",
    f"Sentence 2: {FIXED_EN}",
    f"`2: {FIXED_EN}`",
    f"Error in sentence 2: {FIXED_EN}",
    f"Sentence: 2\nCorrection: {FIXED_EN}",
    f"**Error:** Yes\n**Sentence number:** 2\n**Corrected sentence:** {FIXED_EN}",
    f'{{"has_error": true, "error_sentence_id": 2, "corrected_sentence": "{FIXED_EN}"}}',
    f'[{{"error": "yes", "sentence_number": "Sentence 2", "corrected": "{FIXED_EN}"}}]',
    f'The error is in sentence 2. It should be "{FIXED_EN}"',
    f'Sentence 1 is correct. Sentence 2 is incorrect and should read "{FIXED_EN}"',
    f"\\\\boxed{{2: {FIXED_EN}}}",
    f'There is no doubt that sentence 2 is wrong. It should read "{FIXED_EN}"',
    f"Let me see whether there is any error.\nI don't see an error in the history.\n\n2: {FIXED_EN}",
    f"Step 1: the leads are inferior.\nStep 2: so the diagnosis is wrong.\n\nFinal answer: 2: {FIXED_EN}",
]
NONE = [
    "CORRECT",
    "Correct.",
    "`CORRECT`",
    "No error",
    "No errors were found in the text.",
    "The text is medically accurate and contains no errors.",
    "<think>Sentence 2 may be wrong.</think>\nCORRECT",
    '{"error": false, "sentence": null, "correction": null}',
    '{"error_flag": 0, "error_sentence_id": -1, "corrected_sentence": "NA"}',
    '{"error": "none"}',
    "誤りなし",
    "誤りはありません。",
    "医学的な誤りは認められません。",
    "エラーなし",
    "誤り：なし",
    "誤りの有無: なし\n文番号: なし\n訂正: なし",
    "この文章に誤りは見当たりません。文3の診断も適切です。",
    "Sentence 3 is correct. There is no error in this text.",
    "None",
    "誤りは見つかりませんでした。",
    "誤りはこの文章には見当たらない。",
    "明らかな間違いは全くありません。",
    "矛盾もなく、誤りを指摘できません。",
    "文3の診断は誤りではありません。",
    "I don't see any mistakes.",
    "The text doesn’t appear to contain any errors.",
    "Nothing here is wrong.",
    "None of the sentences is incorrect.",
    "No inaccuracies found.",
]


@pytest.mark.parametrize("reply", FOUND_JA)
def test_an_error_is_read_in_japanese_forms(reply: str) -> None:
    found = read_correction(reply, JA)
    assert found is not None and (found.error, found.sentence) == (True, 3)
    assert FIXED_JA.rstrip("。") in found.correction


@pytest.mark.parametrize("reply", FOUND_EN)
def test_an_error_is_read_in_english_forms(reply: str) -> None:
    found = read_correction(reply, EN)
    assert found is not None and (found.error, found.sentence) == (True, 2)
    assert FIXED_EN.rstrip(".") in found.correction


@pytest.mark.parametrize("reply", NONE)
def test_a_reply_that_finds_none_is_read(reply: str) -> None:
    assert read_correction(reply, JA | {0: "x"}) == Found(False)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "   ",
        "<think>文3が",
        "わかりません。",
        "循環器内科の症例です。",
        "99: なにか",
        "{}",
        "[]",
        "I cannot tell whether there is an error.",
        "誤りがあるかどうか判断できません。",
        "1",
        "はい",
    ],
)
def test_what_claims_nothing_is_unparsed(reply: str) -> None:
    assert read_correction(reply, JA) is None


def test_a_number_alone_names_a_sentence_unless_it_may_be_a_flag() -> None:
    assert read_correction("3", JA) == read_correction("文3", JA) == Found(True, 3)
    assert read_correction("0", EN) is None


def test_two_sentences_named_wrong_are_an_error_without_one_sentence() -> None:
    found = read_correction("文2と文3に誤りがあります。", JA)
    assert found is not None and (found.error, found.sentence) == (True, None)


def _grade(method: str, reply: str, key: Correction, text: dict[int, str] = JA) -> tuple[bool, dict[str, float]]:
    stem = "\n".join(f"{n}. {s}" for n, s in text.items())
    q = Question(id="q", lang="ja", stem=stem, key=key)
    verdict = grade_one(
        METHODS[method], q, Reply(key="", model="", bench="", lang="ja", id="q", answer=Answer(text=reply))
    )
    return verdict.right, verdict.parts


def test_place_and_correction_are_graded_apart() -> None:
    key = Correction(3, (FIXED_JA,))
    assert _grade("error", "文3: 右室の梗塞と診断した。", key)[0]
    assert not _grade("error-corrected", "文3: 右室の梗塞と診断した。", key)[0]
    assert _grade("error-corrected", "文３：下壁の 心筋梗塞と診断した", key)[0]
    right, parts = _grade("error", f"文2: {FIXED_JA}", key)
    assert not right and parts == {"error": 1.0, "found": 1.0, "sentence": 0.0, "corrected": 1.0}
    assert not _grade("error", "誤りなし", key)[0]
    assert _grade("error", "誤りなし", Correction())[0] and not _grade("error", "文3: 別の文。", Correction())[0]


@pytest.mark.parametrize(
    "unit",
    [
        "文3",
        "「",
        "{",
        '{"error": ',
        "→",
        "1. ",
        "sentence 3 ",
        "誤り",
        "((((",
        "no ",
        "訂正：",
        "誤りは",
        "not see ",
        "【",
        "whether there ",
    ],
)
def test_long_rubbish_is_read_in_linear_time(unit: str) -> None:
    assert is_linear(lambda text: read_correction(text, JA), unit * (100_000 // len(unit)))
