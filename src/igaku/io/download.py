"""Benchmark files from upstream: verified by size and SHA-256, resumed where they broke off, one line when offline.

``upstream.json`` beside this file lists, for each file, where it is and what it must be; it was written by
``scripts/upstream.py`` from verified copies. Hub sets (JMedBench) are read through the hub's row service, with
the user's token (``HF_TOKEN``) where one is set.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igaku.errors import IgakuError, missing_extra
from igaku.io.files import open_output, open_text
from igaku.io.hosts import host_of, is_this_machine, is_within
from igaku.io.locks import writes
from igaku.io.within import chunks_within, within

if TYPE_CHECKING:
    from types import ModuleType


HUB = "https://datasets-server.huggingface.co"
HUB_HOSTS = ("huggingface.co", "hf.co")
PAGE = 90.0
"""Seconds for one page of rows, however often a byte comes."""


@writes("target", beside=True)
def download(url: str, target: Path, bytes: int, sha256: str) -> None:
    """One file, continued from a ``.partial`` one, which gets its name only when size and SHA-256 are right."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".partial")
    start = unfinished.stat().st_size if unfinished.exists() else 0
    if start < bytes:
        try:
            _append(unfinished, _stream(url, start, bytes), bytes)
        except ChangedError:
            unfinished.unlink()
            raise
    with unfinished.open("rb") as done:
        found = hashlib.file_digest(done, "sha256").hexdigest()
    size = unfinished.stat().st_size
    if size != bytes or found != sha256:
        unfinished.unlink()
        sums = "differs" if size == bytes else "not compared"
        raise _other(url, bytes, f"{size:,}" if size <= bytes else f"more than {bytes:,}", f"; SHA-256 {sums}")
    unfinished.replace(target)


class ChangedError(IgakuError):
    """What upstream has is not the file that igaku knows."""


def _append(file: Path, chunks: Iterator["bytes | None"], most: int) -> None:
    """Write chunks behind what a file holds, until it holds more than it should."""
    with open_output(file, "ab") as out:
        for chunk in chunks:
            if chunk is None:  # the server does not continue: from the beginning
                out.truncate(0)
                continue
            out.write(chunk)
            if out.tell() > most:
                return


def _other(url: str, wanted: int, got: str, sums: str = "") -> ChangedError:
    return ChangedError(
        f"{url}: not the file igaku knows (expected {wanted:,} bytes, got {got}{sums}); "
        "upstream may have changed: download it by hand into IGAKU_DATA if you trust it"
    )


def _stream(url: str, start: int, size: int) -> Iterator["bytes | None"]:
    """The body from a byte on; first None where the server sends it from the beginning.

    Raises:
        IgakuError: another status, another length than the known one (nothing is then read), too slow, or no network.
    """
    httpx = _httpx()
    try:
        yield from chunks_within(_body(url, start, size))
    except TimeoutError as error:
        raise IgakuError(f"{url}: too slow ({error}); the same command continues") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = f"{type(error).__name__}: {error}"
        raise IgakuError(f"{url}: cannot be downloaded ({why}); are you online? the same command continues") from None


def _body(url: str, start: int, size: int) -> Iterator["bytes | None"]:
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    more = {"headers": headers, "follow_redirects": True, "timeout": 60, "trust_env": uses_proxy(url)}
    with _httpx().stream("GET", url, **more) as response:
        status, length = response.status_code, response.headers.get("Content-Length", "")
        if status not in (200, 206):
            raise IgakuError(f"{url}: the server answered {status}; try again later or download it by hand")
        begins = start if status == 206 else 0
        encoded = response.headers.get("Content-Encoding", "identity") != "identity"
        if length.isdecimal() and not encoded and begins + int(length) != size:
            raise _other(url, size, f"{begins + int(length):,}")
        if start and status == 200:
            yield None
        yield from response.iter_bytes()


def uses_proxy(url: str) -> bool:
    """Whether the user's proxy is asked: never for this machine, whether or not ``NO_PROXY`` names it."""
    return not is_this_machine(host_of(url))


@writes("target", goes_on=False, beside=True)
def download_rows(dataset: str, config: str, target: Path) -> None:
    """All rows of one configuration of a hub data set, as JSON Lines; the file is there when it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial_file = target.with_name(target.name + ".partial")
    with open_text(partial_file) as file:
        for row in _rows(dataset, config):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    partial_file.replace(target)


def _rows(dataset: str, config: str) -> Iterator[dict[str, Any]]:
    httpx = _httpx()
    base = os.environ.get("IGAKU_HUB_ROWS", HUB).rstrip("/")
    token = _token() if _is_hub(base) else ""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    proxied = uses_proxy(base)
    offset, total = 0, 1
    while offset < total:
        query = {"dataset": dataset, "config": config, "split": "test", "offset": offset, "length": 100}
        try:
            response = within(
                PAGE, partial(httpx.get, f"{base}/rows", params=query, headers=headers, timeout=60, trust_env=proxied)
            )
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            why = f"{type(error).__name__}: {error}"
            raise IgakuError(f"{dataset}: cannot be downloaded ({why}); are you online?") from None
        if response.status_code in (401, 403):
            raise IgakuError(f"{dataset}: gated; accept its terms on its hub page and set HF_TOKEN to your token")
        if response.status_code != 200:
            raise IgakuError(f"{dataset}, {config}: the hub answered {response.status_code}; try again later")
        if token and token in response.text:
            raise IgakuError(f"{base} repeats your token in its answer; nothing of it was written")
        total, rows = _page(response.text, f"{dataset}, {config}")
        if not rows:
            raise IgakuError(f"{dataset}, {config}: the hub gave no rows at {offset} of {total}")
        yield from rows
        offset += len(rows)


def _page(text: str, where: str) -> tuple[int, list[dict[str, Any]]]:
    """How many rows there are, and those of one page."""
    try:
        page = json.loads(text)
        return int(page["num_rows_total"]), [dict(r["row"]) for r in page["rows"]]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise IgakuError(f"{where}: no rows in the hub's answer ({type(error).__name__}); try again later") from None


def _is_hub(base: str) -> bool:
    """Whether the user's hub token may go there: to the hub itself, encrypted, and to this machine."""
    host = host_of(base)
    return is_this_machine(host) or (base.lower().startswith("https://") and is_within(host, HUB_HOSTS))


def _token() -> str:
    """The user's hub token: ``HF_TOKEN``, else the file that the hub's own login wrote."""
    if given := os.environ.get("HF_TOKEN"):
        return given
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    try:
        return (home / "token").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _httpx() -> "ModuleType":
    try:
        import httpx
    except ImportError:
        raise missing_extra("httpx", "data") from None
    return httpx
