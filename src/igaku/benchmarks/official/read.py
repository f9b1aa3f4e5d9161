"""A folder of official PDFs as own questions: which file is what, and papers, pictures and keys put together."""

import json
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from msgspec import Struct

from igaku.benchmarks.official.keys import SheetKey, folded, sheet
from igaku.benchmarks.official.lines import Line, lines, pages
from igaku.benchmarks.official.paper import Printed, questions
from igaku.benchmarks.official.picture_book import CAPTION, Picture, pictures
from igaku.errors import IgakuError
from igaku.io.files import write_whole
from igaku.io.locks import writes
from igaku.keys.stated import stated
from igaku.tables import Table, View

_BLOCK = re.compile(r"(?:^|[\s\u3000(（])([A-F])\s*問\s*題")
_ALONE = re.compile(r"^\s*([A-F])\s*$", re.M)
_FILE_BLOCK = re.compile(r"(?:^|[^A-Za-z])([a-fA-F])(?=$|[^A-Za-z])")


class Doubt(Struct, frozen=True):
    """What a person must look at: the question (or file), and why."""

    where: str
    what: str
    page: int = 0


class OfficialReport(View, Struct, kw_only=True):
    """What was read, and where a person must look."""

    path: str
    """The questions, in the format of own questions."""
    blocks: dict[str, tuple[int, int, int]]
    """Block -> questions, of these with a key, pictures."""
    doubts: list[Doubt]
    files: dict[str, str]
    """File -> what it was taken for."""

    def tables(self) -> list[Table]:
        """Counts by block, files, and the list to check."""
        rows = [[block, *numbers] for block, numbers in sorted(self.blocks.items())]
        columns = {"block": "text", "questions": "count", "with a key": "count", "pictures": "count"}
        return [
            Table(name="blocks", columns=columns, rows=rows),  # type: ignore[arg-type]
            Table(name="files", columns={"file": "text", "taken for": "text"}, rows=[[*f] for f in self.files.items()]),
            Table(
                name="check",
                title="a person must look at",
                columns={"where": "text", "page": "count", "what": "text"},
                rows=[[d.where, d.page or None, d.what] for d in self.doubts],
            ),
        ]

    def notes(self) -> list[str]:
        """What the reader does not do."""
        return [
            f"questions: {self.path}; those without a key: without_key.jsonl beside it",
            "points, sections and pass marks are not in the papers: give them in exam.toml and in the field points",
            "tables and formulas are read line by line: compare them with the paper, as all that is listed above",
        ]


@writes("out", goes_on=False)
def read_official(folder: str | Path, out: str | Path, exam: str = "", year: str = "") -> OfficialReport:
    """Read papers, picture books and key sheets of one exam.

    Args:
        folder: holds the PDFs of one exam; a file's block is what its first page or its name says.
        out: a new folder for ``questions.jsonl`` and ``images/``.
        exam: the exam's number, put before the questions' names (``120A1``).
        year: of the exam, for the field ``year``.

    Raises:
        IgakuError: no PDF here, a file that is none, no questions in any, or ``out`` already holds questions.
    """
    files = sorted(p for p in Path(folder).rglob("*") if p.suffix.lower() == ".pdf")
    if not files:
        raise IgakuError(f"{folder}: no PDF files found; give the folder that holds the exam's papers")
    target = Path(out)
    if (target / "questions.jsonl").exists():
        raise IgakuError(f"{target / 'questions.jsonl'} already exists; give another --out")
    found = _Found(target / "images")
    for path in files:
        found.take(path)
    if not found.papers:
        raise IgakuError(f"{folder}: no exam paper among {len(files)} PDF files: none has questions that begin with 1")
    return found.written(target, exam, year)


