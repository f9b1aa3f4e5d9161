"""Files of others at the boundary: whatever is wrong with one is a line that names it, the place and what to do."""

import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import Struct

from igaku.errors import IgakuError
from igaku.io.archive import is_archive, member_names, read_members
from igaku.io.json_values import decode, decode_lines, json_rows, read_json, read_object
from igaku.io.limits import LIMITS, limit
from igaku.io.read import read_lines, read_text
from igaku.io.rows import read_csv, read_jsonl
from igaku.io.toml import parse_toml, read_toml
from igaku.io.yaml_files import read_yaml


class Row(Struct):
    name: str
    size: int = 0


def refused(read: Callable[[Path], object], path: Path, content: bytes | str) -> str:
    """The one line for a file, whatever reads it."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(IgakuError) as error:
        found = read(path)
        list(found) if hasattr(found, "__next__") else None
    line = str(error.value)
    assert line.startswith(str(path)) and "\n" not in line and len(line) < 600
    return line.removeprefix(str(path))


READERS: dict[str, Callable[[Path], object]] = {
    "text": read_text,
    "lines": read_lines,
    "json": read_json,
    "jsonl": read_jsonl,
    "csv": read_csv,
    "toml": read_toml,
    "struct": lambda p: decode(p, Row, "a row"),
    "structs": lambda p: decode_lines(p, Row, "a row"),
}


@pytest.mark.parametrize("name", READERS)
def test_a_byte_that_is_no_utf8_is_named_with_its_line(name: str, tmp_path: Path) -> None:
    line = refused(READERS[name], tmp_path / "a", b'{"name": "x"}\n{"name": "\xff"}\n')
    assert "line 2" in line or name in ("struct",)
    assert ("not UTF-8" in line and "convert the file" in line) or "restore the file" in line


@pytest.mark.parametrize("name", READERS)
def test_a_folder_a_pipe_and_a_missing_file_are_told_from_a_file(name: str, tmp_path: Path) -> None:
    def why(path: Path) -> str:
        with pytest.raises(IgakuError) as error:
            found = READERS[name](path)
            list(found) if hasattr(found, "__next__") else None
        return str(error.value)

    os.mkfifo(tmp_path / "pipe")
    assert "is a folder; give a file" in why(tmp_path)
    assert "is a pipe or a device" in why(tmp_path / "pipe")
    assert "cannot be read (No such file or directory)" in why(tmp_path / "gone")
    assert "cannot be read" in why(tmp_path / "a\0b")


@pytest.mark.parametrize("deep", [250, 1_100, 100_000])
@pytest.mark.parametrize("name", ["json", "jsonl", "structs", "toml"])
def test_what_is_nested_too_deeply_is_one_line(name: str, deep: int, tmp_path: Path) -> None:
    value = "[" * deep + "]" * deep
    text = f"a = {value}" if name == "toml" else f'{{"name": "x", "other": {value}}}'
    if name == "structs" and deep < 1_000:
        return  # a field that nobody reads does no harm
    line = refused(READERS[name], tmp_path / "a", text)
    assert "nested too deeply" in line and ("IGAKU_MAX_DEPTH" in line or name in ("structs", "toml"))


def test_depth_is_counted_and_can_be_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("[" * 200 + "]" * 200)
    assert read_json(tmp_path / "a")
    (tmp_path / "a").write_text("[" * 201 + "]" * 201)
    with pytest.raises(IgakuError, match="limit is 200 levels"):
        read_json(tmp_path / "a")
    monkeypatch.setenv("IGAKU_MAX_DEPTH", "201")
    assert read_json(tmp_path / "a")
    (tmp_path / "flat").write_text(json.dumps([[]] * 5_000))
    assert read_json(tmp_path / "flat") == [[]] * 5_000


@pytest.mark.parametrize("name", ["json", "jsonl", "csv", "toml", "text"])
def test_what_is_too_large_is_refused_unread_with_the_way_to_raise_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limited in LIMITS:
        monkeypatch.setenv(f"IGAKU_MAX_{limited}", "1")
    line = refused(READERS[name], tmp_path / "a", b'{"name": "' + b"x" * (1 << 20) + b'"}')
    assert "igaku's limit is 1 MB" in line and "_MB raises it" in line


@pytest.mark.parametrize("value", ["", "0", "-1", "1.5", "ten", "²", "9" * 12])
def test_a_limit_that_is_no_number_is_one_line(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGAKU_MAX_DEPTH", value)
    with pytest.raises(IgakuError, match=f"IGAKU_MAX_DEPTH={value}: expected a whole number from 1"):
        limit("DEPTH")


def test_half_a_character_is_refused_in_data_and_replaced_in_replies(tmp_path: Path) -> None:
    (tmp_path / "a").write_text('{"a\\udc00": ["x\\ud800", "\\ud83d\\ude00"]}')
    with pytest.raises(IgakuError, match=r"half a character"):
        read_json(tmp_path / "a")
    assert read_json(tmp_path / "a", half="replace") == {"a\ufffd": ["x\ufffd", "😀"]}


def test_a_number_without_bound_is_refused_and_the_largest_is_read(tmp_path: Path) -> None:
    assert "a number of 309 digits" in refused(read_json, tmp_path / "a", "1" * 309)
    (tmp_path / "b").write_text("9" * 308)
    assert float(str(read_json(tmp_path / "b"))) < float("inf")


def test_where_in_a_list_something_else_than_an_object_stands(tmp_path: Path) -> None:
    assert refused(lambda p: json_rows(p, "answer"), tmp_path / "a", '[{"a": 1}, 3]').startswith(", answer 2: expected")
    assert "expected a JSON object, found list" in refused(read_object, tmp_path / "a", "[]")


def test_a_column_that_is_there_twice_is_refused_and_a_long_cell_is_read(tmp_path: Path) -> None:
    assert "column 'id' is there twice" in refused(read_csv, tmp_path / "a.csv", "id,stem,id\n1,s,2\n")
    (tmp_path / "b.csv").write_text(f'id,stem\n1,"{"s" * 300_000}\u2028\r\nmore"\n')
    ((line, row),) = read_csv(tmp_path / "b.csv")
    assert (line, len(row["stem"])) == (3, 300_007)


def test_a_cell_with_a_nul_character_is_refused_since_no_file_has_such_a_name(tmp_path: Path) -> None:
    assert "line 3: field 'path' holds a NUL" in refused(read_csv, tmp_path / "a.csv", "id,path\n1,a\n2,a\0b\n")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_end_anywhere(end: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(f'\ufeff{{"a": "x\u2028y"}}{end}{end}{{"a": 2}}'.encode())
    assert list(read_jsonl(tmp_path / "a")) == [(1, {"a": "x\u2028y"}), (3, {"a": 2})]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: &a {x: *a}", "nested too deeply, or a value inside itself"),
        ("a: " + "[" * 300 + "]" * 300, "nested too deeply"),
        ("a: " + "1:" * 1_000 + "1", "a number of 2001 digits"),
        ("a0: &a0 {k: 1}\n" + "".join(f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}]}}\n" for i in range(1, 40)), "merges"),
        (
            "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9)),
            "alias",
        ),
        ("a: " + "x" * (1 << 20), "limit is 1 MB"),
        ('a: "\\ud800"', "half a character"),
        ("a: !!python/object/apply:os.system [ls]", "not valid YAML"),
    ],
)
def test_yaml_that_would_never_end_or_never_fit_is_one_line(text: str, why: str) -> None:
    with pytest.raises(IgakuError, match=why) as error:
        read_yaml(text, "my.yaml")
    assert str(error.value).startswith("my.yaml") and "\n" not in str(error.value)


def test_yaml_that_is_read_too_slowly_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 10_000, 3))
    monkeypatch.setattr("igaku.io.yaml_files.process_time", lambda: next(clock))
    with pytest.raises(IgakuError, match=r"not read in time; igaku's limit is 10 seconds"):
        read_yaml("a: [1, 2, 3, 4]", "my.yaml")


def archive(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def test_an_archive_is_read_whole_or_refused_whatever_byte_of_it_changes(tmp_path: Path) -> None:
    members = {"a.json": b'{"a": 1}' * 20, "b.json": b"[]"}
    whole, path = archive(members), tmp_path / "a.zip"
    path.write_bytes(whole)
    assert dict(read_members(path, member_names(path))) == members
    outcomes = set()
    for at in range(0, len(whole), 3):
        for changed in (whole[:at], whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]):
            path.write_bytes(changed)
            if is_archive(path):
                try:
                    outcomes.add(dict(read_members(path, member_names(path))) == members)
                except IgakuError as error:
                    outcomes.add(str(error).startswith(str(path)) and "damaged or encrypted" in str(error))
    assert True in outcomes


def test_a_bomb_ends_at_the_limit_of_a_member_and_of_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGAKU_MAX_JSON_MB", "2")
    monkeypatch.setenv("IGAKU_MAX_FILE_MB", "3")
    path = tmp_path / "a.zip"
    path.write_bytes(archive({"one": b"x" * (3 << 20)}))
    with pytest.raises(IgakuError, match=r"member one: unpacked more than 2 MB.*IGAKU_MAX_JSON_MB"):
        list(read_members(path, member_names(path)))
    path.write_bytes(archive({str(n): b"x" * (1 << 20) for n in range(4)}))
    with pytest.raises(IgakuError, match=r"member 3: unpacked more than 0 MB.*IGAKU_MAX_FILE_MB"):
        list(read_members(path, member_names(path)))


@pytest.mark.parametrize("text", ["{} = 1", "[{}]", "x = {{{} = 1}}", '"q" . {} = 1'])
def test_a_key_of_toml_has_a_bounded_number_of_parts(text: str) -> None:
    assert parse_toml(text.format(".".join("a" * 50)), "t.toml", "")
    with pytest.raises(IgakuError, match=r"t\.toml: a key of too many parts.*IGAKU_MAX_DEPTH"):
        parse_toml(text.format(".".join("a" * 60_000)), "t.toml", "")


def test_numbers_and_texts_of_toml_may_hold_any_number_of_dots() -> None:
    parse_toml(f"x = [{', '.join(['0.5'] * 900)}]\ny = '{'. ' * 900}'", "t.toml", "")
