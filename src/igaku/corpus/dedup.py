"""Drop what is there twice: the same text, nearly the same text, and, where wanted, the same content in other words.

Near duplicates in three passes, with memory bounded by the index: signatures of all documents (MinHash of their own
character runs) go to a scratch file; bands of them that are equal make candidates; a candidate is dropped where it adds
nothing to another document that stays (``igaku.corpus.copies``). So the signature only proposes, and its threshold is
loose. Signatures come from rensa, which is a hundred times as fast as datasketch; its own index answers yes or no and
cannot say of which document, so the bands are compared here.
"""

import hashlib
import mmap
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from igaku.corpus.comparing import decide
from igaku.corpus.copies import plain_sentences, same_facts
from igaku.corpus.documents import Document, line_of, read_documents
from igaku.corpus.manifest import PARTIAL, SAMPLES, Manifest, Sample, started
from igaku.corpus.progress import Progress, Say, number_of
from igaku.corpus.runs import runs_of
from igaku.corpus.steps import Step, Workers, run_step
from igaku.corpus.stream import chunks_of, finished, spread
from igaku.engines.base import Engine
from igaku.errors import IgakuError, optional
from igaku.io.files import open_output, scratch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Codes = NDArray[np.uint64]
    Hashes = NDArray[np.uint32]

ALIKE = 0.75
"""Share of two texts that is common (rapidfuzz's Indel similarity) from which the later one may be dropped, if it adds
nothing; in a copy with a fifth of its characters changed it is about 0.8. Of texts of which one holds every sentence
of the other, the longer stays, whatever this is."""
ROWS, BANDS = 2, 64
"""128 hashes. Copies with a fifth of their characters changed one by one share a fifth of their runs, and meet in some
band with 93 %."""
RUN = 5
"""Characters of a run."""
PROPOSED = 0.1
"""Share of equal hashes from which texts are compared."""
GROUP = 8
"""Members of a band up to which all pairs are candidates; beyond, each with the first few and its neighbours: such a
band is a common phrase."""


