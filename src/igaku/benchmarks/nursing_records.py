"""Pseudo nursing records: what patients say in the S sections of invented SOAP notes, with its kinds.

Ando et al. 2022 (JSAI 1J4-OS-13a-01). Two files, two schemes: ``status`` (996 records with words in them, 19 kinds of
patient status; 209 hold none) and ``complaints`` (589 sentences with a bodily complaint, 9 kinds). Tags stand inside
the text; the files are not well-formed XML (numbers without quotation marks, two records that are never closed), and
are read as what they are. Left out: twelve records without a word, and the kind ``ps_pending`` (annotators were not
sure). Scores are of sets, exact and partial. Words that occur more than once (51 of them) share a group.

Source: sociocom/PseudoNursingRecords (NursingRecord_NERdataset), CC BY-NC-SA 4.0.
"""

import re
from collections.abc import Iterator

from igaku.benchmarks.base import Benchmark
from igaku.benchmarks.linked import shared
from igaku.errors import IgakuError
from igaku.io.read import read_text
from igaku.keys.mentions import once
from igaku.question import Mention, Mentions, Question

FILES = {"status": "PatientStatus.xml", "complaints": "ChiefComplaint.xml"}
STATUS = {
    "cc1": "身体の症状・苦痛（ない場合も含む）",
    "cc2": "気持ち・不安",
    "disease": "病名",
    "medicine": "薬の要望・使用・効果",
    "nutrition": "食欲・嚥下・摂取量",
    "adherence": "治療への意欲・理解・セルフケア",
    "adl": "日常生活動作",
    "incident": "転倒・自己抜去などの出来事",
    "position": "体勢",
    "body": "体の部位",
    "t-key": "観察項目（検査・排泄・痰など）の名",
    "t-val": "観察項目の値",
    "m-key": "薬の名",
    "ps_LH": "生活習慣",
    "ps_other": "そのほかの患者の状態",
    "feature": "症状の特徴・程度",
    "change": "症状の変化",
    "request": "要望",
    "t-test": "検査",
}
COMPLAINTS = {
    "cc_p": "ある症状・苦痛",
    "cc_n": "症状がないこと",
    "time": "時",
    "body": "体の部位",
    "feature": "症状の特徴・程度",
    "change": "症状の変化",
    "freq": "頻度",
    "t-key": "観察項目の名",
    "t-val": "観察項目の値",
}
_UNSURE = "ps_pending"
_RECORD = re.compile(r"<DOCUMENT num=([^>\s]{1,20})>")
_SAID = re.compile(r"<(S|chief-comp)>(.*?)</\1>", re.S)
_TAG = re.compile(r"<([A-Za-z][\w-]*)>(.*?)</\1>", re.S)


class NursingRecords(Benchmark):
    """See the module."""

    name = "nursing_records"
    title = "pseudo nursing records (what patients say)"
    title_ja = "模擬看護記録（S 欄の患者状態表現の抽出）"
    licence = "CC BY-NC-SA 4.0"
    upstream = "sociocom/PseudoNursingRecords"
    slices = tuple(FILES)
    scored_by_slice = True
    aggregate = "mention_f1"
    prompt = "annotate"
    method = "mentions"

    def files(self, lang: str) -> list[str]:
        """One file a part."""
        return [f"pseudo_nursing_records/{FILES[part]}" for part in ([self.part] if self.part else FILES)]

    def questions(self, lang: str) -> list[Question]:
        """Record after record, those without a word left out."""
        return shared(self._records())

    def _records(self) -> Iterator[Question]:
        for part in [self.part] if self.part else FILES:
            path = self.path(f"pseudo_nursing_records/{FILES[part]}")
            kinds = STATUS if part == "status" else COMPLAINTS
            texts: dict[str, str] = {}
            for number, text_in in _records_of(read_text(path), part):
                where = f"{path}, record {number}"
                text, found = tagged(text_in, kinds, where)
                if not text:
                    continue
                name = f"{part}-{number}"
                yield _question(name, text, found, kinds, texts.setdefault(text, name))


def _records_of(xml: str, part: str) -> Iterator[tuple[str, str]]:
    """(number, tagged text) of each record: the first ``<S>`` after each ``<DOCUMENT num=...>``."""
    if part == "complaints":
        yield from ((f"{n:04d}", m[2]) for n, m in enumerate(_SAID.finditer(xml), 1))
        return
    starts = [*_RECORD.finditer(xml)]
    for here, end in zip(starts, [*(m.start() for m in starts[1:]), len(xml)]):
        if found := _SAID.search(xml, here.end(), end):
            yield f"{int(here[1]):04d}", found[2]


def tagged(text_in: str, kinds: dict[str, str], where: str) -> tuple[str, list[Mention]]:
    """A tagged text as its words and its mentions; tags inside tags are read too.

    Raises:
        IgakuError: a tag that is not one of these kinds.
    """
    found: list[Mention] = []
    while tags := list(_TAG.finditer(text_in)):
        for m in tags:
            words = re.sub(r"</?[A-Za-z][\w-]*>", "", m[2]).strip()
            if m[1] != _UNSURE and m[1] not in kinds:
                raise IgakuError(f"{where}: tag {m[1]!r} is not one of {', '.join(kinds)}")
            found += [Mention(m[1], ((words,),))] if words and m[1] != _UNSURE else []
        text_in = _TAG.sub(r"\2", text_in)
    return text_in.strip(), found


def _question(name: str, text: str, found: list[Mention], kinds: dict[str, str], first: str) -> Question:
    part = name.partition("-")[0]
    names = "\n".join(f"{kind}: {title}" for kind, title in kinds.items())
    ask = "看護記録にある次の患者の言葉から、次の種類の表現を、書かれているとおりにすべて抜き出す。"
    stem = f"{ask}\n{names}\n\n患者の言葉：\n{text}"
    key = Mentions(once(found), tuple(kinds.items()))
    return Question(id=name, lang="ja", stem=stem, key=key, section=part, group=first)
