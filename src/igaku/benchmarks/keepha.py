"""KEEPHA-Ja: adverse drug reactions in Japanese texts, as expressions with kinds and relations.

Raithel et al. 2024 (LREC-COLING, main.36). brat files. With their text: 12 case reports (``cases``) and 160
pseudo-tweets by a model (``tweets``, MedNLP-SC's training data, which models may have seen); both are additions that
the paper does not report. 57 questions to a portal (``chiebukuro``) and 554 tweets (``lexapro``) come without
text: a ``.txt`` that you put beside its ``.ann`` is read, and one that does not fit the marked spans is refused.

``NAME_ner`` asks for expressions of 13 kinds, ``NAME_relations`` for 12 directed relations of two expressions. Left out
are OTHER, MISC (no meaning of their own) and attributes (negation, sentiment). Scores are of sets, exact and partial;
58 tweets hold nothing to find. A broken expression is right with or without what stands between its pieces.

Source: sociocom/KEEPHA-Ja, MIT by its README.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from igaku.benchmarks.base import Benchmark
from igaku.benchmarks.listed import listed
from igaku.errors import IgakuError
from igaku.io.paths import data_dirs
from igaku.io.read import read_lines, read_text
from igaku.keys.mentions import once
from igaku.question import Mention, Mentions, Question

FOLDERS = {
    "cases": "MedTxt-CR-Ja-ADE-202211r",
    "tweets": "medner-sc-sm-ja-train-split",
    "chiebukuro": "chiebukuro_brat-202211r",
    "lexapro": "lexapro_ade-202211r-split",
}
ENTITIES = {
    "DRUG": "薬剤・治療",
    "CHANGE_TRIGGER": "投与の開始・中止・増減を表す語",
    "DISORDER": "病名・症状・副作用",
    "FUNCTION": "体の機能",
    "ANATOMY": "体の部位",
    "TEST": "検査",
    "OPINION": "評価・程度・変化",
    "MEASURE": "量・数値",
    "TIME": "時・期間・頻度",
    "ROUTE": "投与経路",
    "DOCTOR": "医師",
    "USER": "利用者名",
    "PERSONAL_INFORMATION": "年齢・性別などの個人情報",
}
RELATIONS = {
    "CAUSED": "前の薬剤・病態が後の症状を起こした",
    "TREATMENT_FOR": "前の薬剤が後の病態の治療である",
    "HAS_DOSAGE": "前の薬剤の用量が後である",
    "EXPERIENCED_IN": "前の症状が後の部位にある",
    "EXAMINED_WITH": "前の病態・部位を後の検査で調べた",
    "HAS_RESULT": "前の検査の結果が後である",
    "REFERS_TO": "前が後と同じものを指す",
    "INTERACTED_WITH": "前の薬剤が後の薬剤と併用・相互作用した",
    "SIGNALS_CHANGE_OF": "前の語が後の薬剤の開始・中止・増減を表す",
    "HAS_TIME": "前の薬剤・症状の時が後である",
    "HAS_ROUTE": "前の薬剤の投与経路が後である",
    "IS_OPINION_ABOUT": "前の評価が後についてのものである",
}
_ENTITY = re.compile(r"(T\d+)\t(\w+) (\d+ \d+(?:;\d+ \d+)*)\t(.*)")
_RELATION = re.compile(r"R\d+\t(\w+) Arg1:(T\d+) Arg2:(T\d+)\s*")


class KEEPHA(Benchmark):
    """See the module."""

    name = "keepha"
    title = "KEEPHA-Ja (adverse drug reactions)"
    title_ja = "KEEPHA-Ja（副作用の表現と関係の抽出）"
    licence = "MIT"
    upstream = "sociocom/KEEPHA-Ja"
    slices = tuple(f"{name}_{task}" for name in FOLDERS for task in ("ner", "relations"))
    scored_by_slice = True
    aggregate = "mention_f1"
    prompt = "annotate"
    method = "mentions"

    def files(self, lang: str) -> list[str]:
        """Annotations and texts of the parts that come with text; of the others, those that lie here."""
        parts = dict.fromkeys(p.partition("_")[0] for p in ([self.part] if self.part else self.slices))
        return [f for part in parts for f in _texts(FOLDERS[part])]

    @classmethod
    def parts(cls) -> tuple[str, ...]:
        """Those whose texts are here."""
        return tuple(s for s in cls.slices if _texts(FOLDERS[s.partition("_")[0]]))

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield text after text, for each task."""
        for part in [self.part] if self.part else self.parts():
            name, _, task = part.partition("_")
            files = [f for f in _texts(FOLDERS[name]) if f.endswith(".ann")]
            if not files:
                raise IgakuError(
                    f"keepha-{part}: no text found; put NAME.txt beside each NAME.ann in a data folder's "
                    f"keepha_ja/{FOLDERS[name]} (upstream may not give the texts away)"
                )
            for file in files:
                yield _question(self.path(file), self.path(f"{file[:-4]}.txt"), name, task)


