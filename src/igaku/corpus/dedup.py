"""Take out what is there twice: the same text, nearly the same text, and (asked for) the same content in other words.

Near duplicates in three passes, memory bounded by the index: signatures of all documents (MinHash of their own character runs) go to a scratch file; bands of
them that are equal make candidates; a candidate is dropped where its text and that of an earlier document that stays are alike by their longest common
subsequence. So the signature only proposes: its threshold is loose, and a half-quoted passage is not taken for a copy. Signatures come from rensa, which makes
them a hundred times as fast as datasketch; its own index answers yes or no and cannot say of which document, so the bands are compared here.
"""

import hashlib
import mmap
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from igaku.corpus.documents import Document, files_of, line_of, read_documents
from igaku.corpus.manifest import PARTIAL, SAMPLES, Manifest, Sample, started
from igaku.corpus.overlap import bare, runs_of
from igaku.corpus.steps import chunks_of, done_before, finished, spread
from igaku.errors import IgakuError, optional

ALIKE = 0.75
"""Share of two texts that is common (rapidfuzz's Indel similarity of bare text) from which the later one is dropped; of a copy with a fifth of
its characters changed about 0.8 is."""
ROWS, BANDS = 2, 64
"""128 hashes. Copies with a fifth of their characters changed one by one share a fifth of their runs and meet in some band with 93 %."""
RUN = 5
"""Characters of a run."""
PROPOSED = 0.1
"""Share of equal hashes from which texts are compared."""
GROUP = 8
"""Members of a band up to which all pairs are candidates; beyond, each with the first few and its neighbours: such a band is a common phrase."""


def dedup(
    inputs: Iterable[str | Path],
    out: str | Path,
    *,
    alike: float = ALIKE,
    exact: bool = False,
    semantic: "str | Path | None" = None,
    epsilon: float = 0.05,
    workers: str | int = 1,
) -> Manifest:
    """Write each text once; of those that are alike, the first.

    Args:
        alike: see ``ALIKE``; only exact copies where ``exact``.
        semantic: an encoder (a folder for transformers), to drop also what says the same (``igaku.corpus.semantic``): cosine above ``1 - epsilon``.

    Raises:
        IgakuError: as steps do.
    """
    if not 0.3 <= alike <= 1:
        raise IgakuError(f"--alike {alike}: from 0.3 (hardly anything in common) to 1 (the same)")
    files, out = files_of(Path(p) for p in inputs), Path(out)
    settings: dict[str, Any] = {
        "alike": 1.0 if exact else alike,
        "semantic": str(semantic or ""),
        **({"epsilon": epsilon} if semantic else {}),
    }
    manifest = started("dedup", files, settings)
    if before := done_before(out, manifest):
        return before
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix="scratch-") as scratch:
        fates = _fates(files, Path(scratch), 1.0 if exact else alike, workers)
    if semantic:
        from igaku.corpus.semantic import alike_in_content

        left = [i for i in range(len(fates)) if fates[i] < 0]
        texts = [d.text for i, d in enumerate(read_documents(files)) if fates[i] < 0]
        for late, early in alike_in_content(texts, semantic, epsilon).items():
            fates[left[late]] = -2 - left[early]
    _write(out, files, manifest, fates)
    return finished(out, manifest)


def _fates(files: list[Path], scratch: Path, alike: float, workers: str | int) -> Any:
    """For each document -1 (it stays), or the earlier one that it copies: ``2 i`` exactly, ``2 i + 1`` nearly."""
    import numpy as np

    signatures = _signatures(files, scratch, alike < 1, workers)
    first: dict[int, int] = {}
    fates = np.full(len(signatures.exact), -1, np.int64)
    for i, value in enumerate(signatures.exact.tolist()):
        if (kept := first.setdefault(value, i)) != i:
            fates[i] = 2 * kept
    if alike < 1 and len(signatures.exact):
        _near(signatures, fates, alike)
    return fates


class Signatures(NamedTuple):
    """What is kept of each document until the candidates are compared."""

    exact: Any
    """[n] uint64, a hash of its bare text."""
    hashes: Any
    """[n, ROWS * BANDS] uint32, on disk; a text too short for one run has ones of its own."""
    starts: Any
    """[n + 1] where its bare text begins."""
    texts: Path


def _signatures(files: list[Path], scratch: Path, near: bool, workers: str | int) -> Signatures:
    import numpy as np

    exact, lengths = [], []
    with (scratch / "hashes").open("wb") as hashes, (scratch / "texts").open("wb") as texts:
        for _, (values, matrix, plain) in spread(_Signing(near), chunks_of(read_documents(files)), workers):
            exact.append(values)
            if near:
                hashes.write(matrix.tobytes())
                texts.write(b"".join(plain))
                lengths += [len(p) for p in plain]
    values = np.concatenate(exact) if exact else np.empty(0, np.uint64)
    shape = (len(values), ROWS * BANDS)
    stored = np.memmap(scratch / "hashes", np.uint32, "r", shape=shape) if near and len(values) else np.empty((0, 0))
    return Signatures(values, stored, np.cumsum([0, *lengths]), scratch / "texts")


