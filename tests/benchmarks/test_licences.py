"""Exams of other licences: rows of several forms, the plan of each exam, and marks that say whose they are."""

import json
from pathlib import Path

import pytest

import igaku
from igaku import load_benchmark
from igaku.benchmarks.licences import licence_of, licences
from igaku.benchmarks.pass_marks import known_marks, marks_of
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.grading.golds import check_golds
from igaku.question import Choices, Number, Ordering, Question

OPTIONS = {"1": "甲", "2": "乙", "3": "丙", "4": "丁"}
PNG = bytes.fromhex("89504e470d0a1a0a") + b"\0" * 16


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    return tmp_path


def kokushi(data: Path, *rows: dict, lang: str = "ja") -> None:
    folder = data / "kokushimd"
    folder.mkdir(exist_ok=True)
    lines = [json.dumps(r, ensure_ascii=False) for r in rows]
    (folder / f"train_{lang}.jsonl").write_text("\n".join(lines), encoding="utf-8")


def row(**more: object) -> dict:
    base = {"exam": "看護", "year": 2024, "section": "A", "index": "1", "question": "どれか。", "options": OPTIONS}
    return base | {"answer": "2", "points": "1", "text_only": True} | more


def one(data: Path, **more: object) -> Question:
    kokushi(data, row(**more))
    (q,) = load_benchmark("kokushimd").load()
    return q


def test_a_row_is_read_with_its_licence_year_block_and_part(data: Path) -> None:
    q = one(data, index="95", points="2", kinki="4", human_accuracy="81.5")
    assert (q.id, q.year, q.section, q.points) == ("nurse-2024-a-95", "2024", "situation", 2.0)
    assert q.key == Choices(((1,),)) and q.prohibited == (3,) and q.human_accuracy == 0.815


LETTERED = {"a": "甲", "b": "乙", "c": "丙", "d": "丁", "e": "戊"}


@pytest.mark.parametrize(
    ("change", "key", "void"),
    [
        ({"options": LETTERED, "answer": "B"}, Choices(((1,),)), ""),
        ({"options": list(LETTERED.values()), "answer": "b"}, Choices(((1,),)), ""),
        ({"options": None, **LETTERED, "answer": "b"}, Choices(((1,),)), ""),
        ({"options": LETTERED, "answer": "AC", "question": "どれか。2つ選べ。"}, Choices(((0, 2),)), ""),
        ({"answer": ["1", "3"], "question": "どれか。2つ選べ。"}, Choices(((0, 2),)), ""),
        ({"options": LETTERED, "answer": "A or D"}, Choices(((0,), (3,))), ""),
        ({"options": LETTERED, "answer": "A/D"}, Choices(((0,), (3,))), ""),
        ({"answer": "13"}, Choices(()), "no-key"),
        ({"answer": ""}, Choices(()), "no-key"),
        ({"answer": "9"}, Choices(()), "no-key"),
        ({"answer": "2", "corrected_question_index": 3}, Choices(((1,),)), "excluded"),
        ({"options": {}, "answer": "26"}, Number(("26",)), ""),
        ({"options": LETTERED, "answer": "CABDE", "question": "順に並べよ。"}, Ordering((2, 0, 1, 3, 4)), ""),
    ],
)
def test_keys_of_every_form(data: Path, change: dict, key: object, void: str) -> None:
    q = one(data, **change)
    assert (q.key, q.void) == (key, void)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"exam": "獣医"}, r"line 1: unknown licence '獣医'"),
        ({"year": None}, r"line 1: no year in it under the names that igaku knows \(found: exam, year"),
        ({"question": ""}, "line 1: no question in it"),
        ({"index": "問"}, "line 1: the question's number '問' is none"),
        ({"options": "甲乙"}, "line 1: the choices must be a list or an object by label, found str"),
        ({"options": [1, 2]}, "line 1: a choice must be text"),
        ({"images": ["data:image/png;base64,xx"]}, "line 1: pictures must be paths"),
        ({"exam": "歯科", "points": ""}, "line 1: field 'points' is missing"),
    ],
)
def test_another_form_is_refused_in_one_line(data: Path, change: dict, problem: str) -> None:
    kokushi(data, row(**change))
    with pytest.raises(IgakuError, match=problem):
        load_benchmark("kokushimd").load()


def test_the_exam_may_stand_in_the_rows_id_and_the_choices_inside_the_question(data: Path) -> None:
    rows = row(id="理学_2022_b", question={"question": "どれか。", **LETTERED}, options=None, answer="E", points="3")
    for name in ("exam", "year", "section"):
        del rows[name]
    kokushi(data, rows)
    (q,) = load_benchmark("kokushimd-physical_therapist-2022").load()
    assert (q.id, q.section, q.points, q.choices[4], q.key) == (
        "physical_therapist-2022-b-1", "practical", 3.0, "戊", Choices(((4,),)),
    )  # fmt: skip


