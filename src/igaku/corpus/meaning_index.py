"""Vectors of exam questions, computed once for an encoder and remembered on disk.

Every piece of a question is compared without the mean of its language: an encoder puts the language of a text into its
vector, and without the means a question lies nearest to its own translation.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from igaku.benchmarks import load_benchmark
from igaku.corpus.encoders import Encoder
from igaku.corpus.pieces import is_wide, letters, pieces
from igaku.corpus.progress import Say
from igaku.errors import optional
from igaku.io.files import write_bytes
from igaku.io.hashing import digest
from igaku.io.paths import cache_dir
from igaku.question import Question

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Halves = NDArray[np.float16]
    Ints = NDArray[np.int64]

SHORTEST = 60.0
"""Letters of a question below which nothing is looked for by meaning: 「正しいのはどれか」 is like everything."""
BLOCK = 1000
"""Pieces that are encoded and stored together."""
OWN, LANGUAGES = "mini", ("ja", "en")
"""Igaku's own exam: its questions give the means of Japanese and English, and what many questions speak of, whatever is
looked for."""


class Sought(NamedTuple):
    """One question to look for."""

    benchmark: str
    language: str
    id: str
    pieces: list[str]


class Index(NamedTuple):
    """The pieces of all questions, one after the other."""

    questions: list[Sought]
    vectors: "Halves"
    """[pieces, d] unit vectors without the mean of their language."""
    weights: "Floats"
    """[pieces] letters."""
    starts: "Ints"
    """[questions + 1] where each one's pieces begin."""
    means: dict[str, "Floats"]


def sought(questions: Iterable[tuple[str, Question]]) -> Iterator[Sought]:
    """Questions long enough to look for; one about a document that it brings along is in that document's words."""
    for name, q in questions:
        parts = [*pieces(q.stem), *pieces("\n".join(q.choices))]
        if not q.documents and sum(map(letters, parts)) >= SHORTEST:
            yield Sought(name, q.lang, q.id, parts)


def index(questions: Iterable[tuple[str, Question]], encoder: Encoder, say: Say = lambda _: None) -> Index:
    """The vectors of questions, by the encoder or as they were stored."""
    np = optional("numpy", "corpus")
    found = list(sought(questions))
    parts = [p for q in found for p in q.pieces]
    groups = [list(g) for _, g in groupby(found, key=lambda q: (q.benchmark, q.language))]
    raw = [encoded([p for q in g for p in q.pieces], encoder, f"{g[0].benchmark} {g[0].language}", say) for g in groups]
    means = _means(encoder, say)
    languages = [q.language for q in found for _ in q.pieces]
    vectors = centred(np.concatenate(raw), languages, parts, means) if parts else np.empty((0, 1), np.float32)
    lengths = [len(q.pieces) for q in found]
    weights = np.array([letters(p) for p in parts], np.float32)
    return Index(found, vectors.astype(np.float16), weights, np.cumsum([0, *lengths]), means)


def centred(vectors: "Floats", languages: Sequence[str], parts: Sequence[str], means: dict[str, "Floats"]) -> "Floats":
    """Unit vectors without the mean of each piece's language; Latin letters are English, whatever stands around."""
    import numpy as np

    shift = np.stack([means[lang if is_wide(p) and lang in means else _of(p)] for lang, p in zip(languages, parts)])
    moved: Floats = vectors - shift
    moved /= np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
    return moved


def _of(part: str) -> str:
    return "ja" if is_wide(part) else "en"


def own_exam() -> list[Sought]:
    """The questions of igaku's own exam in both languages: what everything is measured against."""
    return [q for lang in LANGUAGES for q in sought((OWN, q) for q in load_benchmark(OWN).load(lang))]


def _means(encoder: Encoder, say: Say) -> dict[str, "Floats"]:
    out = {}
    for lang in LANGUAGES:
        parts = [p for q in own_exam() if q.language == lang for p in q.pieces]
        out[lang] = encoded(parts, encoder, f"{OWN} {lang}", say)[[_of(p) == lang for p in parts]].mean(axis=0)
    return out


def encoded(parts: Sequence[str], encoder: Encoder, what: str, say: Say = lambda _: None) -> "Floats":
    """[n, d] vectors; each block is stored under a hash of its texts and of the encoder.

    Args:
        what: for the line that says what is encoded.
    """
    np = optional("numpy", "corpus")
    out, identity = [], encoder.identity
    for at in range(0, len(parts), BLOCK):
        some = list(parts[at : at + BLOCK])
        name = digest("\0".join([identity, *some]).encode("utf-8", "surrogatepass"))
        file = cache_dir() / "meaning" / f"{name}.f16"
        stored = np.frombuffer(file.read_bytes(), np.float16) if file.is_file() else np.empty(0, np.float16)
        if not stored.size or stored.size % len(some):
            say(f"search by meaning: {what}, {at:,} of {len(parts):,} pieces of questions encoded")
            stored = encoder(some).astype(np.float16)
            write_bytes(file, stored.tobytes())
        out.append(stored.reshape(len(some), -1).astype(np.float32))
    every: Floats = np.concatenate(out) if out else np.empty((0, 1), np.float32)
    return every
