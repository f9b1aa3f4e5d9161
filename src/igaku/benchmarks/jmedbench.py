"""JMedBench: nii-nlp's benchmark of five task families (Jiang et al. 2024, arXiv 2409.13317), scored apart.

Only on the Hugging Face hub (Coldog2333/JMedBench): ``igaku data get jmedbench-PART`` asks the hub for the test
split, with your token (``HF_TOKEN``) where one is needed, and writes ``jmedbench/PART.jsonl`` with the hub's fields.
Sizes from the paper.

- Choices (``question``, ``options``, ``answer_idx`` from 0): ``medqa_jp`` and ``usmleqa_jp`` (1,273 each, translated
  USMLE), ``medmcqa_jp`` (4,183), ``mmlu_medical_jp`` (1,871), ``jmmlu_medical`` (1,271), ``pubmedqa_jp`` (1,000),
  ``igakuqa`` (989, which no filter of ours on IgakuQA reproduces), and the classifications ``crade`` (92), ``rrtnm``
  (89), ``smdis`` (84).
- ``jcsts`` (3,500; ``premise``, ``hypothesis``, ``label`` 0-5): similarity of two sentences, Pearson's r as published.
- Entities (``text``, ``labels``, ``entity_type``; ``none`` where there is none): ``mrner_disease``,
  ``mrner_medicine``, ``nrner``, ``bc2gm_jp`` (5,037), ``bc5chem_jp`` (4,801), ``bc5disease_jp`` (4,797), ``jnlpba_jp``
  (4,260), ``ncbi_disease_jp`` (940): mean F1 of the sets, as published.
- ``ejmmt`` (2,400 texts with ``english`` and ``japanese``), as ``ejmmt_en_ja`` and ``ejmmt_ja_en``: mean sentence
  BLEU (sacrebleu, MeCab for Japanese, NFKC) as published.

Source: Coldog2333/JMedBench; licence by part, see there.
"""

from collections.abc import Iterator
from typing import Any

from igaku.benchmarks.base import Benchmark, letter_key
from igaku.errors import IgakuError
from igaku.io.rows import need, read_jsonl
from igaku.question import LETTERS, Choices, Question, Terms, Translation

CHOICES = (
    "medqa_jp",
    "usmleqa_jp",
    "medmcqa_jp",
    "igakuqa",
    "mmlu_medical_jp",
    "jmmlu_medical",
    "pubmedqa_jp",
    "crade",
    "rrtnm",
    "smdis",
)
ENTITIES = (
    "mrner_disease",
    "mrner_medicine",
    "nrner",
    "bc2gm_jp",
    "bc5chem_jp",
    "bc5disease_jp",
    "jnlpba_jp",
    "ncbi_disease_jp",
)
TRANSLATIONS = {"ejmmt_en_ja": ("english", "japanese"), "ejmmt_ja_en": ("japanese", "english")}
LANGUAGE = {"english": "英語", "japanese": "日本語"}


class JMedBench(Benchmark):
    """See the module."""

    name = "jmedbench"
    title = "JMedBench (five task families)"
    title_ja = "JMedBench（5 種類の課題）"
    languages = ("ja",)
    licence = "by part"
    upstream = "Coldog2333/JMedBench (hub)"
    slices = (*CHOICES, "jcsts", *ENTITIES, *TRANSLATIONS)
    scored_by_slice = True

    def __init__(self, part: str = "") -> None:
        super().__init__(part)
        if part == "jcsts":
            self.aggregate = "pearson"
        elif part in ENTITIES:
            self.aggregate, self.prompt, self.method = "f1", "extract", "terms"
        elif part in TRANSLATIONS:
            self.aggregate, self.prompt, self.method = "bleu", "translate", "bleu"

    def files(self, lang: str) -> list[str]:
        """One JSON Lines file a part; both directions of translation are in one."""
        parts = [self.part] if self.part else self.slices
        return sorted({f"jmedbench/{'ejmmt' if p in TRANSLATIONS else p}.jsonl" for p in parts})

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield part by part."""
        for part in [self.part] if self.part else self.slices:
            path = self.path(f"jmedbench/{'ejmmt' if part in TRANSLATIONS else part}.jsonl")
            for line, row in read_jsonl(path):
                yield _question(part, lang, row, f"{part}-{row.get('sample_id', line)}", f"{path}, line {line}")


def _question(part: str, lang: str, row: dict[str, Any], name: str, where: str) -> Question:
    if part in TRANSLATIONS:
        source, target = TRANSLATIONS[part]
        stem = f"次の{LANGUAGE[source]}を{LANGUAGE[target]}に訳す。\n{need(row, source, str, where)}"
        return Question(id=name, lang=lang, stem=stem, key=Translation((need(row, target, str, where),)), category=part)
    if part in ENTITIES:
        labels = [str(label) for label in need(row, "labels", list, where) if label != "none"]
        stem = f"{need(row, 'entity_type', str, where)} に当たる表現\n{need(row, 'text', str, where)}"
        return Question(id=name, lang=lang, stem=stem, key=Terms(tuple(dict.fromkeys(labels))), category=part)
    if part == "jcsts":
        first, second = (need(row, field, str, where) for field in ("premise", "hypothesis"))
        label = round(float(need(row, "label", (int, float, str), where)))
        if not 0 <= label <= 5:
            raise IgakuError(f"{where}: field 'label' must be between 0 and 5, found {row['label']!r}")
        stem = f"テキスト1：{first}\nテキスト2：{second}\n二つの意味の近さ（0 は無関係、5 は同じ）はどれか。"
        return Question(id=name, lang=lang, stem=stem, choices=tuple("012345"), key=Choices(((label,),)), category=part)
    choices = tuple(map(str, need(row, "options", list, where)))
    answer = need(row, "answer_idx", (int, str), where)
    letter = LETTERS[answer] if isinstance(answer, int) and 0 <= answer < 26 else str(answer).lower()
    key = letter_key([letter], len(choices))
    if key is None:
        raise IgakuError(f"{where}: field 'answer_idx' {answer!r} is outside the {len(choices)} choices")
    return Question(id=name, lang=lang, stem=need(row, "question", str, where), choices=choices, key=key, category=part)
