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

Source: jungokasai/IgakuQA, no licence stated there.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from igaku.benchmarks.base import Benchmark, letter_key, lettered
from igaku.benchmarks.linked import NAMED, numbers
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
        return [_file(year, block, s) for year in self.years() for block in "ABCDEF" for s in suffixes]

    def years(self) -> list[str]:
        """The years asked for."""
        return [self.part] if self.part else list(EXAMS)

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield year by year, block by block, in exam order."""
        for year in self.years():
            for block in "ABCDEF":
                yield from self._block(year, block, lang)

    def _block(self, year: str, block: str, lang: str) -> Iterator[Question]:
        meta = self._by_id(_file(year, block, "_metadata"))
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
        points = float(need(row, "points", str, where))
        void: Void = "everybody" if name in RIGHT_FOR_EVERYBODY else "excluded" if points == 0 else ""
        return Question(
            id=name,
            lang=lang,
            stem=stem,
            choices=choices,
            key=key or Choices(()),
            points=points,
            void=void if key else "no-key",
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
    return f"igakuqa/data/{year}/{EXAMS[year]}-{block}{suffix}.jsonl"


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
