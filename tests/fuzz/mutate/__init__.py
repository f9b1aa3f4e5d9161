"""Damage, by kind of file: the bytes of a sound file and random numbers -> a name and the bytes of a damaged one."""

from random import Random

from .containers import encrypted_zip, gguf, parquet, safetensors, workbook, zipped
from .raw import BYTES, LINES
from .replies import replies
from .tables import comma
from .texts import toml, yaml
from .trees import json_lines, json_tree

KINDS = {
    "bytes": (),
    "text": (LINES,),
    "json": (json_tree, json_tree, json_tree, LINES),
    "jsonl": (json_lines, json_lines, json_lines, LINES),
    "csv": (comma, comma, LINES),
    "yaml": (yaml, yaml, yaml, LINES),
    "toml": (toml, toml, LINES),
    "zip": (zipped, zipped, encrypted_zip),
    "xlsx": (workbook, workbook, workbook, encrypted_zip),
    "parquet": (parquet, parquet),
    "safetensors": (safetensors, safetensors),
    "gguf": (gguf,),
    "replies": (replies,),
}
"""Kind -> the ways of damage that know its structure, weighted by how often they stand here; bytes go for all."""


def mutate(kind: str, raw: bytes, rng: Random) -> tuple[str, bytes]:
    """One damaged input: one to three ways of damage, one after the other, the structured ones first."""
    structured = KINDS[kind]
    if structured and rng.random() < 0.75:
        name, raw = rng.choice(structured)(raw, rng)
        return name, raw
    names = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        name, raw = BYTES(raw, rng)
        names.append(name)
    return "+".join(names), raw
