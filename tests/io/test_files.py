"""Files are written whole, and a disk that takes no more names the file."""

import errno
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from igaku.cli.commands import file_error
from igaku.errors import IgakuError
from igaku.io.files import open_output, open_text, real, scratch, write_bytes, write_whole

FULL = Path("/dev/full")
LIMITED = """
import sys
from igaku import cli
from igaku.cli import commands
from pathlib import Path
from igaku.io.files import open_output, write_whole
from igaku.io.locks import writing

def run(*given, **more):
    with writing(Path("out")):
        {code}

commands.app = run
cli.main()
"""


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_a_full_disk_names_the_file_also_when_it_is_closed() -> None:
    for opened in (open_output(FULL), open_text(FULL)):
        opened.write("x" if "Text" in type(opened).__name__ else b"x")  # type: ignore[arg-type]
        with pytest.raises(OSError, match="No space") as found:
            opened.close()
        assert found.value.filename == str(FULL)


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("write_whole(Path('out/a.json'), 'x' * 99999)", "out/a.json"),
        ("f = open_output(Path('out/b')); f.write(b'x' * 99999); f.close()", "out/b"),
        ("f = open('out/c', 'wb'); f.write(b'x' * 99999); f.close()", "out"),
        ("print('x' * 99999)", "standard output"),
    ],
)
def test_a_limit_on_sizes_is_one_line_with_the_file(code: str, names: str, tmp_path: Path) -> None:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    with (tmp_path / "printed").open("wb") as printed:
        done = subprocess.run(
            [sys.executable, "-c", LIMITED.format(code=code)],
            stdout=printed,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            preexec_fn=limit,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
            timeout=60,
            check=False,
        )
    expected = "out" if names == "standard output" else names  # inside a lock what has no name is the folder's
    assert done.returncode == 2 and done.stderr.startswith(f"igaku: {expected}: cannot be written (File too large)")
    assert len(done.stderr.splitlines()) == 1 and not list((tmp_path / "out").glob("*.partial"))


def test_of_a_copy_the_file_that_was_written_is_named() -> None:
    error = OSError(errno.ENOSPC, "No space left on device", "source.css", None, "site/style.css")
    assert file_error(error).startswith("site/style.css: cannot be written (No space left on device); free space")
    assert file_error(OSError(errno.EACCES, "Permission denied", "a")).startswith(
        "a: Permission denied; check the path"
    )


def test_the_old_file_stays_where_the_new_one_cannot_be_written(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", "old")
    (tmp_path / "a.partial").mkdir()
    with pytest.raises((IgakuError, OSError)):
        write_bytes(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_text() == "old"


def test_links_in_a_circle_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("other")
    (tmp_path / "other").symlink_to("one")
    for path in (tmp_path / "one", tmp_path / "one" / "inside"):
        with pytest.raises(IgakuError, match="leads in a circle"):
            real(path)
    assert real(tmp_path / "new" / "x") == (tmp_path / "new" / "x").resolve()


def test_a_scratch_folder_that_a_kill_left_is_removed_first(tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    (tmp_path / "scratch" / "old").touch()
    with scratch(tmp_path) as inside:
        assert not list(inside.iterdir())
    assert not list(tmp_path.iterdir())
