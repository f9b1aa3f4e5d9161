"""The published words, read out of upstream's own files into the user's folder; none of them is in igaku.

``med-harness``: the string literals of japanese-lm-med-harness's ``template.py``, parsed as a syntax tree and never
executed. ``igakuqa`` and ``yakugakuqa``: the examples in those projects' prompt JSONL become a set of examples; the
frame around them stands in their code, not in that file, so it is igaku's own (``fewshot``), and the card says so.
"""

import ast
import json
import re
from pathlib import Path

from igaku.errors import IgakuError
from igaku.io.paths import config_dir
from igaku.io.read import read_text
from igaku.io.rows import need, read_jsonl
from igaku.prompts import clinicalbench
from igaku.prompts.store import EMBEDDED, register
from igaku.prompts.template import Prompt

CARD = """+++
title = {title}
lang = "{lang}"
like = {like}
reply = "text"
labels = ""
max_tokens = 256
stop = ["\\n### ", "<|im_"]
n_choices = [{n}]
+++
"""


def add(name: str, file: Path) -> list[Prompt]:
    """Register a file under a name; ``med-harness``, ``igakuqa`` and ``yakugakuqa`` read upstream's own format, and
    ``j-clinicalbench`` its folder."""
    if name == clinicalbench.NAME:
        return clinicalbench.add(file)
    if name == "med-harness":
        return _med_harness(_read(file))
    if name in ("igakuqa", "yakugakuqa"):
        return [_examples(name, file)]
    if not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", name) or ".." in name:
        raise IgakuError(f"prompt name {name!r}: use letters, digits, - and _ (one / is allowed)")
    if (EMBEDDED / f"{name}.jinja").exists():
        raise IgakuError(f"prompt name {name!r} is taken by an embedded template; choose another")
    return [register(name, _read(file))]


def _read(file: Path) -> str:
    return read_text(file, "SETTINGS_MB")


def _med_harness(source: str) -> list[Prompt]:
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise IgakuError(f"template.py, line {error.lineno}: not Python that can be parsed ({error.msg})") from None
    out = []
    for node in tree.body:
        text = _literal(node)
        if text and isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            out.append(register(f"med-harness/{name}", _card(name, text) + _jinja(name, text)))
    if not out:
        raise IgakuError("no template in this file: expected assignments such as NAME = Template('''…''')")
    return out


def _literal(node: ast.stmt) -> str:
    call = node.value if isinstance(node, ast.Assign) else None
    if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant):
        value = call.args[0].value
        return value if isinstance(value, str) and "{{" in value else ""
    return ""


def _card(name: str, text: str) -> str:
    lang = "ja" if re.search(r"[ぁ-ん]", text) else "en"
    title = json.dumps(f"med-harness {name}, the published words", ensure_ascii=False)
    like = json.dumps("It is the published template itself, read from upstream's template.py.", ensure_ascii=False)
    return CARD.format(title=title, lang=lang, like=like, n=4 if "four" in name else 5)


def _jinja(name: str, text: str) -> str:
    """Upstream's two slots become ours; choices are joined as upstream's code does (lettered only for Meditron)."""
    lettered = (
        '{% for c in choices %}{{ "\\n" if not loop.first }}({{ "ABCDEFGH"[loop.index0] }}){{ c.text }}{% endfor %}'
    )
    joined = '{{ choices | map(attribute="text") | join(",") }}'
    pieces = re.split(r"\{\{\s*(instruction|input)\s*\}\}", text)
    slots = {"instruction": "{{ stem }}", "input": lettered if name == "meditron_five_choice" else joined}
    return "".join(slots[p] if i % 2 else _plain(p) for i, p in enumerate(pieces))


def _plain(text: str) -> str:
    return "{{ " + json.dumps(text, ensure_ascii=False) + " }}" if "{" in text else text


def _examples(name: str, file: Path) -> Prompt:
    rows = []
    for line, row in read_jsonl(file):
        where = f"{file}, line {line}"
        stem = need(row, "problem_text_en" if "problem_text_en" in row else "problem_text", str, where)
        choices = need(row, "choices_en" if "choices_en" in row else "choices", list, where)
        answer = [_letter(a) for part in need(row, "answer", list, where) for a in str(part).split(",")]
        rows.append(
            {"id": str(need(row, "problem_id", (str, int), where)), "stem": stem, "choices": choices, "answer": answer}
        )
        lang = "en" if "problem_text_en" in row else "ja"
    if not rows:
        raise IgakuError(f"{file}: no example in it")
    target = config_dir() / "examples" / f"{name}_{lang}.jsonl"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        "".join(json.dumps({**r, "lang": lang}, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8"
    )
    source = (EMBEDDED / f"fewshot_{lang}.jinja").read_text(encoding="utf-8")
    like = f"The examples are {name}'s published ones, from its JSONL; the frame around them is igaku's own wording."
    source = re.sub(r"^like = .*$", lambda _: "like = " + json.dumps(like), source, flags=re.M)
    source = source.replace('shots = "igaku"', f'shots = "{name}"')
    if name == "yakugakuqa":
        source = source.replace('labels = "a"', 'labels = "1"').replace("医師国家試験", "薬剤師国家試験")
    return register(f"{name}/fewshot_{lang}", source)


def _letter(answer: str) -> str:
    answer = answer.strip()
    return "abcdefghij"[int(answer) - 1] if answer.isdigit() else answer