def _texts(folder: str) -> list[str]:
    """Annotations and their texts: by the list of what upstream has with text, else those that lie here."""
    if known := listed(f"keepha_ja/{folder}/"):
        return known
    here = {
        f"keepha_ja/{folder}/{file.name[:-4]}{end}"
        for data in data_dirs()
        for file in (data / "keepha_ja" / folder).glob("*.ann")
        if file.with_suffix(".txt").is_file()
        for end in (".ann", ".txt")
    }
    return sorted(here)


def _question(annotation: Path, source: Path, part: str, task: str) -> Question:
    text = read_text(source)
    entities, relations = read_brat(annotation, text)
    if task == "ner":
        found = [Mention(kind, (words,)) for kind, words in entities.values() if kind in ENTITIES]
        kinds, ask = ENTITIES, "次の文章に書かれた表現を、次の種類に分けて、書かれているとおりにすべて抜き出す。"
    else:
        found = [Mention(k, (entities[a][1], entities[b][1])) for k, a, b in relations if k in RELATIONS]
        kinds, ask = RELATIONS, "次の文章に書かれた表現の間の、次の種類の関係をすべて挙げる。from が前、to が後である。"
    names = "\n".join(f"{kind}: {title}" for kind, title in kinds.items())
    key = Mentions(once(found), tuple(kinds.items()), 1 if task == "ner" else 2)
    stem = f"{ask}\n{names}\n\n文章：\n{text.strip()}"
    return Question(id=f"{part}_{task}-{annotation.stem}", lang="ja", stem=stem, key=key, section=part)


def read_brat(path: Path, text: str) -> tuple[dict[str, tuple[str, tuple[str, ...]]], list[tuple[str, str, str]]]:
    """Entities (id -> kind, spellings) and relations (kind, id, id) of a brat file.

    Raises:
        IgakuError: a line that cannot be read, a place that does not hold its words, a relation of unknown entities.
    """
    entities: dict[str, tuple[str, tuple[str, ...]]] = {}
    relations: list[tuple[str, str, str]] = []
    for n, line in read_lines(path):
        where = f"{path}, line {n}"
        if line.startswith("T"):
            if (m := _ENTITY.fullmatch(line)) is None:
                raise IgakuError(f"{where}: not a brat entity (ID, kind with spans, words, with tabs between)")
            spans = [(int(a), int(b)) for a, b in (p.split() for p in m[3].split(";"))]
            pieces, whole = [text[a:b] for a, b in spans], text[spans[0][0] : spans[-1][1]]
            if " ".join(pieces) != m[4]:
                raise IgakuError(f"{where}: its text has {' '.join(pieces)!r} where {m[4]!r} is marked; check the .txt")
            entities[m[1]] = (m[2], tuple(dict.fromkeys((" ".join(pieces), whole))))
        elif line.startswith("R"):
            if (r := _RELATION.fullmatch(line)) is None:
                raise IgakuError(f"{where}: not a brat relation (ID, kind, Arg1, Arg2)")
            relations.append((r[1], r[2], r[3]))
    gone = next((f"{k} {a} {b}" for k, a, b in relations if not {a, b} <= entities.keys()), "")
    if gone:
        raise IgakuError(f"{path}: relation {gone} names an entity that is not in the file")
    return entities, relations
