"""KEEPHA-Ja and the pseudo nursing records: facts of the files, and how tags and brat files become keys."""

from pathlib import Path

import pytest

from igaku import evaluate, load_benchmark
from igaku.benchmarks.keepha import read_brat
from igaku.benchmarks.nursing_records import tagged
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.grading.golds import check_golds
from igaku.question import Mentions

TEXT = "新薬Ａを始めて、めまいがほぼ完全に消えた。"
BRAT = "T1\tDRUG 0 3\t新薬Ａ\nT2\tDISORDER 8 11\tめまい\nT3\tOPINION 12 14;17 20\tほぼ 消えた\nA1\tNegation T2\n"
BRAT += "R1\tCAUSED Arg1:T1 Arg2:T2\t\nR2\tMISC Arg1:T3 Arg2:T2\t\n"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "keepha_ja/lexapro_ade-202211r-split"
    folder.mkdir(parents=True)
    for name in ("1", "2"):
        (folder / f"{name}.ann").write_text(BRAT, encoding="utf-8")
    (folder / "1.txt").write_text(TEXT, encoding="utf-8")
    return folder


def test_texts_that_a_user_puts_beside_their_annotations_are_read(own: Path) -> None:
    (ner,) = load_benchmark("keepha-lexapro_ner").load()
    (relations,) = load_benchmark("keepha-lexapro_relations").load()
    assert isinstance(ner.key, Mentions) and isinstance(relations.key, Mentions)
    assert [(m.kind, m.parts) for m in ner.key.mentions] == [
        ("DRUG", (("新薬Ａ",),)),
        ("DISORDER", (("めまい",),)),
        ("OPINION", (("ほぼ 消えた", "ほぼ完全に消えた"),)),
    ]
    assert [(m.kind, m.parts) for m in relations.key.mentions] == [("CAUSED", (("新薬Ａ",), ("めまい",)))]
    assert {"lexapro_ner", "lexapro_relations"} <= set(load_benchmark("keepha").parts())


def test_a_text_that_does_not_fit_its_marks_is_refused(own: Path) -> None:
    (own / "1.txt").write_text("あ" + TEXT, encoding="utf-8")
    with pytest.raises(IgakuError, match=r"1\.ann, line 1: its text has"):
        load_benchmark("keepha-lexapro_ner").load()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("T1 DRUG 0 3 新薬Ａ", "line 1: not a brat entity"),
        ("R1\tCAUSED Arg1:T1", "line 1: not a brat relation"),
        ("R1\tCAUSED Arg1:T1 Arg2:T9", "names an entity that is not in the file"),
    ],
)
def test_brat_lines_that_cannot_be_read_are_errors(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "x.ann").write_text(line, encoding="utf-8")
    with pytest.raises(IgakuError, match=message):
        read_brat(tmp_path / "x.ann", TEXT)


def test_a_part_without_texts_says_how_to_get_them(own: Path) -> None:
    with pytest.raises(IgakuError, match=r"put NAME\.txt beside each NAME\.ann"):
        load_benchmark("keepha-chiebukuro_ner").load()


def test_tags_inside_a_text_become_its_mentions() -> None:
    text, found = tagged("<a><b>腰</b>が重い</a>。<ps_pending>はあ</ps_pending>", {"a": "", "b": ""}, "here")
    assert text == "腰が重い。はあ"
    assert {(m.kind, m.parts[0][0]) for m in found} == {("a", "腰が重い"), ("b", "腰")}
    with pytest.raises(IgakuError, match="here: tag 'c'"):
        tagged("<c>x</c>", {"a": ""}, "here")


def test_records_that_are_never_closed_do_not_swallow_the_next(own: Path, tmp_path: Path) -> None:
    xml = "<root>\n<DOCUMENT num=０００１>\n<S><cc1>だるい</cc1></S>\n\n<DOCUMENT num=０００２>\n<S></S>\n</DOCUMENT>\n"
    xml += "<DOCUMENT num=０００３>\n<S>いいえ</S>\n</DOCUMENT></root>"
    (tmp_path / "pseudo_nursing_records").mkdir()
    (tmp_path / "pseudo_nursing_records/PatientStatus.xml").write_text(xml, encoding="utf-8")
    one, three = load_benchmark("nursing_records-status").load()
    assert (one.id, three.id) == ("status-0001", "status-0003")
    assert [len(q.key.mentions) for q in (one, three) if isinstance(q.key, Mentions)] == [1, 0]


def test_scores_are_of_all_texts_together_and_by_kind(own: Path, tmp_path: Path) -> None:
    (own / "2.txt").write_text(TEXT, encoding="utf-8")
    says = iter(["DRUG: 新薬A\nDISORDER: めまい、眠気", "わかりません。"])
    run = evaluate(Replay(lambda _: next(says)), "keepha-lexapro_ner", out=tmp_path / "run")
    (cell,) = run.cells
    assert (cell.aggregate, cell.unparsed) == ("mention_f1", 1)
    assert cell.score == pytest.approx(2 * 2 / (3 + 6))
    assert (cell.metrics["precision"], cell.metrics["recall"]) == pytest.approx((2 / 3, 2 / 6))
    assert (cell.metrics["f1:DRUG"], cell.metrics["f1:OPINION"]) == pytest.approx((2 / 3, 0.0))


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "n", "empty", "mentions"),
    [
        ("keepha-cases_ner", 12, 0, 795),
        ("keepha-cases_relations", 12, 0, 602),
        ("keepha-tweets_ner", 160, 58, 717),
        ("keepha-tweets_relations", 160, 106, 262),
        ("nursing_records-status", 996, 209, 1891),
        ("nursing_records-complaints", 589, 0, 1193),
    ],
)
def test_facts_of_the_files(name: str, n: int, empty: int, mentions: int) -> None:
    questions = load_benchmark(name).load()
    keys = [q.key for q in questions if isinstance(q.key, Mentions)]
    assert (len(questions), sum(not k.mentions for k in keys)) == (n, empty)
    assert sum(len(k.mentions) for k in keys) == mentions
    for found in check_golds(questions):
        assert (found.gold_right, found.wrong_passed, found.empty_passed) == (found.applies, 0, 0), found
