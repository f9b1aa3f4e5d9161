import csv
import json
import re
from pathlib import Path

import pytest

import igaku
from igaku.engines.replay import Replay
from igaku.errors import IgakuError
from igaku.studies.rate import MET, export_sheets, read_sheets


def run(tmp_path: Path, name: str, says: str = "=1+1 という答案") -> Path:
    igaku.evaluate(Replay(lambda _: says, name=name), "clinical_open", lang="ja", limit=3, out=tmp_path / name)
    return tmp_path / name


def points(prompt: str) -> list[str]:
    """The numbers of the points that a judge is shown."""
    return re.findall(r"^(\d+)\. ", prompt, re.M)


def fill(sheet: Path, mark: object) -> None:
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row[MET] = mark(row) if callable(mark) else mark
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_sheets_are_blinded_shuffled_and_harmless(tmp_path: Path) -> None:
    sheets = export_sheets([run(tmp_path, "alpha"), run(tmp_path, "beta", "べつの答案")], tmp_path / "s", raters=2)
    texts = [s.read_text(encoding="utf-8-sig") for s in sheets]
    assert not any(name in text for text in texts for name in ("alpha", "beta", "clinical_open"))
    orders = [[row["item"] for row in csv.DictReader(t.splitlines())] for t in texts]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1])
    assert " =1+1" in texts[0]  # a spreadsheet would run it
    assert ",=1+1" not in texts[0]
    key = json.loads((tmp_path / "s" / "key.json").read_text())
    assert {i["model"] for i in key["items"].values()} == {"alpha", "beta"}


def test_agreement_of_raters_and_judge(tmp_path: Path) -> None:
    path = run(tmp_path, "alpha")
    igaku.judge(
        path,
        Replay(lambda r: "\n".join(f"{i}: {'はい' if i == '1' else 'いいえ'}" for i in points(r.prompt)), name="j"),
        votes=1,
    )
    one, two = export_sheets([path], tmp_path / "s")
    fill(one, lambda row: "1" if row["point"] == "1" else "0")
    fill(two, lambda row: "○" if row["point"] in ("1", "2") else "×")
    got = read_sheets(tmp_path / "s")
    raters, judge = got.agreement
    n = 2 * sum(len(q.key.points) for q in igaku.load_benchmark("clinical_open").load("ja")[:3])
    assert raters.alpha == pytest.approx(1 - (6 / n) / (2 * 9 * (n - 9) / (n * (n - 1))))  # 3 differ, 9 yes of n
    assert judge.alpha == 1.0  # where the two differ there is no majority
    scores = {s.by: s.score for s in got.scores}
    assert scores["sheet-1"] == scores["judge j"] < scores["sheet-2"]


def test_blank_marks_are_counted_and_left_out(tmp_path: Path) -> None:
    one, two = export_sheets([run(tmp_path, "alpha")], tmp_path / "s")
    fill(one, lambda row: "" if row["item"] == "R001" else "はい")
    fill(two, "0")
    got = read_sheets(tmp_path / "s")
    with one.open(encoding="utf-8-sig", newline="") as file:
        assert got.missing == sum(row["item"] == "R001" for row in csv.DictReader(file))
    assert {s.by: s.rated for s in got.scores} == {"sheet-1": 2, "sheet-2": 3}


@pytest.mark.parametrize(
    ("mark", "told"), [("多分", r"sheet-1.csv, line \d+: .* must be 1 or 0"), ("", "no sheet here has a mark yet")]
)
def test_bad_sheets(tmp_path: Path, mark: str, told: str) -> None:
    one, _ = export_sheets([run(tmp_path, "alpha")], tmp_path / "s")
    fill(one, mark)
    with pytest.raises(IgakuError, match=told):
        read_sheets(tmp_path / "s")


def test_full_width_marks_and_damaged_keys(tmp_path: Path) -> None:
    one, two = export_sheets([run(tmp_path, "alpha")], tmp_path / "s")
    fill(one, "１")
    fill(two, "０")
    assert read_sheets(tmp_path / "s").agreement[0].same == 0.0
    for damaged in ('{"items": []}', '{"items": {"R001": {"run": "x"}}}', "[]", "{"):
        (tmp_path / "s" / "key.json").write_text(damaged)
        with pytest.raises(IgakuError, match=r"key\.json"):
            read_sheets(tmp_path / "s")


def test_nothing_filled_in_is_lost(tmp_path: Path) -> None:
    path = run(tmp_path, "alpha")
    export_sheets([path], tmp_path / "s")
    with pytest.raises(IgakuError, match="may be filled in"):
        export_sheets([path], tmp_path / "s")
    with pytest.raises(IgakuError, match=r"no key\.json"):
        read_sheets(tmp_path)


def strict(prompt: str) -> str:
    """A judge that finds only the first point met."""
    return "\n".join(f"{i}: {'はい' if i == '1' else 'いいえ'}" for i in points(prompt))


def test_a_judge_has_sensitivity_and_specificity_with_intervals(tmp_path: Path) -> None:
    path = run(tmp_path, "alpha")
    igaku.judge(path, Replay(lambda r: strict(r.prompt), name="j"), votes=1)
    for sheet in export_sheets([path], tmp_path / "s"):
        fill(sheet, lambda row: "1" if row["point"] in ("1", "2") else "0")
    got = read_sheets(tmp_path / "s")
    everything = got.rates[0]
    assert (everything.category, everything.met, everything.sensitivity, everything.specificity) == ("all", 6, 0.5, 1.0)
    low, high = everything.specificity_ci95 or (0, 0)
    assert low < 1 and high == 1
    assert {r.category for r in got.rates} >= {"all", "wanted points", "harmful points"}
    assert got.agreement[0].alpha == 1.0
    judge = got.agreement[1]
    assert judge.alpha_ci95 is not None and judge.alpha_ci95[0] <= (judge.alpha or 0) <= judge.alpha_ci95[1]


def test_a_few_marks_of_people_correct_a_strict_judge(tmp_path: Path) -> None:
    """People mark 6 of 18 answers and find two points met; the judge, which always finds one, is moved up."""
    igaku.evaluate(Replay(lambda _: "答案", name="m"), "clinical_open", lang="ja", out=tmp_path / "m")
    igaku.judge(tmp_path / "m", Replay(lambda r: strict(r.prompt), name="j"), votes=1)
    (sheet,) = export_sheets([tmp_path / "m"], tmp_path / "s", raters=1)
    marked = {f"R{n:03d}" for n in range(1, 7)}
    fill(sheet, lambda row: ("1" if row["point"] in ("1", "2") else "0") if row["item"] in marked else "")
    (got,) = read_sheets(tmp_path / "s").corrected
    assert (got.marked, got.judged) == (6, 18)
    assert got.score is not None and got.ci95 is not None and got.by_people is not None
    assert got.by_judge < got.score and got.ci95[0] < got.score < got.ci95[1]


def test_too_few_marks_correct_nothing(tmp_path: Path) -> None:
    path = run(tmp_path, "alpha")
    igaku.judge(path, Replay(lambda r: strict(r.prompt), name="j"), votes=1)
    for sheet in export_sheets([path], tmp_path / "s"):
        fill(sheet, "1")
    report = read_sheets(tmp_path / "s")
    assert report.corrected[0].score is None
    assert "needs 5 of them" in report.notes()[-1]
