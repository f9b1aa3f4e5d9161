"""Lines of a large file, read where they lie."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from igaku.errors import IgakuError
from igaku.io import lines
from igaku.io.lines import StoredLines, whole_lines


def write(path: Path, rows: Iterable[tuple[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def stored(path: Path) -> StoredLines[object]:
    def read(line: bytes) -> tuple[str, object]:
        key, value = json.loads(line)
        return key, value

    return StoredLines(path, ((at, len(line), read(line)[0]) for _, at, line in whole_lines(path)), read)


def test_a_line_is_found_by_its_key_and_the_order_is_that_of_the_file(tmp_path: Path) -> None:
    found = stored(write(tmp_path / "f", [("b", 1), ("a", 2), ("ö", 3)]))
    assert dict(found) == {"b": 1, "a": 2, "ö": 3} and list(found) == ["b", "a", "ö"] and len(found) == 3
    assert "a" in found and "c" not in found and found.get("c") is None
    with pytest.raises(KeyError):
        found["c"]


def test_of_two_lines_with_one_key_the_last_counts(tmp_path: Path) -> None:
    found = stored(write(tmp_path / "f", [("a", 1), ("b", 2), ("a", 3), ("a", 4)]))
    assert found["a"] == 4 and len(found) == 2 and list(found.each()) == [("b", 2), ("a", 4)]


def test_two_keys_of_one_hash_stay_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "hash", lambda _: 7, raising=False)
    found = stored(write(tmp_path / "f", [("a", 1), ("b", 2), ("a", 3)]))
    assert (found["a"], found["b"], len(found)) == (3, 2, 2)


def test_more_files_than_may_be_open_are_read_in_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "OPEN_FILES", 2)
    many = [stored(write(tmp_path / f"{k}", [("a", k)])) for k in range(5)]
    assert [one["a"] for one in many + many] == [*range(5), *range(5)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda path: path.write_bytes(b""), "was cut off while it was read"),
        (lambda path: path.write_bytes(b"x" * 100), "was changed while it was read"),
        (lambda path: path.unlink(), "cannot be read any more"),
    ],
)
def test_a_file_that_changes_under_its_reader_is_one_line(tmp_path: Path, change: object, words: str) -> None:
    path = write(tmp_path / "f", [("a", 1)])
    found = stored(path)
    assert callable(change)
    change(path)
    with pytest.raises(IgakuError, match=words):
        found["a"]


def test_another_file_in_its_place_is_one_line(tmp_path: Path) -> None:
    path = write(tmp_path / "f", [("a", 1)])
    found = stored(path)
    write(tmp_path / "g", [("a", 2)]).replace(path)
    with pytest.raises(IgakuError, match="was replaced while it was read"):
        found["a"]
