"""What carries clinical meaning, before and after each step: negations, numbers with units, sides, directions, names.

Real text: explanations of YakugakuQA 2012-2020, abstracts of PubMedQA, case reports and posts of KEEPHA. "in them
before" and "after" are of the documents that stay, in one width; "by a rule" is what a rule took out as a whole
(a citation, a page number), "with documents" what went with documents that were dropped. Persons are left as they are:
what is replaced is measured by ``identities.py``.

python bench/guard.py
"""

import json
import tempfile
from collections import Counter
from pathlib import Path

from common import keep
from decontaminate import passages

from igaku.corpus.characters import characters
from igaku.corpus.clean import Clean
from igaku.corpus.clinical import KINDS, clinical
from igaku.corpus.decontaminate import Decontaminate
from igaku.corpus.dedup import Dedup
from igaku.corpus.documents import read_documents
from igaku.corpus.normalize import normalized
from igaku.corpus.steps import run_step
from igaku.io.paths import find_data


def counted(text: str) -> Counter[str]:
    return Counter(kind for kind, _ in clinical(text).elements())


def main() -> None:
    texts = passages()
    if folder := find_data("keepha_ja"):
        texts += [t for f in sorted(folder.rglob("*.txt")) if len(t := f.read_text(encoding="utf-8")) > 80]
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "texts.jsonl")
        rows = ({"id": str(i), "text": t} for i, t in enumerate(texts))
        file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
        out = []
        for step in (Clean(identified=True), Dedup(), Decontaminate()):
            result = Path(scratch, step.name)
            run_step(step, [file], result, say=print)
            before = {d.id: characters(d.text) for d in read_documents([file])}
            after = {d.id: d.text for d in read_documents([result / "documents.jsonl"])}
            inside = sum((counted(before[i]) for i in after), Counter())
            left = sum(map(counted, after.values()), Counter())
            gone = sum((counted(t) for i, t in before.items() if i not in after), Counter())
            rule: Counter[str] = Counter()
            if step.name == "clean":
                rule = sum((counted(r.text) for i in after for r in normalized(before[i]).removed), Counter())
            for kind in KINDS:
                row = {"step": step.name, "documents": len(before), "stay": len(after), "what": kind}
                row |= {"in them before": inside[kind], "after": left[kind]}
                out.append(row | {"by a rule": rule[kind], "with documents": gone[kind]})
            file = result / "documents.jsonl"
    keep("guard", out)


if __name__ == "__main__":
    main()
