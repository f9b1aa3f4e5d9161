"""What is right in J-ClinicalBench's tasks, from the rows of its own files; its published replies repeat these rows."""

import re
from collections.abc import Mapping

from igaku.errors import IgakuError
from igaku.io.rows import literal_list, need
from igaku.question import Choices, Field, Fields, Label, Point, Span, Spans, Terms, Writing

TNM = {
    "t": ("TX", "T0", "Tis", "T1mi", "T1a", "T1b", "T1c", "T2a", "T2b", "T3", "T4"),
    "n": ("NX", "N0", "N1", "N2", "N3"),
    "m": ("M0", "M1a", "M1b", "M1c"),
}
"""The classes that its prompts offer (lung cancer, 8th edition)."""
COARSE = {"T1": TNM["t"][3:7], "T2": TNM["t"][7:9], "M1": TNM["m"][1:]}
"""Classes that 64 of its 729 keys hold and its prompts do not offer: the finer ones under each are as right as it."""
EVENT = {"有": "有", "無": "無"}
RELATIONS = {
    "re_ent": {
        "change": "e1 は変化を表し、変化したものが e2",
        "compare": "e1 は変化を表し、比べる相手や基準が e2",
        "feature": "e1 は特徴や程度を表し、その持ち主が e2",
        "region": "e1 という部位・範囲に e2 がある",
        "value": "e1 は検査や薬剤で、その値や量が e2",
    },
    "re_time": {
        "on": "e1 は e2 の時に起きた",
        "before": "e1 は e2 より前に終わった",
        "after": "e1 は e2 より後に始まった",
        "start": "e1 は e2 の時に始まった",
        "finish": "e1 は e2 の時に終わった",
    },
}
"""Relations in the order of its prompts, in igaku's words."""
LABELS = {
    "ner_disease": (Label("d", ("病", "症状", "所見", "疾患", "disease", "symptom")),),
    "ner_medication": (
        Label("m-key", ("薬", "drug", "medic", "key")),
        Label("m-val", ("量", "dose", "dosage", "amount", "val")),
    ),
}
_TAG = re.compile(r"</?(?:d|m-key|m-val)\b[^<>]*>")


def classes(row: Mapping[str, object], where: str) -> Fields:
    """T, N and M of a report (fields ``t``, ``n``, ``m``)."""
    return Fields(tuple(_field(part, need(row, part, str, where), where) for part in TNM))


def _field(part: str, gold: str, where: str) -> Field:
    coarse = tuple(c for c in COARSE if c.lower().startswith(part))
    every = (*TNM[part], *coarse)
    if gold not in every:
        raise IgakuError(f"{where}: field {part!r} is {gold!r}, expected one of {', '.join(every)}")
    return Field(part.upper(), (gold, *COARSE.get(gold, ())), every)


def choice(gold: str, labels: Mapping[str, str], where: str) -> Choices:
    """The position of a label."""
    if gold not in labels:
        raise IgakuError(f"{where}: the label is {gold!r}, expected one of {', '.join(labels)}")
    return Choices(((list(labels).index(gold),),))


def expressions(given: object, where: str) -> Terms:
    """A list of expressions, or the text of a Python list, which is read as a literal; ``['']`` is an empty one."""
    items = given if isinstance(given, list) else literal_list(str(given))
    if not items and str(given).strip() not in ("[]", "['']"):
        raise IgakuError(f"{where}: {str(given)[:40]!r} is no list of expressions")
    return Terms(tuple(sorted({str(item).strip() for item in items} - {""})))


def entities(row: Mapping[str, object], task: str, where: str) -> Spans:
    """The entities of a sentence (``entities`` with ``span`` and ``type``), whose text is the one without its tags."""
    text = _TAG.sub("", need(row, "annotated_sentence", str, where))
    spans = []
    for entity in need(row, "entities", list, where):
        span = need(entity, "span", list, where) if isinstance(entity, dict) else []
        if len(span) != 2 or not all(isinstance(n, int) and n >= 0 for n in span):
            raise IgakuError(f"{where}: field 'entities' must hold objects with 'span' (two positions) and 'type'")
        spans.append(Span(span[0], span[1], need(entity, "type", str, where).split("_")[0]))
    return Spans(text, tuple(sorted(spans)), LABELS[task])


_SUMMARY = (
    Point("参照の要約にある診断や病態を、正しく挙げている"),
    Point("参照の要約にある治療・処置とその経過を、順序どおりに述べている"),
    Point("退院時の状態や今後の方針など、引き継ぎに要ることを述べている"),
    Point("参照の要約と食い違う診断・数値・薬剤を述べている", -1.0),
)
POINTS = {
    "hs_ds": _SUMMARY,
    "hs_pn": _SUMMARY,
    "irs": (
        Point("起きた出来事の中心（何が、どうなったか）が参照の要約と同じである"),
        Point("一つの文か名詞句だけで書かれている"),
        Point("参照の要約にない出来事や原因を加えている", -1.0),
    ),
    "cts": (
        Point("参照の文にある診断・治療・検査の情報を、落としていない"),
        Point("専門用語や略語を、一般の人に分かる言葉に直すか、説明を添えている"),
        Point("参照の文にない診断・推測・意見を加えている", -1.0),
    ),
}
"""What a judge looks for, beside the reference: igaku's own points, since upstream has none."""


def writing(task: str, reference: object, where: str) -> Writing:
    """A reference text with the task's points."""
    text = str(reference).strip()
    if not text:
        raise IgakuError(f"{where}: the reference text is empty")
    return Writing(POINTS[task], text)
