"""J-ClinicalBench's tasks: how each one's files become questions. The stems are igaku's own words."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from igaku.benchmarks import j_clinicalbench_keys as keys
from igaku.benchmarks.base import letter_key
from igaku.errors import IgakuError
from igaku.io.json_values import read_json
from igaku.io.rows import need, read_csv, read_jsonl
from igaku.question import LETTERS, Question

EXCLUDED = ("114E29", "116C36", "116D64")
"""Questions that the ministry did not score; upstream's file does not say so."""
LIST = '["…", "…"] の形の一覧だけを書け。なければ [] と書け。'
ENTITIES = "文の全体を、ほかは一字も変えずに書け。"
STEMS = {
    "cca": "資料1の記録に、否定されずに書かれている症状・疾患・病態を、MedDRA の基本語ですべて挙げよ。"
    f"資料2の語を使え。{LIST}",
    "mr": f"資料1の記録の患者に処方されると考えられる薬剤を、一般名ですべて挙げよ。資料2の名を使え。{LIST}",
    "hs_ds": "資料1の医師として、資料2の退院サマリを、後任の医師のために短くまとめよ。表や見出し記号は使わない。",
    "hs_pn": "資料の経過記録から、退院サマリの「入院経過」と「退院時状況」を書け。見出しはこの二つとする。",
    "irs": "資料1は起きたこと、資料2は後の対応である。何が起きたかを、一つの文か名詞句にまとめよ。まとめだけを書け。",
    "cts": "資料の記録を、内容を省かず、一般の人に分かる言葉に書き換えよ。専門用語には短い説明を添えよ。",
    "ner_disease": f"資料の文の病名・症状・所見を、それぞれ <d> と </d> で囲め。{ENTITIES}",
    "ner_medication": f"資料の文の薬品名を <m-key> と </m-key> で、投与量を <m-val> と </m-val> で囲め。{ENTITIES}",
    "re_ent": "資料の文で、e1 と e2 の関係はどれか。",
    "re_time": "資料の文で、e1 と e2 の時間の関係はどれか。",
    "ade": "資料1は患者の話、資料2はその人の薬である。この薬による有害事象が述べられているか。",
    "tnm": "資料の読影報告の肺癌を分類せよ。「T因子: 」「N因子: 」「M因子: 」で始まる3行だけを書け。"
    + "".join(f"{name.upper()} は {'、'.join(found)}。" for name, found in keys.TNM.items()),
}


class Source(NamedTuple):
    """A task and its folder."""

    task: str
    folder: Path

    def question(self, name: object, **fields: Any) -> Question:
        """A question of the task."""
        stem = STEMS.get(self.task, "")
        return Question(**{"id": f"{self.task}-{name}", "lang": "ja", "stem": stem} | fields)


def lists(source: Source) -> Iterator[Question]:
    """Diagnoses or drugs of a record; all that is right somewhere is offered, as upstream's list is not published."""
    name, column, gold = {"cca": ("data.csv", "text", "medra_list"), "mr": ("data.csv", "text", "medications")}[
        source.task
    ]
    path = source.folder / name
    rows = [(f"{path}, line {line}", row) for line, row in read_csv(path)]
    found = [keys.expressions(need(row, gold, str, where), where) for where, row in rows]
    offered = "、".join(sorted({item for one in found for item in one.items}))
    for (where, row), key in zip(rows, found):
        yield source.question(
            need(row, "doc_name", str, where), key=key, documents=(need(row, column, str, where), offered)
        )


def exam(source: Source) -> Iterator[Question]:
    """Case questions of IgakuQA, with all right choices (``answer_idx`` holds the first one only)."""
    path = source.folder / "igakuqa_clinical_test.jsonl"
    for line, row in read_jsonl(path):
        where = f"{path}, line {line}"
        choices, more = need(row, "options", list, where), need(row, "metadata", dict, where)
        right = [LETTERS[i] for i in need(more, "all_answer_idx", list, where)]
        key = letter_key(right, len(choices))
        if key is None:
            raise IgakuError(f"{where}: the key is outside the {len(choices)} choices")
        name = need(row, "sample_id", str, where)
        yield Question(
            id=name,
            lang="ja",
            stem=need(row, "question", str, where),
            choices=tuple(choices),
            key=key,
            void="excluded" if name in EXCLUDED else "",
            year=str(more.get("year", "")),
        )


