"""IgakuQA: National Medical Licensing Examination of Japan, 112th to 116th (2018-2022), 2,000 questions.

Kasai et al. 2023 (arXiv 2303.18027). Japanese, and English by machine translation. 1,471 are text only; 529 refer
to an image that is not in the files. Five choices, but two questions have 6, two have 8, and 12 want a number.
1,702 single answers, 243 double, 55 triple, and the Japanese stems say how many.

Special keys, all as data: 112B30 accepts a or d; 116A71 counted right for everybody (void, its point is given);
11 questions worth 0 points were excluded officially (void). ``kinki`` (禁忌, choices that fail a candidate) is a
third party's list, since the ministry does not disclose it, and is dirty there ("cde", full-width letters, a
leading space): it is split and normalised here. Sections: blocks B and E are 必修 (``required``); elsewhere
``general`` or ``clinical`` by the vignette. Linked questions share a group: by number where the stem names them
(「42、43の問いに答えよ」, 112 and 113), else by the exam's fixed plan (two in B and E, three in C and F). 114C11's
choices are a table in its stem: its blank choices are shown as their letters. Numeric keys are the digits that fill the
boxes of the Japanese stem (``igaku.keys.form``): 114C75's ``100`` is 10.0; translated stems have spoilt theirs.

A later year whose files lie in the data folder (``data/2023/117-A.jsonl`` ...) is read like these, with metadata
where it has them; in English, where it has translations.

Source: jungokasai/IgakuQA, no licence stated there.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from igaku.benchmarks.base import Benchmark, letter_key, lettered
from igaku.benchmarks.linked import NAMED, numbers
from igaku.benchmarks.years import PHYSICIANS, years_here
from igaku.io.paths import find_data
from igaku.io.rows import need, read_jsonl
from igaku.question import LETTERS, Choices, Question, Void

EXAMS = {"2018": 112, "2019": 113, "2020": 114, "2021": 115, "2022": 116}
RIGHT_FOR_EVERYBODY = {"116A71"}
_PATIENT = re.compile(r"\d+\s*(?:歳|か月|生日)|日齢\s*\d|新生児|の(?:男性|女性|男児|女児)。")


class IgakuQA(Benchmark):
    """See the module."""

    name = "igakuqa"
    title = "IgakuQA (physicians, Japan)"
    title_ja = "IgakuQA（医師国家試験 2018–2022）"
    languages = ("ja", "en")
    licence = "none stated"
    upstream = "jungokasai/IgakuQA"
    slices = tuple(EXAMS)

    def files(self, lang: str) -> list[str]:
        """Questions, metadata and, for English, translations of each block."""
        suffixes = ["", "_metadata"] + (["_translate"] if lang == "en" else [])
        wanted = [(year, _file(year, block, s)) for year in self.years(lang) for block in "ABCDEF" for s in suffixes]
        return [file for year, file in wanted if year in EXAMS or find_data(file)]

    @classmethod
    def parts(cls) -> tuple[str, ...]:
        """The years known, and later ones whose questions lie here."""
        return tuple(sorted({*EXAMS, *_later()}))

    @classmethod
    def aliases(cls) -> dict[str, str]:
        """An exam's number for its year."""
        return {str(exam): year for year, exam in (EXAMS | _later()).items()}

    def years(self, lang: str) -> list[str]:
        """The years asked for; of later ones, in English, those with translations."""
        if self.part:
            return [self.part]
        return [y for y in self.parts() if lang != "en" or y in EXAMS or find_data(_file(y, "A", "_translate"))]

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield year by year, block by block, in exam order."""
        for year in self.years(lang):
            for block in "ABCDEF":
                yield from self._block(year, block, lang)

    def _block(self, year: str, block: str, lang: str) -> Iterator[Question]:
        metadata = _file(year, block, "_metadata")
        meta = self._by_id(metadata) if year in EXAMS or find_data(metadata) else {}
        english = self._by_id(_file(year, block, "_translate")) if lang == "en" else {}
        groups: dict[int, str] = {}
        path = self.path(_file(year, block, ""))
        for line, row in read_jsonl(path):
            where = f"{path}, line {line}"
            name = need(row, "problem_id", str, where)
            number = int(name[4:])
            if found := NAMED.search(row["problem_text"]):
                linked = numbers(found[1]) or range(number, number + (2 if block in "BE" else 3))
                groups |= dict.fromkeys(linked, name)
            yield self._question(
                row,
                meta.get(name, {}),
                english.get(name),
                lang,
                where,
                year=year,
                section=_section(block, row["problem_text"]),
                group=groups.get(number, ""),
            )

    def _question(
        self, row: dict[str, Any], meta: dict[str, Any], en: dict[str, Any] | None, lang: str, where: str, **more: Any
    ) -> Question:
        name, choices = row["problem_id"], tuple(need(row, "choices", list, where))
        stem = need(row, "problem_text", str, where)
        if lang == "en":
            stem, choices = (
                need(en or {}, "problem_text_en", str, where),
                tuple(need(en or {}, "choices_en", list, where)),
            )
        choices = lettered(choices)
        key = letter_key(need(row, "answer", list, where), len(choices), row["problem_text"])
        points = float(need(row, "points", (str, int, float), where))
        none = any("解なし" in str(a) for a in row["answer"])
        void: Void = "everybody" if name in RIGHT_FOR_EVERYBODY else "excluded" if points == 0 or none else ""
        return Question(
            id=name,
            lang=lang,
            stem=stem,
            choices=choices,
            key=key or Choices(()),
            points=points,
            void=void if key or none else "no-key",
            text_only=need(row, "text_only", bool, where),
            category=meta.get("category", ""),
            prohibited=prohibited(meta.get("kinki", []), len(choices)),
            human_accuracy=_share(meta.get("human_accuracy")),
            human_choice=_majority(meta.get("breakdown", []), len(row["answer"])),
            **more,
        )

    def _by_id(self, relative: str) -> dict[str, dict[str, Any]]:
        path = self.path(relative)
        return {need(row, "problem_id", str, f"{path}, line {n}"): row for n, row in read_jsonl(path)}


def prohibited(kinki: list[str], n_choices: int) -> tuple[int, ...]:
    """``["cde"]``, ``["ｂ"]``, ``["d", " e"]`` as positions, sorted, each once."""
    letters = set(unicodedata.normalize("NFKC", "".join(kinki)).lower()) & set(LETTERS[:n_choices])
    return tuple(sorted(LETTERS.index(c) for c in letters))


def _file(year: str, block: str, suffix: str) -> str:
    exam = EXAMS.get(year) or _later().get(year, str(int(year) - PHYSICIANS))
    return f"igakuqa/data/{year}/{exam}-{block}{suffix}.jsonl"


def _later() -> dict[str, str]:
    """Years beyond the known ones whose questions lie here -> the exam's number."""
    return {
        y: next(iter(exams)) for y, exams in years_here("igakuqa/data", r"(\d{3})-A\.jsonl").items() if y not in EXAMS
    }


def _section(block: str, stem: str) -> str:
    if block in "BE":
        return "required"
    return "clinical" if _PATIENT.search(stem[:120]) or "次の文を読み" in stem else "general"


def _share(text: str | None) -> float | None:
    return float(text) / 100 if text else None


def _majority(breakdown: list[str], n_right: int) -> tuple[int, ...]:
    shares = [float(b) if b else 0.0 for b in breakdown]
    top = sorted(range(len(shares)), key=lambda i: -shares[i])[:n_right]
    return tuple(sorted(top)) if any(shares) else ()
