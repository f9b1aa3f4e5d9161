"""Pictures of questions: which are here, in their order, wherever they lie."""

from collections import Counter
from pathlib import Path

import pytest

from igaku import load_benchmark
from igaku.benchmarks.pictures import here, listed, numbered
from igaku.benchmarks.upstream import upstream
from igaku.training.gate import is_available


@pytest.fixture
def two_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The user's data folder, and the cache that ``igaku data get`` fills."""
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path / "mine"))
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    folders = tmp_path / "mine" / "exam" / "images", tmp_path / "cache" / "data" / "exam" / "images"
    for folder in folders:
        folder.mkdir(parents=True)
    return folders


def test_a_questions_pictures_are_ordered_by_number_over_all_data_folders(two_folders: tuple[Path, Path]) -> None:
    mine, cache = two_folders
    for name in ("1A7-10.png", "1A7-2.PNG", "1A70.jpg", "notes.txt", "1A7-x.png"):
        (mine / name).write_bytes(b"m")
    for name in ("1A7-1.png", "1A7-10.png"):
        (cache / name).write_bytes(b"c")
    found = numbered("exam/images/")
    assert found["1A7"] == (str(cache / "1A7-1.png"), str(mine / "1A7-2.PNG"), str(mine / "1A7-10.png"))
    assert found["1A70"] == (str(mine / "1A70.jpg"),)
    assert "notes" not in found


def test_named_pictures_stay_in_the_order_of_the_file_and_in_its_folder(two_folders: tuple[Path, Path]) -> None:
    mine, cache = two_folders
    (mine / "b.png").write_bytes(b"m")
    (cache / "a.png").write_bytes(b"c")
    (mine.parent / "secret.png").write_bytes(b"s")
    assert here("exam/images/", ["b.png", "none.png", "a.png"]) == (str(mine / "b.png"), str(cache / "a.png"))
    assert here("exam/images/", ["../secret.png"]) == ()


def test_upstreams_pictures_of_the_119th_are_listed_with_their_sizes_at_one_commit() -> None:
    files = listed("igakuqa119/images/")
    questions = Counter(Path(f).stem.partition("-")[0] for f in files)
    assert (len(files), len(questions)) == (150, 102)
    assert (questions["119C42"], questions["119A23"], questions["119B9"]) == (5, 2, 1)
    assert questions["119C67"] == 1 and "119C15" not in questions and "119C22" not in questions
    rows = upstream()
    assert all("IgakuQA119/2d94239/images/" in rows[f]["url"] and rows[f]["bytes"] > 100_000 for f in files)
    assert set(files) <= set(load_benchmark("igakuqa119").files("ja"))
    linked = {rows[f"igakuqa119/images/119F{n}-1.png"]["sha256"] for n in (72, 73, 74)}
    assert len(linked) == 1 and len({rows[f]["sha256"] for f in files}) == 142


@pytest.mark.parametrize("name", ["igakuqa119", "jmle2026"])
def test_an_exam_without_its_pictures_is_here_all_the_same_and_guarded(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    bench = load_benchmark(name)
    assert not is_available(name)
    for file in bench.question_files("ja"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("[]")
    assert is_available(name) and len(bench.files("ja")) - len(bench.question_files("ja")) == len(
        [f for f in upstream() if f.startswith(f"{name}/images/")]
    )


@pytest.mark.data
def test_the_119th_has_the_pictures_that_are_here_and_101_of_its_103_questions_can_have_theirs() -> None:
    questions = {q.id: q for q in load_benchmark("igakuqa119").load()}
    needing = {name for name, q in questions.items() if not q.text_only}
    has_one = {Path(f).stem.partition("-")[0] for f in listed("igakuqa119/images/")}
    assert (len(needing), len(needing & has_one), has_one - needing) == (103, 101, {"119C67"})
    known = load_benchmark("igakuqa119").picture_names("ja")
    assert known["119A23"] == ("119A23-1.png", "119A23-2.png") and sum(map(len, known.values())) == 150
    for name, q in questions.items():
        names = [Path(i).name for i in q.images]
        wanted = [Path(f).name for f in listed("igakuqa119/images/") if Path(f).stem.partition("-")[0] == name]
        assert names == [n for n in sorted(wanted) if n in names]
    if len(here("igakuqa119/images/", map(str, listed("igakuqa119/images/")))) == 56:  # the part that is handed on
        assert sum(bool(q.images) for q in questions.values()) == 37
        assert [Path(i).name for i in questions["119C42"].images] == [f"119C42-{n}.png" for n in range(1, 6)]