def test_pictures_are_found_beside_the_file_and_never_outside(data: Path) -> None:
    (data / "kokushimd" / "images").mkdir(parents=True)
    (data / "kokushimd" / "images" / "p.png").write_bytes(PNG)
    (data / "secret.png").write_bytes(PNG)
    q = one(data, text_only=False, images=["images/p.png", "../secret.png", "gone.png"])
    assert [Path(p).name for p in q.images] == ["p.png"] and not q.text_only


def test_names_of_licences_in_two_languages() -> None:
    for word in ("看護", "看護師", "看護師国家試験", "Nursing", "nurse"):
        assert licence_of(word, "x") == "nurse"
    assert licence_of("Public Health Nursing", "x") == licence_of("保健師", "x") == "public_health_nurse"
    assert licence_of("Radiologic Technology", "x") == "radiological_technologist"
    assert len({one.folder for one in licences().values()}) == len(licences()) == 11


@pytest.mark.parametrize(
    ("name", "total", "parts"),
    [
        ("nurse", 300, {"required": 50}),
        ("public_health_nurse", 145, {}),
        ("midwife", 145, {}),
        ("physical_therapist", 280, {"practical": 120}),
        ("occupational_therapist", 280, {"practical": 120}),
        ("radiological_technologist", 200, {}),
        ("physician", 500, {"required": 200}),
    ],
)
def test_the_plan_of_an_exam_makes_its_points_and_the_mark_is_sixty_percent(name: str, total: int, parts: dict) -> None:
    plan = licences()[name].plan
    blocks = "ABCDEF" if name == "physician" else "AB"
    rows = [licences()[name].row(b, n) for b in blocks for n in range(1, 121)]
    points = [(r.section, r.points or 0) for r in rows if r]
    assert sum(p for _, p in points) == total and plan
    for section, most in parts.items():
        assert sum(p for s, p in points if s == section) == most
    marks = marks_of(f"kokushimd-{name}", "2024")
    assert marks is not None
    if len(marks.parts) == 1 or name.endswith("therapist"):
        assert marks.parts[-1].needed / total == pytest.approx(0.6, abs=0.001)


def nurses(year: str = "2024", wrong: int = 0, lost: int = 0) -> list[dict]:
    """A whole nurses' exam whose right answer is always 1; the last ones have another."""
    rows = [
        row(section=s, index=str(n), year=year, points="2" if n > 90 else "1", answer="1")
        for s in ("午前", "午後")
        for n in range(1, 121)
    ]
    return [r | {"answer": "2"} if i < wrong else r for i, r in enumerate(rows)][lost:]


def sat(data: Path, rows: list[dict], bench: str = "kokushimd-nurse") -> igaku.Run:
    kokushi(data, *rows)
    return igaku.evaluate(Replay(lambda _: "答え：a", name="m"), bench, lang="ja", out=data / "run")


def test_an_exam_of_another_licence_is_held_against_its_marks_condition_by_condition(data: Path) -> None:
    (got,) = igaku.exam(sat(data, nurses())).exams
    assert (got.exam, got.exam_ja, got.sure) == ("nurses 2024", "看護師 2024 年", "third party")
    assert [(p.name, p.got, p.of, p.needed, p.state) for p in got.parts] == [
        ("required", 50, 50, 40, "met"),
        ("general and situation", 250, 250, 158, "met"),
    ]
    assert got.verdict == "pass as far as known" and got.unknown == ["the marks are from a third party's scorer"]


def test_short_in_one_part_fails(data: Path) -> None:
    (got,) = igaku.exam(sat(data, nurses(wrong=11))).exams
    assert (got.verdict, got.parts[0].state, got.parts[1].state) == ("fail", "not met", "met")


def test_a_part_of_an_exam_has_points_and_no_verdict(data: Path) -> None:
    (got,) = igaku.exam(sat(data, nurses(lost=3))).exams
    assert (got.verdict, got.parts[0].got) == ("no verdict", 47) and "237 of 240" in got.why


def test_the_whole_is_asked_as_its_licences_once_and_years_stand_apart(data: Path) -> None:
    others = [
        row(exam=one.title_ja, points="1") for name, one in licences().items() if name != "laboratory_technologist"
    ]
    run = sat(data, [*others, *nurses("2023")], "kokushimd")
    assert sorted(t.bench for t in run.manifest.tasks) == sorted(
        f"kokushimd-{n}" for n in licences() if n != "laboratory_technologist"
    )
    nurse = [e for e in igaku.exam(run).exams if e.exam.startswith("nurses")]
    assert {(e.year, e.verdict) for e in nurse} == {("2023", "pass as far as known"), ("2024", "no verdict")}