class Dedup(Step, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of ``dedup``."""

    name: ClassVar[str] = "dedup"
    alike: float = ALIKE
    """Share of two texts that is common from which the later one is dropped if it adds nothing."""
    exact: bool = False
    """Only exact copies (up to width, case, blanks and punctuation)."""
    semantic: str = ""
    """An encoder (a folder for transformers), to drop also what says the same in other words."""
    epsilon: float = 0.05
    """With ``semantic``: a cosine above ``1 - epsilon`` is the same."""

    def __post_init__(self) -> None:
        if not 0.3 <= self.alike <= 1:
            raise IgakuError(f"dedup.alike {self.alike}: expected 0.3 (hardly anything in common) to 1 (the same)")

    def write(self, files: list[Path], out: Path, workers: Workers, engine: Engine | None, say: Say) -> Manifest:
        """Decide on every document, then write those that are kept."""
        alike = 1.0 if self.exact else self.alike
        settings: dict[str, object] = {"alike": alike, "semantic": self.semantic}
        manifest = started("dedup", files, settings | ({"epsilon": self.epsilon} if self.semantic else {}))
        with scratch(out) as folder:
            fates = _fates(files, folder, alike, workers, say)
        if self.semantic:
            _same_content(files, fates, self.semantic, self.epsilon)
        _write(out, files, manifest, fates)
        return finished(out, manifest)


def dedup(
    inputs: Iterable[str | Path],
    out: str | Path,
    *,
    alike: float = ALIKE,
    exact: bool = False,
    semantic: str | Path | None = None,
    epsilon: float = 0.05,
    workers: Workers = 1,
) -> Manifest:
    """Write each text once; of those that are alike, the first.

    Args:
        alike: see ``ALIKE``; only exact copies where ``exact``.
        semantic: an encoder (a folder for transformers), to drop also what says the same in other words
            (``igaku.corpus.semantic``): a cosine above ``1 - epsilon``.

    Raises:
        IgakuError: as of ``run_step``.
    """
    step = Dedup(alike=alike, exact=exact, semantic=str(semantic or ""), epsilon=epsilon)
    return run_step(step, inputs, out, workers=workers)


def _same_content(files: list[Path], fates: "Ints", encoder: str, epsilon: float) -> None:
    """Set the fates of documents that say the same as an earlier one, among those that are still kept."""
    from igaku.corpus.semantic import alike_in_content

    left = [i for i in range(len(fates)) if fates[i] < 0]
    texts = [d.text for i, d in enumerate(read_documents(files)) if fates[i] < 0]
    for late, early in alike_in_content(texts, encoder, epsilon).items():
        if same_facts(texts[late], texts[early]):
            fates[left[late]] = -2 - left[early]


def _fates(files: list[Path], scratch: Path, alike: float, workers: Workers, say: Say) -> "Ints":
    """For each document -1 (it is kept), or the other that it copies: ``2 i`` exactly, ``2 i + 1`` nearly."""
    import numpy as np

    signatures = _signatures(files, scratch, alike < 1, workers, say)
    first: dict[int, int] = {}
    fates = np.full(len(signatures.exact), -1, np.int64)
    for i, value in enumerate(signatures.exact.tolist()):
        if (earlier := first.setdefault(value, i)) != i:
            fates[i] = 2 * earlier
    if alike < 1 and len(signatures.exact):
        _near(signatures, fates, alike, workers, say)
    return fates


class Signatures(NamedTuple):
    """What is stored of each document until the candidates are compared."""

    exact: "Codes"
    """[n] a hash of its sentences, as ``plain_sentences`` gives them."""
    hashes: "Hashes"
    """[n, ROWS * BANDS] on disk; a text too short for one run has hashes of its own."""
    starts: "Ints"
    """[n + 1] where its sentences begin, in bytes."""
    texts: Path


def _signatures(files: list[Path], scratch: Path, near: bool, workers: Workers, say: Say) -> Signatures:
    import numpy as np

    progress = Progress("dedup: documents read", number_of(files), say)
    exact, lengths = [], []
    with open_output(scratch / "hashes") as hashes, open_output(scratch / "texts") as texts:
        for chunk, (values, matrix, plain) in spread(_Signing(near), chunks_of(read_documents(files)), workers):
            progress.add(len(chunk))
            exact.append(values)
            if near:
                hashes.write(matrix.tobytes())
                texts.write(b"".join(plain))
                lengths += [len(p) for p in plain]
    values = np.concatenate(exact) if exact else np.empty(0, np.uint64)
    shape = (len(values), ROWS * BANDS)
    stored = (
        np.memmap(scratch / "hashes", np.uint32, "r", shape=shape)
        if near and len(values)
        else np.empty((0, 0), np.uint32)
    )
    return Signatures(values, stored, np.cumsum([0, *lengths]), scratch / "texts")


class _Signing:
    """Plain sentences, their hashes and their MinHash signatures."""

    def __init__(self, near: bool) -> None:
        self._near = near
        optional("rensa", "corpus")

    def __call__(self, chunk: list[Document]) -> "tuple[Codes, Hashes, list[bytes]]":
        import numpy as np
        from rensa import RMinHash

        plain = [plain_sentences(d.learnt) or d.learnt for d in chunk]
        encoded = [p.encode("utf-8", "surrogatepass") for p in plain]
        exact = np.array([_code(p) for p in plain], np.uint64)
        if not self._near:
            return exact, np.empty((0, 0), np.uint32), []
        runs = [np.unique(runs_of(p.replace("\n", ""), RUN)) for p in plain]
        runs = [r if len(r) else exact[i : i + 1] for i, r in enumerate(runs)]
        offsets = np.cumsum([0, *map(len, runs)]).astype(np.uint64)
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(
            np.concatenate(runs), offsets, ROWS * BANDS, 42
        ).to_rows()
        return exact, np.array(matrix, np.uint32), encoded


_ENDS = re.compile(r"(?<!\d)\n|\n(?!\d)")


def _code(plain: str) -> int:
    """A hash of sentences without their ends, which signs of punctuation decide; two numbers stay two."""
    joined = _ENDS.sub("", plain).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(joined, digest_size=8).digest(), "little")


def _near(signatures: Signatures, fates: "Ints", alike: float, workers: Workers, say: Say) -> None:
    """Set the fates of near copies."""
    unique = (fates < 0).nonzero()[0]
    starts = signatures.starts
    with signatures.texts.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:

        def text(i: int) -> str:
            return data[starts[i] : starts[i + 1]].decode("utf-8", "surrogatepass")

        codes = _candidates(signatures.hashes, unique)
        pairs = ((int(unique[c % len(unique)]), int(unique[c // len(unique)])) for c in codes.tolist())
        decide(pairs, text, fates, alike, workers, Progress("dedup: pairs compared", len(codes), say))


def _candidates(hashes: "Hashes", unique: "Ints") -> "Codes":
    """Pairs that meet in a band and share enough hashes, each as ``later * n + earlier``, in this order."""
    import numpy as np

    n = len(unique)
    codes = [np.empty(0, np.uint64)]
    for band in range(BANDS):
        rows = np.ascontiguousarray(hashes[:, band * ROWS : (band + 1) * ROWS][unique])
        for some in _meeting(rows.view(np.uint64).ravel(), n):
            codes.append(_similar(some, hashes, unique, n))
        if band % 16 == 15:
            codes = [np.unique(np.concatenate(codes))]
    return codes[0]


def _meeting(keys: "Codes", n: int) -> "Iterator[Codes]":
    """Pairs of documents with the same key, each as ``later * n + earlier``, some at a time."""
    import numpy as np

    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    begins = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    sizes = np.diff(np.append(begins, n))
    rank = np.arange(n) - np.repeat(begins, sizes)
    size = np.repeat(sizes, sizes)
    for back in range(1, GROUP):
        at = np.flatnonzero((rank >= back) & ((size <= GROUP) | (back <= 2)))
        yield order[at].astype(np.uint64) * np.uint64(n) + order[at - back].astype(np.uint64)
    large = np.flatnonzero((size > GROUP) & (rank > 2))
    for lead in range(2):
        head = np.repeat(begins, sizes)[large] + lead
        yield order[large].astype(np.uint64) * np.uint64(n) + order[head].astype(np.uint64)


def _similar(codes: "Codes", hashes: "Hashes", unique: "Ints", n: int) -> "Codes":
    """Those pairs that share enough hashes."""
    import numpy as np

    similar = [np.empty(0, np.uint64)]
    for at in range(0, len(codes), 50_000):
        some = codes[at : at + 50_000]
        late, early = unique[(some // np.uint64(n)).astype(np.int64)], unique[(some % np.uint64(n)).astype(np.int64)]
        # a quarter of the hashes rules out most pairs at a quarter of the reading
        near = (hashes[late, :32] == hashes[early, :32]).sum(axis=1) >= 1
        some, late, early = some[near], late[near], early[near]
        similar.append(some[(hashes[late] == hashes[early]).mean(axis=1) >= PROPOSED])
    return np.concatenate(similar)


def _write(out: Path, files: list[Path], manifest: Manifest, fates: "Ints") -> None:
    ids: dict[int, str] = {}
    wanted = {_other(f)[0] for f in fates.tolist() if f != -1}
    reasons = dict.fromkeys(("exact copy", "near copy", "says the same"), 0)
    shown: list[tuple[Document, str, int]] = []
    with open_output(out / PARTIAL) as file:
        for i, document in enumerate(read_documents(files)):
            manifest.read += 1
            manifest.characters_read += len(document.text)
            if i in wanted:
                ids[i] = document.id
            if (fate := int(fates[i])) == -1:
                file.write(line_of(document))
                manifest.retained += 1
                manifest.characters_retained += len(document.text)
                continue
            other, reason = _other(fate)
            reasons[reason] += 1
            if reasons[reason] <= SAMPLES:
                shown.append((document, reason, other))
    manifest.samples += [Sample(d.id, reason, f"of {ids[other]}", d.text[:300]) for d, reason, other in shown]
    manifest.dropped = {r: n for r, n in reasons.items() if n}


def _other(fate: int) -> tuple[int, str]:
    if fate < -1:
        return -2 - fate, "says the same"
    return fate // 2, "near copy" if fate % 2 else "exact copy"
