"""Mix: so many tokens of each source, counted by the tokenizer of the model that will be trained, in one shuffled file; and how it will pack."""

import random
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from igaku.corpus.documents import Document, files_of, line_of, read_documents
from igaku.corpus.manifest import PARTIAL, Manifest, started
from igaku.corpus.steps import chunks_of, done_before, finished
from igaku.errors import IgakuError, UnknownNameError, missing_extra

REPEATS = 4
"""Times a document may come; more hardly teaches (Muennighoff et al. 2023)."""


class Place(NamedTuple):
    """Where a document lies in the scratch file, and its length in tokens."""

    at: int
    size: int
    tokens: int
    characters: int


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
        weights: source -> weight; a source left out is not in the mix. Without any, all are there whole. A document's source is its field ``source``, else ``all``.
        tokens: of the whole mix; if left out, as many as the scarcest source allows without repeating.
        block: tokens of a training sequence, for the packing statistics.

    Raises:
        IgakuError: a weight is for no source, or a source would have to come more than ``REPEATS`` times.
    """
    files, out = files_of(Path(p) for p in inputs), Path(out)
    settings: dict[str, Any] = {
        "tokenizer": Path(str(tokenizer)).name,
        "weights": weights or {},
        "tokens": tokens or "all",
        "block": block,
        "seed": seed,
    }
    manifest = started("mix", files, settings)
    if before := done_before(out, manifest):
        return before
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix="scratch-") as scratch:
        lines = Path(scratch, "lines")
        places = _counted(files, lines, load_tokenizer(tokenizer), manifest)
        wanted = _wanted(places, weights or {}, tokens)
        order = _drawn(places, wanted, random.Random(seed))
        with lines.open("rb") as source, (out / PARTIAL).open("wb") as file:
            for name, place in order:
                source.seek(place.at)
                file.write(source.read(place.size))
                manifest.kept += 1
                manifest.characters_kept += place.characters
                manifest.counts[f"tokens of {name}"] = manifest.counts.get(f"tokens of {name}", 0) + place.tokens
    manifest.counts |= packing([p.tokens for _, p in order], block)
    return finished(out, manifest)


def load_tokenizer(name: str | Path) -> Any:
    """The transformers tokenizer of a folder, embedded model or hub id."""
    try:
        from transformers import AutoTokenizer
    except ImportError:
        raise missing_extra("transformers", "hf") from None
    from igaku.engines.hf import model_folder

    folder = model_folder(str(name))
    try:
        return AutoTokenizer.from_pretrained(str(folder))
    except (OSError, ValueError) as error:
        raise IgakuError(f"{name}: no tokenizer there ({str(error).splitlines()[0][:200]})") from None


def packing(lengths: Iterable[int], block: int) -> dict[str, float]:
    """Sequences of so many tokens that the documents fill when laid end to end, and how many are cut by an edge. (Training cuts only what is longer than a sequence.)"""
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


def _counted(files: list[Path], lines: Path, tokenizer: Any, manifest: Manifest) -> dict[str, list[Place]]:
    places: dict[str, list[Place]] = {}
    at = 0
    with lines.open("wb") as out:
        for chunk in chunks_of(read_documents(files)):
            for d, ids in zip(chunk, tokenizer([d.text for d in chunk], add_special_tokens=False)["input_ids"]):
                n = len(ids) + 1
                line = line_of(Document(d.id, d.text, {**d.more, "tokens": n}))
                out.write(line)
                places.setdefault(str(d.more.get("source", "all")), []).append(Place(at, len(line), n, len(d.text)))
                at += len(line)
                manifest.read += 1
                manifest.characters_read += len(d.text)
    if not places:
        raise IgakuError("nothing to mix: the inputs hold no documents")
    return places


def _wanted(places: dict[str, list[Place]], weights: dict[str, float], tokens: int | None) -> dict[str, int]:
    """Tokens of each source."""
    for name in weights:
        if name not in places:
            raise UnknownNameError("source", name, places)
    have = {n: sum(p.tokens for p in ps) for n, ps in places.items()}
    weight = {n: weights.get(n, 0.0) if weights else float(have[n]) for n in places}
    whole = sum(weight.values())
    if whole <= 0 or min(weight.values()) < 0:
        raise IgakuError("weights must be 0 or more, and not all 0")
    if tokens is None:
        tokens = int(min(have[n] * whole / w for n, w in weight.items() if w))
    wanted = {n: int(tokens * w / whole) for n, w in weight.items()}
    for name, n in wanted.items():
        if n > REPEATS * have[name]:
            raise IgakuError(
                f"{name} has {have[name]:,} tokens and would have to give {n:,}, each text more than {REPEATS} times; lower its weight or the mix's tokens"
            )
    return wanted


def _drawn(places: dict[str, list[Place]], wanted: dict[str, int], rng: random.Random) -> list[tuple[str, Place]]:
    """Each source's documents in a random order, from the beginning again where more is wanted, until its tokens are reached; all shuffled together."""
    drawn: list[tuple[str, Place]] = []
    for name, mine in places.items():
        left = wanted[name]
        while left > 0:
            for place in rng.sample(mine, len(mine)):
                if left <= 0:
                    break
                drawn.append((name, place))
                left -= place.tokens
    rng.shuffle(drawn)
    return drawn
