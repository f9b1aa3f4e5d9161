"""Benchmark files from upstream: verified by size and SHA-256, resumed where they broke off, one line when offline.

``upstream.json`` beside this file lists, for each file, where it is and what it must be; it was written by
``scripts/upstream.py`` from verified copies. Hub sets (JMedBench) are read through the hub's row service, with
the user's token (``HF_TOKEN``) where one is set.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igaku.errors import IgakuError, missing_extra
from igaku.io.files import open_output, open_text
from igaku.io.locks import writes

if TYPE_CHECKING:
    from types import ModuleType


HUB = "https://datasets-server.huggingface.co"


@writes("target", beside=True)
def download(url: str, target: Path, bytes: int, sha256: str) -> None:
    """One file, continued from a ``.partial`` one, which gets its name only when size and SHA-256 are right."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    start = partial.stat().st_size if partial.exists() else 0
    if start < bytes:
        with open_output(partial, "ab") as file:
            for chunk in _stream(url, start):
                if chunk is None:  # the server does not continue: from the beginning
                    file.truncate(0)
                    continue
                file.write(chunk)
    with partial.open("rb") as done:
        found = hashlib.file_digest(done, "sha256").hexdigest()
    size = partial.stat().st_size
    if size != bytes or found != sha256:
        partial.unlink()
        sums = "differs" if size == bytes else "not compared"
        raise IgakuError(
            f"{url}: not the file igaku knows (expected {bytes:,} bytes, got {size:,}; SHA-256 {sums}); "
            "upstream may have changed: download it by hand into IGAKU_DATA if you trust it"
        )
    partial.replace(target)


def _stream(url: str, start: int) -> Iterator["bytes | None"]:
    """The body from a byte on; first None where the server sends it from the beginning."""
    httpx = _httpx()
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    try:
        with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=60) as response:
            if response.status_code not in (200, 206):
                status = response.status_code
                raise IgakuError(f"{url}: the server answered {status}; try again later or download it by hand")
            if start and response.status_code == 200:
                yield None
            yield from response.iter_bytes()
    except httpx.HTTPError as error:
        why = f"{type(error).__name__}: {error}"
        raise IgakuError(f"{url}: cannot be downloaded ({why}); are you online? the same command continues") from None


@writes("target", goes_on=False, beside=True)
def download_rows(dataset: str, config: str, target: Path) -> None:
    """All rows of one configuration of a hub data set, as JSON Lines; the file is there when it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    with open_text(partial) as file:
        for row in _rows(dataset, config):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    partial.replace(target)


def _rows(dataset: str, config: str) -> Iterator[dict[str, Any]]:
    httpx = _httpx()
    token = _token()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    base = os.environ.get("IGAKU_HUB_ROWS", HUB).rstrip("/")
    offset, total = 0, 1
    while offset < total:
        query = {"dataset": dataset, "config": config, "split": "test", "offset": offset, "length": 100}
        try:
            response = httpx.get(f"{base}/rows", params=query, headers=headers, timeout=60)
        except httpx.HTTPError as error:
            why = f"{type(error).__name__}: {error}"
            raise IgakuError(f"{dataset}: cannot be downloaded ({why}); are you online?") from None
        if response.status_code in (401, 403):
            raise IgakuError(f"{dataset}: gated; accept its terms on its hub page and set HF_TOKEN to your token")
        if response.status_code != 200:
            raise IgakuError(f"{dataset}, {config}: the hub answered {response.status_code}; try again later")
        page = response.json()
        total = page["num_rows_total"]
        rows = [r["row"] for r in page["rows"]]
        if not rows:
            raise IgakuError(f"{dataset}, {config}: the hub gave no rows at {offset} of {total}")
        yield from rows
        offset += len(rows)


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
