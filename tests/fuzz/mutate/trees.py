"""Damage of JSON: at a random path another value, a missing, doubled or unknown field, nesting, numbers without end."""

import json
from copy import deepcopy
from random import Random
from typing import Any

Path = tuple[str | int, ...]
RAW = {
    "\0huge": "1" + "0" * 400,
    "\0digits": "9" * 5000,
    "\0nan": "NaN",
    "\0inf": "Infinity",
    "\0minus": "-Infinity",
    "\0e999": "1e999",
    "\0tiny": "5e-324",
    "\0word": "undefined",
    "\0deep": "[" * 1200 + "]" * 1200,
    "\0deeper": "[" * 100_000 + "]" * 100_000,
    "\0objects": '{"a":' * 1500 + "1" + "}" * 1500,
    "\0open": "[" * 3000,
    "\0surrogate": '"\\ud800"',
    "\0low": '"x\\udfff y"',
    "\0half": '"\\ud8',
    "\0control": '"a\x01b"',
}
"""What json.dumps would not write: a name for it -> the text that takes its position."""
TEXTS = (
    "", " ", "x", "\x00", "a\x00b", "\u202eabc", "\u200b", "😀", "\U00020b9f" * 90, "../../../etc/passwd",
    "/etc/passwd", "a\nb", "a\rb", "a,b", "<script>alert(1)</script>", "{{ 1/0 }}", "%s%n", "NaN", "1e999", "-1",
    "None", "true", "x" * 100_000, "あ" * 30_000, "ac", "ａ", "=cmd|calc", "2024-13-45", "2026-01-01", "\\", '"', "'",
    "$(id)", "\ufeff", "a" * 300,
)  # fmt: skip
NUMBERS = (0, -1, 1, 2, 3, 26, 27, 255, 2**31, 2**63, -(2**63), 2**64, 10**9, 1.5, -0.0, 1e308, -1e308, 0.1, 1e-300)
OTHERS = (
    None,
    True,
    False,
    [],
    {},
    [[]],
    [None],
    [True],
    ["x"],
    [1, "a"],
    {"a": 1},
    [[["x", True]]],
    ["x"] * 60,
    {"": ""},
)


def odd_value(rng: Random) -> object:
    """A value that is seldom right."""
    kind = rng.randrange(5)
    return rng.choice((tuple(RAW), TEXTS, NUMBERS, OTHERS, OTHERS + NUMBERS)[kind])


def paths(value: object, at: Path = ()) -> list[Path]:
    """The paths of all values within, the whole first."""
    found = [at]
    if isinstance(value, dict):
        found += [p for k, v in value.items() for p in paths(v, (*at, k))]
    elif isinstance(value, list):
        found += [p for i, v in enumerate(value[:50]) for p in paths(v, (*at, i))]
    return found


def parent_of(value: Any, path: Path) -> Any:
    """The object or list that holds the last step of a path."""
    for step in path[:-1]:
        value = value[step]
    return value


def damaged(value: Any, rng: Random, ways: int = 1) -> tuple[str, Any]:
    """A copy of a value with damage at a random path."""
    value = deepcopy(value)
    name = ""
    for _ in range(ways):
        inner = [p for p in paths(value) if p]
        if not inner:
            return "json-whole", odd_value(rng)
        name, value = _once(value, rng.choice(inner), rng)
    return name, value


def _once(value: Any, path: Path, rng: Random) -> tuple[str, Any]:
    holder, last = parent_of(value, path), path[-1]
    old = holder[last]
    way = rng.choice(
        ("value", "value", "value", "value", "lost", "wrapped", "unwrapped", "other", "extra", "grown", "near")
    )
    if way == "value":
        holder[last] = odd_value(rng)
    elif way == "lost":
        del holder[last]
    elif way == "wrapped":
        holder[last] = rng.choice(([old], {"value": old}, [old, old]))
    elif way == "unwrapped":
        holder[last] = (
            next(iter(old.values() if isinstance(old, dict) else old), None)
            if isinstance(old, dict | list)
            else str(old)
        )
    elif way == "other":
        holder[last] = deepcopy(parent_of(value, (p := rng.choice(paths(value)[1:])))[p[-1]])
    elif way == "extra" and isinstance(holder, dict):
        holder[rng.choice(("nosuch", "", "id", "\0surrogate", "__class__", "名前"))] = odd_value(rng)
    elif way == "grown":
        holder[last] = old * 50 if isinstance(old, list | str) else [old] * 5000
    else:
        holder[last] = -old if isinstance(old, int | float) else str(old) + " "
    return f"json-{way}", value


def dump(value: object) -> bytes:
    """JSON text with what json.dumps would not write."""
    text = json.dumps(value, ensure_ascii=False)
    for name, raw in RAW.items():
        text = text.replace(json.dumps(name), raw)
    return text.encode("utf-8", "surrogatepass")


def json_tree(raw: bytes, rng: Random) -> tuple[str, bytes]:
    """Damage of one JSON value."""
    value = json.loads(raw)
    if rng.random() < 0.08:
        return "json-twice", _twice(value, rng)
    name, value = damaged(value, rng, rng.choice((1, 1, 1, 2)))
    return name, dump(value)


def json_lines(raw: bytes, rng: Random) -> tuple[str, bytes]:
    """Damage of one line of JSON Lines, or of the same field of all lines."""
    rows = [json.loads(line) for line in raw.decode().splitlines() if line.strip()]
    if rng.random() < 0.2:
        return "jsonl-all", b"\n".join(_all(rows, rng)) + b"\n"
    at = rng.randrange(len(rows))
    lines = [dump(row) for row in rows]
    if rng.random() < 0.08:
        lines[at] = _twice(rows[at], rng)
        return "jsonl-twice", b"\n".join(lines) + b"\n"
    name, row = damaged(rows[at], rng, rng.choice((1, 1, 1, 2)))
    lines[at] = dump(row)
    return name, b"\n".join(lines) + b"\n"


def _all(rows: list[Any], rng: Random) -> list[bytes]:
    path, odd = rng.choice([p for p in paths(rows[0]) if p]), odd_value(rng)
    for row in rows:
        try:
            parent_of(row, path)[path[-1]] = odd
        except (LookupError, TypeError):
            continue
    return [dump(row) for row in rows]


def _twice(value: object, rng: Random) -> bytes:
    """An object with a field twice."""
    text = dump(value)
    if not isinstance(value, dict) or not value:
        return text + text
    key = rng.choice(list(value))
    return text[:-1] + b", " + dump({key: odd_value(rng)})[1:-1] + b"}"
