"""SHA-256 of files: read once, read again when anything about them changed, several at a time."""

import hashlib
import os
import threading
from pathlib import Path

import pytest

from igaku.io import hashing
from igaku.io.hashing import file_sha256, files_sha256


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Names of the files whose bytes were read."""
    names: list[str] = []
    plain = hashing._sha256

    def counted(path: Path) -> str:
        names.append(path.name)
        return plain(path)

    monkeypatch.setattr(hashing, "_sha256", counted)
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    return names


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_file_is_read_once(tmp_path: Path, read: list[str]) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    assert file_sha256(file) == file_sha256(file) == sha256(b"one")
    assert read == ["weights"]


def test_other_bytes_of_the_same_size_and_time_are_noticed(tmp_path: Path, read: list[str]) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    before = file.stat()
    assert file_sha256(file) == sha256(b"one")
    file.write_bytes(b"two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    assert file_sha256(file) == sha256(b"two")


def test_another_file_moved_to_its_name_is_noticed(tmp_path: Path, read: list[str]) -> None:
    file, other = tmp_path / "weights", tmp_path / "other"
    for path, data in ((file, b"one"), (other, b"two")):
        path.write_bytes(data)
        os.utime(path, ns=(1, 1))
    file_sha256(file)
    other.replace(file)
    assert file_sha256(file) == sha256(b"two")


def test_it_is_read_again_where_that_is_wanted(
    tmp_path: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    file_sha256(file)
    monkeypatch.setenv("IGAKU_REHASH", "1")
    file_sha256(file)
    assert read == ["weights"] * 2


def test_a_file_that_changes_while_it_is_read_is_not_remembered(
    tmp_path: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    plain = hashing._sha256

    def changing(path: Path) -> str:
        found = plain(path)
        path.write_bytes(b"longer")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(hashing, "_sha256", changing)
        file_sha256(file)
    assert file_sha256(file) == sha256(b"longer")


def test_several_files_are_read_at_the_same_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path / "cache"))
    files = [tmp_path / f"part-{i}" for i in range(4)]
    for file in files:
        file.write_bytes(file.name.encode())
    together = threading.Barrier(4, timeout=20)

    def waiting(path: Path) -> str:
        together.wait()
        return sha256(path.read_bytes())

    monkeypatch.setattr(hashing, "_sha256", waiting)
    assert files_sha256(files) == {str(f): sha256(f.name.encode()) for f in files}


def test_a_damaged_book_is_begun_anew(tmp_path: Path, read: list[str]) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    file_sha256(file)
    (tmp_path / "cache" / "sha256.json").write_text('["not", "a book"]')
    assert file_sha256(file) == sha256(b"one")
    assert len(read) == 2