class _Signing:
    """Bare texts, their hashes and their MinHash signatures."""

    def __init__(self, near: bool) -> None:
        self._near = near
        optional("rensa", "corpus")

    def __call__(self, chunk: list[Document]) -> tuple[Any, Any, list[bytes]]:
        import numpy as np
        from rensa import RMinHash

        plain = [bare(d.text) or d.text for d in chunk]
        encoded = [p.encode("utf-8", "surrogatepass") for p in plain]
        exact = np.array(
            [int.from_bytes(hashlib.blake2b(e, digest_size=8).digest(), "little") for e in encoded], np.uint64
        )
        if not self._near:
            return exact, None, []
        runs = [np.unique(runs_of(p, RUN)) for p in plain]
        runs = [r if len(r) else exact[i : i + 1] for i, r in enumerate(runs)]
        offsets = np.cumsum([0, *map(len, runs)]).astype(np.uint64)
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(
            np.concatenate(runs), offsets, ROWS * BANDS, 42
        ).to_rows()
        return exact, np.array(matrix, np.uint32), encoded


def _near(signatures: Signatures, fates: Any, alike: float) -> None:
    """Set the fates of near copies: for each document, in order, the first earlier one that stays and is like it."""
    from rapidfuzz.distance import Indel

    unique = (fates < 0).nonzero()[0]
    starts = signatures.starts
    with signatures.texts.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:

        def text(i: int) -> str:
            return data[starts[i] : starts[i + 1]].decode("utf-8", "surrogatepass")

        late, mine = -1, ""
        for i, j in _candidates(signatures.hashes, unique):
            if fates[i] >= 0 or fates[j] >= 0:
                continue
            if j != late:
                late, mine = j, text(j)
            if Indel.normalized_similarity(text(i), mine, score_cutoff=alike) >= alike:
                fates[j] = 2 * i + 1


def _candidates(hashes: Any, unique: Any) -> Iterator[tuple[int, int]]:
    """Pairs (earlier, later) that meet in a band and share enough hashes, by the later and then the earlier."""
    import numpy as np

    n = len(unique)
    kept = [np.empty(0, np.uint64)]
    for band in range(BANDS):
        rows = np.ascontiguousarray(hashes[:, band * ROWS : (band + 1) * ROWS][unique])
        for some in _met(rows.view(np.uint64).ravel(), n):
            kept.append(_enough(some, hashes, unique, n))
        if band % 16 == 15:
            kept = [np.unique(np.concatenate(kept))]
    for code in kept[0].tolist():
        yield int(unique[code % n]), int(unique[code // n])


def _met(keys: Any, n: int) -> Iterator[Any]:
    """Pairs of places with one key, each as ``later * n + earlier``, some at a time."""
    import numpy as np

    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    begins = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    sizes = np.diff(np.append(begins, n))
    place = np.arange(n) - np.repeat(begins, sizes)
    size = np.repeat(sizes, sizes)
    for back in range(1, GROUP):
        at = np.flatnonzero((place >= back) & ((size <= GROUP) | (back <= 2)))
        yield order[at].astype(np.uint64) * np.uint64(n) + order[at - back].astype(np.uint64)
    large = np.flatnonzero((size > GROUP) & (place > 2))
    for lead in range(2):
        head = np.repeat(begins, sizes)[large] + lead
        yield order[large].astype(np.uint64) * np.uint64(n) + order[head].astype(np.uint64)


def _enough(codes: Any, hashes: Any, unique: Any, n: int) -> Any:
    """Those pairs that share enough hashes."""
    import numpy as np

    kept = [np.empty(0, np.uint64)]
    for at in range(0, len(codes), 50_000):
        some = codes[at : at + 50_000]
        late, early = unique[(some // np.uint64(n)).astype(np.int64)], unique[(some % np.uint64(n)).astype(np.int64)]
        # a quarter of the hashes rules out most pairs at a quarter of the reading
        near = (hashes[late, :32] == hashes[early, :32]).sum(axis=1) >= 1
        some, late, early = some[near], late[near], early[near]
        kept.append(some[(hashes[late] == hashes[early]).mean(axis=1) >= PROPOSED])
    return np.concatenate(kept)


def _write(out: Path, files: list[Path], manifest: Manifest, fates: Any) -> None:
    ids: dict[int, str] = {}
    wanted = {_earlier(f)[0] for f in fates.tolist() if f != -1}
    reasons = dict.fromkeys(("exact copy", "near copy", "says the same"), 0)
    with (out / PARTIAL).open("wb") as file:
        for i, document in enumerate(read_documents(files)):
            manifest.read += 1
            manifest.characters_read += len(document.text)
            if i in wanted:
                ids[i] = document.id
            if (fate := int(fates[i])) == -1:
                file.write(line_of(document))
                manifest.kept += 1
                manifest.characters_kept += len(document.text)
                continue
            earlier, reason = _earlier(fate)
            reasons[reason] += 1
            if reasons[reason] <= SAMPLES:
                manifest.samples.append(Sample(document.id, reason, f"of {ids[earlier]}", document.text[:300]))
    manifest.dropped = {r: n for r, n in reasons.items() if n}


def _earlier(fate: int) -> tuple[int, str]:
    if fate < -1:
        return -2 - fate, "says the same"
    return fate // 2, "near copy" if fate % 2 else "exact copy"