def test_ours_stand_and_what_another_source_has_is_said() -> None:
    pharmacists = known_marks()["pharmacists 2021"]
    assert pharmacists.parts[1].needed * 2 == 430 and pharmacists.sure == "quoted" and pharmacists.prohibited == (2,)
    assert "scorer: differs in prohibited choices: no rule (here at most 2)" in pharmacists.source
    assert "a third party's scorer: the same" in known_marks()["physicians 2021"].source
    assert "third party" not in known_marks()["pharmacists 2015"].source


def test_marks_belong_to_a_slice_with_or_without_its_year() -> None:
    for label in ("kokushimd-nurse", "kokushimd-nurse-2024", "jmed48k-nurse-2024"):
        found = marks_of(label, "2024")
        assert found is not None and found.title == "nurses 2024"
    assert marks_of("kokushimd", "2024") is None and marks_of("jmed48k-dentist", "2024") is None
    assert marks_of("jmed48k-nurse", "2025") is None


JMED = {
    "question_number": 91,
    "section": "午後",
    "question_text": "次の文を読み 91～93 の問いに答えよ。\n優先するのはどれか。",
    "text_reference": "Aさん(45歳、男性)は腹痛で受診した。" * 8,
    "options": OPTIONS,
    "correct_answer": ["3"],
    "text_only": True,
    "img": {},
}


def jmed(data: Path, *rows: dict, folder: str = "05_nurse/nurse_2024") -> Path:
    file = data / "jmed48k" / "JMed48k-eval" / folder / "q.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"questions": rows}, ensure_ascii=False), encoding="utf-8")
    return file


def test_jmed48k_reads_its_folders_plans_cases_and_pictures(data: Path) -> None:
    picture = {"question_number": 4, "text_only": False, "options": {"1": "", "2": ""}, "correct_answer": ["2"]}
    picture |= {"img": {"content_img": "2024_images/x.png", "answer_img": ["2024_images\\y.png"]}}
    file = jmed(data, JMED, JMED | {"question_number": 92}, JMED | picture)
    (file.parent / "2024_images").mkdir()
    for name in ("x.png", "y.png"):
        (file.parent / "2024_images" / name).write_bytes(PNG)
    one, two, three = load_benchmark("jmed48k-nurse-2024").load()
    assert (one.id, one.section, one.points, one.year) == ("nurse-2024-B-91", "situation", 2.0, "2024")
    assert one.key == Choices(((2,),)) and one.context and one.group == two.group != ""
    assert three.choices == ("ａ", "ｂ") and [Path(p).name for p in three.images] == ["x.png", "y.png"]
    assert (three.section, three.points, three.text_only) == ("required", 1.0, False)
    for found in check_golds([one, two, three]):
        assert (found.gold_right, found.wrong_passed, found.empty_passed) == (found.applies, 0, 0), found


@pytest.mark.parametrize(
    ("change", "key", "void"),
    [
        ({"correct_answer": ["1", "2"], "question_text": "どれか。2つ選べ。"}, Choices(((0, 1),)), ""),
        ({"correct_answer": ["1", "2"], "question_text": "どれか。"}, Choices(()), "no-key"),
        ({"correct_answer": []}, Choices(()), "no-key"),
        ({"correct_answer": None}, Choices(()), "no-key"),
        ({"correct_answer": ["2.5"], "options": None, "question_text": "数を求めよ。"}, Number(("2.5",)), ""),
    ],
)
def test_jmed48ks_keys(data: Path, change: dict, key: object, void: str) -> None:
    jmed(data, JMED | change)
    (q,) = load_benchmark("jmed48k-nurse").load()
    assert (q.key, q.void) == (key, void)


def test_jmed48k_refuses_what_is_not_its_form(data: Path) -> None:
    with pytest.raises(IgakuError, match=r"JMed48k-eval not found; download it from .*\(CC BY-NC 4\.0\)"):
        load_benchmark("jmed48k").load()
    file = jmed(data, {"number": 1})
    with pytest.raises(IgakuError, match="question 1: field 'question_number' is missing"):
        load_benchmark("jmed48k-nurse").load()
    file.write_text("[]")
    with pytest.raises(IgakuError, match="not a file of JMed48k"):
        load_benchmark("jmed48k-nurse").load()


def test_questions_that_share_a_case_are_linked(data: Path) -> None:
    case = "次の文を読み、91、92の問いに答えよ。48歳の女性。"
    kokushi(data, row(index="91", question=case + "どれか。"), row(index="92", question=case + "どれか。"), row())
    groups = [q.group for q in load_benchmark("kokushimd-nurse").load()]
    assert groups[0] == groups[1] != "" and groups[2] == ""
