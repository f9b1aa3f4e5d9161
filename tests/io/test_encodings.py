"""Texts in other encodings than UTF-8: named for what they are, with the command that converts them."""

from pathlib import Path

import pytest

from igaku.errors import IgakuError
from igaku.io.encodings import guessed
from igaku.io.read import read_lines, read_text
from igaku.io.rows import read_jsonl

TEXT = 'id,stem,a,b,answer\n1,成人の心拍出量の目安はどれか。,少ない,多い,b\n2,"次の文を読め。",甲,乙,a\n'
NAMES = {
    "cp932": "CP932",
    "euc_jp": "EUC-JP",
    "iso2022_jp": "ISO-2022-JP",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16LE",
    "utf-16-be": "UTF-16BE",
    "utf-32": "UTF-32",
}


@pytest.mark.parametrize("codec", NAMES)
def test_a_japanese_text_is_named_by_its_encoding_with_the_right_command(codec: str, tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_bytes(TEXT.encode(codec))
    assert guessed(TEXT.encode(codec)) == NAMES[codec]
    with pytest.raises(IgakuError) as error:
        list(read_lines(tmp_path / "q.csv"))
    line = str(error.value)
    assert f"iconv -f {NAMES[codec]} -t UTF-8" in line and "CSV UTF-8" in line and "Notepad" in line
    assert "\n" not in line and "not UTF-8" in line


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-16"])
def test_utf_16_without_any_japanese_passes_for_utf_8_and_is_still_named(codec: str, tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_bytes('{"id": "1"}\n'.encode(codec))
    with pytest.raises(IgakuError, match=rf"line 1: not UTF-8.*iconv -f {NAMES[codec]} "):
        list(read_jsonl(tmp_path / "q.jsonl"))


@pytest.mark.parametrize("data", [b"caf\xe9,na\xefve\n", b"\x80\xff\xfe\xc0" * 9, b"x\xff"])
def test_bytes_of_no_japanese_encoding_are_given_no_name(data: bytes, tmp_path: Path) -> None:
    assert guessed(data) == ""
    (tmp_path / "q.txt").write_bytes(data)
    with pytest.raises(IgakuError, match=r"not UTF-8 .byte [0-9]+.; convert the file"):
        read_text(tmp_path / "q.txt")


def test_a_text_that_ends_inside_a_character_is_named_all_the_same() -> None:
    assert guessed((TEXT * 900).encode("cp932")) == "CP932" and len((TEXT * 900).encode("cp932")) > 1 << 16
