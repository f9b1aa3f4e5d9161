"""Mix: a number of tokens of each source, counted by the tokenizer of the model to be trained, in one shuffled file."""

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from msgspec import field
from msgspec.structs import replace

from igaku.corpus.documents import line_of, read_documents
from igaku.corpus.licences import may_mix
from igaku.corpus.manifest import PARTIAL, Manifest, started
from igaku.corpus.progress import Progress, Say, number_of
from igaku.corpus.steps import Step, Workers, run_step
from igaku.corpus.stream import chunks_of, finished
from igaku.engines.base import Engine
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.files import open_output, scratch
from igaku.io.hashing import file_sha256
from igaku.provenance import source_of

REPEATS = 4
"""Times a document may come; more hardly teaches (Muennighoff et al. 2023)."""


class Span(NamedTuple):
    """Where a document lies in the scratch file, and its length in tokens."""

    start: int
    size: int
    tokens: int
    characters: int


class Mix(Step, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of ``mix``."""

    name: ClassVar[str] = "mix"
    tokenizer: str
    """Of the model to be trained: a folder, an embedded model's name or a hub id."""
    weights: dict[str, float] = field(default_factory=dict)
    """Source -> weight; see ``mix``."""
    tokens: int | None = None
    """Tokens of the whole mix; if left out, as many as the scarcest source allows without repeating."""
    block: int = 512
    """Tokens of a training sequence, for the packing statistics."""
    seed: int = 0

    def depends_on(self) -> dict[str, object]:
        """The tokenizer's file, where it is a folder."""
        file = Path(self.tokenizer, "tokenizer.json")
        return {"tokenizer.json": file_sha256(file) if file.is_file() else ""}

    def write(self, files: list[Path], out: Path, workers: Workers, engine: Engine | None, say: Say) -> Manifest:
        """Count tokens into a scratch file, draw, and write in the order drawn."""
        settings: dict[str, Any] = {
            "tokenizer": Path(self.tokenizer).name,
            "weights": self.weights,
            "tokens": self.tokens or "all",
            "block": self.block,
            "seed": self.seed,
        }
        manifest = started("mix", files, settings)
        mixed = {
            s: name for s, name in manifest.licences.items() if not self.weights or {s, source_of(s)} & {*self.weights}
        }
        may_mix(mixed)
        manifest.licences = mixed
        with scratch(out) as folder:
            lines = folder / "lines"
            spans = _counted(files, lines, load_tokenizer(self.tokenizer), manifest, say)
            order = _drawn(spans, _wanted(spans, self.weights, self.tokens), random.Random(self.seed))
            _copy(lines, out / PARTIAL, order, manifest)
        manifest.counts |= packing([span.tokens for _, span in order], self.block)
        return finished(out, manifest)


def mix(
    inputs: Iterable[str | Path],
    out: str | Path,
    *,
    tokenizer: str | Path,
    weights: dict[str, float] | None = None,
    tokens: int | None = None,
    block: int = 512,
    seed: int = 0,
) -> Manifest:
    """Write documents so that each source has its share of the tokens.

    Args:
        tokenizer: of the model to be trained: a folder, an embedded model's name or a hub id.
        weights: source -> weight; a source left out is not in the mix. Without any, all sources are there whole.
            A document's source is its field ``source``, else ``all``.
        tokens: of the whole mix; if left out, as many as the scarcest source allows without repeating.
        block: tokens of a training sequence, for the packing statistics.

    Raises:
        IgakuError: a weight is for no source, a source would have to come more than ``REPEATS`` times, or licences do
            not go together.
    """
    step = Mix(tokenizer=str(tokenizer), weights=weights or {}, tokens=tokens, block=block, seed=seed)
    return run_step(step, inputs, out)


def _copy(lines: Path, target: Path, order: list[tuple[str, Span]], manifest: Manifest) -> None:
    with lines.open("rb") as source, open_output(target) as file:
        for name, span in order:
            source.seek(span.start)
            file.write(source.read(span.size))
            manifest.retained += 1
            manifest.characters_retained += span.characters
            manifest.counts[f"tokens of {name}"] = manifest.counts.get(f"tokens of {name}", 0) + span.tokens


def load_tokenizer(name: str | Path) -> Any:
    """The transformers tokenizer of a folder, embedded model or hub id.

    Raises:
        IgakuError: transformers is not installed, or finds no tokenizer.
    """
    from igaku.engines import tokenizer_files
    from igaku.engines.hf import model_folder

    return tokenizer_files.load_tokenizer(model_folder(str(name)))


def packing(lengths: Iterable[int], block: int) -> dict[str, float]:
    """Sequences of ``block`` tokens that the documents fill when laid end to end, and how many are cut by an edge.

    Training cuts only what is longer than a sequence.
    """
    total = cut = documents = longer = 0
    for n in lengths:
        documents += 1
        longer += n > block
        cut += total // block != (total + n - 1) // block
        total += n
    blocks = -(-total // block)
    return {
        "tokens": total,
        "sequences": blocks,
        "share filled": round(total / (blocks * block), 4) if blocks else 0.0,
        "documents longer than a sequence": longer,
        "documents cut by an edge": cut,
        "documents": documents,
    }


def _counted(files: list[Path], lines: Path, tokenizer: Any, manifest: Manifest, say: Say) -> dict[str, list[Span]]:
    """Source -> spans of its documents in ``lines``, which this writes."""
    spans: dict[str, list[Span]] = {}
    start = 0
    with open_output(lines) as out:
        progress = Progress("mix: documents counted", number_of(files), say)
        for chunk in progress.over(chunks_of(read_documents(files))):
            for d, ids in zip(chunk, tokenizer([d.text for d in chunk], add_special_tokens=False)["input_ids"]):
                n = len(ids) + 1
                line = line_of(replace(d, extra={**d.extra, "tokens": n}))
                out.write(line)
                spans.setdefault(str(d.extra.get("source", "all")), []).append(Span(start, len(line), n, len(d.text)))
                start += len(line)
                manifest.read += 1
                manifest.characters_read += len(d.text)
    if not spans:
        raise IgakuError("nothing to mix: the inputs hold no documents")
    return spans


def _wanted(spans: dict[str, list[Span]], weights: dict[str, float], tokens: int | None) -> dict[str, int]:
    """Tokens of each source."""
    for name in weights:
        if name not in spans:
            raise UnknownNameError("source", name, spans)
    have = {n: sum(s.tokens for s in mine) for n, mine in spans.items()}
    weight = {n: weights.get(n, 0.0) if weights else float(have[n]) for n in spans}
    total = sum(weight.values())
    if total <= 0 or min(weight.values()) < 0:
        raise IgakuError("weights must be 0 or more, and not all 0")
    if tokens is None:
        tokens = int(min(have[n] * total / w for n, w in weight.items() if w))
    wanted = {n: int(tokens * w / total) for n, w in weight.items()}
    for name, n in wanted.items():
        if n > REPEATS * have[name]:
            raise IgakuError(
                f"{name} has {have[name]:,} tokens and would have to give {n:,}, each text more than {REPEATS} times; "
                "lower its weight or the mix's tokens"
            )
    return wanted


def _drawn(spans: dict[str, list[Span]], wanted: dict[str, int], rng: random.Random) -> list[tuple[str, Span]]:
    """Each source's documents in a random order until its tokens are reached, again if more is wanted; all shuffled."""
    drawn: list[tuple[str, Span]] = []
    for name, mine in spans.items():
        left = wanted[name]
        while left > 0:
            for span in rng.sample(mine, len(mine)):
                if left <= 0:
                    break
                drawn.append((name, span))
                left -= span.tokens
    rng.shuffle(drawn)
    return drawn
