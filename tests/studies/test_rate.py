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
