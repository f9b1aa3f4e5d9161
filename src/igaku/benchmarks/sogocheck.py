"""SogoCheck: find the discrepancies between two pharmaceutical documents (齟齬チェック).

EQUES, part of JPharmaBench (arXiv 2505.16661). Japanese. ``sogocheck-easy``: 200 pairs of Japanese Pharmacopoeia
texts, 1,352 planted changes; ``sogocheck-medium``: here the first 60 of 162 (321 changes) of 15 kinds of document, in
which the changed facts stand in another document (published use: ``original`` against ``out``). The model is shown
both and lists each change as before and after. Gold pairs whose sides are equal are dropped, as published; in a few
rows the list of kinds is shorter or longer than that of pairs.

Score: F1 over all discrepancies (``pairs``), with precision, recall and recall by kind; ``pairs-as-published`` is the
published recall, whose parser scores its own gold 93.1 % and 96.9 %. ``--model diff`` is a baseline without a model.

Source: EQUES-Inc/pharma-LLM-eval (HF EQUES/SogoCheck).
"""

from collections.abc import Iterator

from igaku.benchmarks.base import Benchmark
from igaku.errors import IgakuError
from igaku.io.rows import need, read_jsonl
from igaku.question import Pairs, Question


class SogoCheck(Benchmark):
    """See the module."""

    name = "sogocheck"
    title = "SogoCheck (document discrepancies)"
    title_ja = "SogoCheck（文書の齟齬検出）"
    languages = ("ja",)
    licence = "none stated"
    upstream = "EQUES-Inc/pharma-LLM-eval"
    slices = ("easy", "medium")
    scored_by_slice = True
    aggregate = "pair_f1"
    prompt = "discrepancy"
    method = "pairs"

    def files(self, lang: str) -> list[str]:
        """One JSON Lines file a part."""
        return [f"sogocheck/{part}.jsonl" for part in ([self.part] if self.part else self.slices)]

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield part by part; the kind of document is the section."""
        for relative in self.files(lang):
            path = self.path(relative)
            for line, row in read_jsonl(path):
                where = f"{path}, line {line}"
                before, after, kinds = (need(row, name, list, where) for name in ("before", "after", "labels"))
                if len(before) != len(after):
                    raise IgakuError(f"{where}: fields 'before' and 'after' differ in length")
                kinds = [*kinds, *[""] * (len(before) - len(kinds))]
                changed = [(b, a, k) for b, a, k in zip(before, after, kinds) if b != a]
                first = need(row, "original" if "original" in row else "in", str, where)
                yield Question(
                    id=f"{path.stem}-{need(row, 'id', (int, str), where)}",
                    lang=lang,
                    stem=f"{row.get('name', '')}の二つの文書を比べる。",
                    key=Pairs(tuple((b, a) for b, a, _ in changed), tuple(k for *_, k in changed)),
                    documents=(first, need(row, "out", str, where)),
                    section=str(row.get("doc_type", "日本薬局方")),
                )
