"""Damage of YAML and TOML: aliases, tags, nesting, types, doubled keys; values of another kind."""

import re
from random import Random

import yaml as pyyaml

from .trees import NUMBERS, TEXTS, damaged, dump

BOMB = 'a0: &a0 ["x","x","x","x","x","x","x","x","x"]\n' + "".join(
    f"a{i + 1}: &a{i + 1} [{','.join([f'*a{i}'] * 9)}]\n" for i in range(8)
)
SNIPPETS = (
    "&a [*a]", "&a {x: *a}", "*nosuch", '!!python/object/apply:os.system ["true"]', "!!python/name:os.system",
    "!nosuch 1", "[" * 1500 + "]" * 1500, "{a: " * 1200 + "1" + "}" * 1200, "!!binary aGVsbG8=", "!!set {a, b}",
    "2020-01-01", "2020-13-45", ".nan", ".inf", "-.inf", "0x7fffffffffffffffffff", "1" + "0" * 400,
    "1_000_000_000_000", "yes", "~", "''", '"\\ud800"', "? a", "- - - x", "|\n  block", ">-\n  folded", "{<<: [1]}",
    "12:30:45", "1e400", "x" * 300_000, "[1, 2", "{a: 1", '"open', "<<: *nosuch",
)  # fmt: skip
TOML = (
    "1", "-1", "1e400", "nan", "inf", "true", "[]", "[[]]", "{}", '""', '"\\u0000"', '"\\ud800"', "2020-01-01",
    "2020-13-45", "[1, 'a']", "9" * 400, "[" * 1500 + "]" * 1500, "{a = 1}", "'''", '"open',
    "0x7fffffffffffffffffffffff", '"' + "x" * 200_000 + '"', "[" * 300_000,
)  # fmt: skip


def yaml(raw: bytes, rng: Random) -> tuple[str, bytes]:
    """Damage of a YAML file: at a path of what it holds, or in its text."""
    way = rng.choice(("tree", "tree", "tree", "value", "value", "bomb", "twice", "tab", "documents", "long"))
    text = raw.decode()
    if way == "tree":
        name, value = damaged(pyyaml.safe_load(text), rng, rng.choice((1, 1, 2)))
        return name.replace("json", "yaml"), dump(value)  # JSON is YAML
    if way == "value":
        return "yaml-value", _value(text, r"(?m)^(\s*(?:- )?[\w.]+:[ \t]*)(\S.*)$", rng.choice(SNIPPETS), rng)
    if way == "long":
        return "yaml-long", raw + b"zz: " + rng.choice((b"x", b"- ", b"[", b"{a: ", b'"', b"&a ", b"? ")) * 400_000
    return f"yaml-{way}", {
        "bomb": BOMB + text + rng.choice(("", "\nabout: *a8\n", "\nsources: *a8\n")),
        "twice": text + "\n" + text,
        "tab": text.replace("  ", "\t", 1) + "\n\tx: 1",
        "documents": text + "\n---\n" + text,
    }[way].encode()


def toml(raw: bytes, rng: Random) -> tuple[str, bytes]:
    """Damage of a TOML file: a value of another kind, a key or table twice, endless nesting of keys."""
    text = raw.decode()
    way = rng.choice(("value", "value", "value", "text", "twice", "keys", "table"))
    if way in ("value", "text"):
        odd = (
            rng.choice(TOML)
            if way == "value"
            else dump(str(rng.choice((*TEXTS, *NUMBERS)))).decode("utf-8", "surrogatepass")
        )
        return f"toml-{way}", _value(text, r"(?m)^(\s*[\w\"'.-]+\s*=\s*)(\S.*)$", odd, rng)
    if way == "keys":
        return "toml-keys", (text + "\n" + ".".join("a" * rng.choice((5, 2000, 60_000))) + " = 1\n").encode()
    more = (
        text
        if way == "twice"
        else rng.choice(("[x]\n[x]\n", "[[x]]\n[x]\n", "[" + "x." * 3000 + "x]\n", "[]\n", "[a\n"))
    )
    return f"toml-{way}", (text + "\n" + more).encode()


def _value(text: str, pattern: str, odd: str, rng: Random) -> bytes:
    """The text with the value on one of its lines replaced."""
    found = list(re.finditer(pattern, text))
    if not found:
        return (text + odd).encode("utf-8", "surrogatepass")
    one = rng.choice(found)
    return (text[: one.start(2)] + odd + text[one.end(2) :]).encode("utf-8", "surrogatepass")