def handovers(source: Source) -> Iterator[Question]:
    """Ten discharge summaries, each made short by ten doctors, who are described; ``context`` is how the doctor wrote
    of the first one, for the prompt that shows an example."""
    path = source.folder / "data_summary.csv"
    doctors = {row["doctor_id"]: row for _, row in read_csv(source.folder / "data_doctor.csv")}
    texts = {row["ds_id"]: row["text"] for _, row in read_csv(source.folder / "data_ds.csv")}
    rows = list(read_csv(path))
    first = {row["doctor_id"]: row["summary"] for _, row in rows if row["ds_id"] == rows[0][1]["ds_id"]}
    for line, row in rows:
        where = f"{path}, line {line}"
        ds, doctor = need(row, "ds_id", str, where), need(row, "doctor_id", str, where)
        if ds not in texts or doctor not in doctors:
            raise IgakuError(f"{where}: no discharge summary {ds!r}, or no doctor {doctor!r}, in the files beside it")
        who = "、".join(v for k, v in doctors[doctor].items() if k != "doctor_id")
        key = keys.writing("hs_ds", row["summary"], where)
        shown = "" if ds == rows[0][1]["ds_id"] else first.get(doctor, "")
        yield source.question(f"{ds}_{doctor}", key=key, documents=(who, texts[ds]), context=shown, category=doctor)


def courses(source: Source) -> Iterator[Question]:
    """Progress notes of a stay; ``paper``: the 20 cases of the paper, ``added``: those published later."""
    path = source.folder / "data_release_full.json"
    paper = {row.get("case_id") for row in _array(source.folder / "dataset_paper.json")}
    for n, row in enumerate(_array(path), 1):
        where = f"{path}, case {n}"
        name = need(row, "case_id", str, where)
        notes = [f"【経過記録{i}】\n{note}" for i, note in enumerate(need(row, "notes", list, where), 1)]
        document = "\n\n".join([*notes, f"【退院時診断】\n{row.get('diagnoses', '')}"]).strip()
        key = keys.writing("hs_pn", need(row, "summary", str, where), where)
        yield source.question(name, key=key, documents=(document,), section="paper" if name in paper else "added")


def incidents(source: Source) -> Iterator[Question]:
    """Incident reports."""
    path = source.folder / "data.csv"
    for line, row in read_csv(path):
        where = f"{path}, line {line}"
        key = keys.writing("irs", need(row, "summary", str, where), where)
        documents = tuple(need(row, name, str, where) for name in ("incident_description", "action_token"))
        yield source.question(need(row, "id", str, where), key=key, documents=documents)


def plain_words(source: Source) -> Iterator[Question]:
    """Progress notes (PN), case reports (CR) and radiology reports (RR) for lay people, in the order of upstream's
    replies."""
    for kind, name, text in (
        ("PN", "filename", "text"),
        ("CR", "file_id", "input_text"),
        ("RR", "file_id", "input_text"),
    ):
        path = source.folder / f"{kind}_simplification.csv"
        for line, row in read_csv(path):
            where = f"{path}, line {line}"
            key = keys.writing("cts", need(row, "simplified_text", str, where), where)
            documents = (need(row, text, str, where),)
            yield source.question(need(row, name, str, where), key=key, documents=documents, section=kind)


def sentences(source: Source) -> Iterator[Question]:
    """Sentences with entities; the section is the file. ``test_cr`` is read where the user has it from before upstream
    took it out."""
    for name in ("test_rr", "test_cr", "train_cr", "train_rr"):
        path = source.folder / f"{name}.json"
        if name == "test_cr" and not path.exists():
            continue
        for line, row in read_jsonl(path):
            where = f"{path}, line {line}"
            key = keys.entities(row, source.task, where)
            number = "-".join(map(str, need(row, "ID", list, where)))
            yield source.question(f"{name}-{number}", key=key, documents=(key.document,), section=name)


def relations(source: Source) -> Iterator[Question]:
    """Two marked entities of a sentence; questions are numbered in their order, since the file has no ids."""
    path, labels = source.folder / "rel_data.json", keys.RELATIONS[source.task]
    for n, row in enumerate(_array(path), 1):
        where = f"{path}, relation {n}"
        relation = need(row, "relation", str, where)
        yield source.question(
            n,
            key=keys.choice(relation, labels, where),
            choices=tuple(labels.values()),
            documents=(need(row, "text", str, where),),
            category=relation,
            source=str(row.get("source", "")),
        )


def events(source: Source) -> Iterator[Question]:
    """What patients say of a drug."""
    path = source.folder / "data.csv"
    for line, row in read_csv(path):
        where = f"{path}, line {line}"
        key = keys.choice(need(row, "label", str, where), keys.EVENT, where)
        documents = (need(row, "text", str, where), need(row, "medication", str, where))
        yield source.question(row["Unnamed: 0"], key=key, choices=tuple(keys.EVENT.values()), documents=documents)


def reports(source: Source) -> Iterator[Question]:
    """Radiology reports of lung cancer."""
    path = source.folder / "data.csv"
    for line, row in read_csv(path):
        where = f"{path}, line {line}"
        name, text = need(row, "id", str, where), need(row, "text", str, where)
        yield source.question(name, key=keys.classes(row, where), documents=(text,))


def _array(path: Path) -> list[dict[str, Any]]:
    rows = read_json(path)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise IgakuError(f"{path}: expected a list of objects")
    return rows


Questions = Callable[[Source], Iterator[Question]]