class _Found:
    """What the files of a folder hold."""

    def __init__(self, images: Path) -> None:
        self.images = images
        self.papers: dict[str, list[Printed]] = {}
        self.pictures: list[Picture] = []
        self.keys: dict[tuple[str, int], SheetKey] = {}
        self.doubts: list[Doubt] = []
        self.files: dict[str, str] = {}

    def take(self, path: Path) -> None:
        """Read one file as what its first pages look like."""
        start = [line for page in islice(pages(path), 3) for line in lines(page)]
        kind, block = _kind(start), _block(start, path)
        self.files[path.name] = kind + (f" {block}" if block and kind != "key sheet" else "")
        if kind == "no text":
            self.doubts.append(Doubt(path.name, "holds no text (a scan?): read it by OCR first"))
        elif kind == "key sheet":
            keys, doubts = sheet(pages(path), block)
            self.keys |= keys
            self.doubts += [Doubt(path.name, d) for d in doubts]
        elif kind == "picture book":
            for item in pictures(pages(path), block, self.images):
                if isinstance(item, Picture):
                    self.pictures.append(item)
                else:
                    self.doubts.append(Doubt(path.name, item))
        else:
            self._paper(path, block)

    def _paper(self, path: Path, block: str) -> None:
        read: list[Line] = []
        for page in pages(path):
            own = lines(page)
            if not own and (page.images or page.curves):
                self.doubts.append(Doubt(path.name, "a page without text (a scan?)", page.page_number))
            read += own
        printed = questions(read)
        if not block:
            self.doubts.append(Doubt(path.name, "no block (A to F) on its first page or in its name"))
        if block in self.papers:
            self.doubts.append(Doubt(path.name, f"block {block} is in another file too; this one was not taken"))
        elif printed:
            self.papers[block] = printed

    def written(self, target: Path, exam: str, year: str) -> OfficialReport:
        """Write the questions, and say what was read."""
        rows: dict[bool, list[str]] = {True: [], False: []}
        counts: dict[str, tuple[int, int, int]] = {}
        for block, printed in sorted(self.papers.items()):
            questions_of = [self._row(block, q, exam, year) for q in printed]
            for row in questions_of:
                rows[any(k in row for k in ("answer", "accepted", "void"))].append(json.dumps(row, ensure_ascii=False))
            keyed = sum((block, q.number) in self.keys for q in printed)
            counts[block] = len(printed), keyed, sum(p.block == block for p in self.pictures)
        self._unused()
        write_whole(target / "questions.jsonl", "".join(f"{row}\n" for row in rows[True]))
        if rows[False]:
            write_whole(target / "without_key.jsonl", "".join(f"{row}\n" for row in rows[False]))
        path = str(target / "questions.jsonl")
        return OfficialReport(path=path, blocks=counts, doubts=self.doubts, files=self.files)

    def _row(self, block: str, q: Printed, exam: str, year: str) -> dict[str, object]:
        name, key = f"{exam}{block}{q.number}", self.keys.get((block, q.number))
        images = self._images(block, q)
        doubts = [*q.doubts, *_key_doubts(q, key)]
        missing = [p for p in q.pictures if p not in {i.number for i in images}]
        doubts += [f"picture No. {', '.join(missing)} not found"] if missing else []
        self.doubts += [Doubt(name, d, q.page) for d in doubts]
        fields: dict[str, object] = {
            "id": name,
            "stem": q.stem,
            "choices": q.choices,
            "context": q.context,
            "group": f"{block}{q.group}" if q.group else "",
            "year": year,
            "category": f"block {block}" if block else "",
            "images": [str(p.file.relative_to(self.images.parent)) for p in images],
            "image": bool(q.pictures) or bool(images),
            **_key_fields(key),
        }
        return {k: v for k, v in fields.items() if v not in ("", [], False)}

    def _images(self, block: str, q: Printed) -> list[Picture]:
        mine = [p for p in self.pictures if p.block == block]
        return [p for p in mine if p.question == q.number or (not p.question and p.number in q.pictures)]

    def _unused(self) -> None:
        known = {(block, q.number) for block, printed in self.papers.items() for q in printed}
        self.doubts += [
            Doubt(f"No. {p.number}", f"its caption names {p.block}{p.question}, which no paper has", p.page)
            for p in self.pictures
            if p.question and (p.block, p.question) not in known
        ]
        self.doubts += [
            Doubt(f"{b}{n}", "has a key, but no paper has it") for b, n in sorted(self.keys) if (b, n) not in known
        ]


def _key_fields(key: SheetKey | None) -> dict[str, object]:
    if key is None:
        return {}
    if key.accepted:
        return {"accepted": list(key.accepted)}
    if key.void:
        return {} if key.void == "unless-right" else {"void": key.void}
    return {"answer": key.answer}


def _key_doubts(q: Printed, key: SheetKey | None) -> list[str]:
    """What does not fit between a question and its key."""
    if key is None:
        return ["no key"]
    if key.void:
        needs = "; the sheet gives no answer, without which it cannot count" if key.void == "unless-right" else ""
        return [f"does not count as others do, by the sheet: {key.void}{needs}"]
    letters = key.answer or "".join(key.accepted)
    if q.choices and not letters.isalpha():
        return [f"the key {letters} is a number, but the question has choices"]
    if q.choices and any("abcde".index(c) >= len(q.choices) for c in letters):
        return [f"the key {letters} is none of its {len(q.choices)} choices"]
    wanted = stated(q.stem)
    if key.answer and isinstance(wanted, int) and q.choices and wanted != len(key.answer):
        return [f"the stem asks for {wanted}, the key has {len(key.answer)}"]
    return []


def _kind(start: Sequence[Line]) -> str:
    text = "\n".join(folded(line.text) for line in start)
    if not text.strip():
        return "no text"
    if re.search(r"正\s*[答解]\s*(?:値|肢|番号)?\s*(?:表|一覧)|正答について", text):
        return "key sheet"
    captions = sum(bool(CAPTION.search(folded(line.text))) for line in start)
    printed = questions(start)
    return "picture book" if captions and captions >= len(printed) and not any(q.choices for q in printed) else "paper"


def _block(start: Sequence[Line], path: Path) -> str:
    """The block that the first page names, or else the file's name."""
    text = "\n".join(folded(line.text) for line in start if line.page == 1)
    named = _BLOCK.search(text) or _ALONE.search(text) or _FILE_BLOCK.search(path.stem)
    return named[1].upper() if named else ""
