"""What every benchmark file stands on: the class, and how keys and choices are read from its rows."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from igaku.benchmarks.checks import check, collected
from igaku.benchmarks.key_files import KeyFile, keys_beside, read_key_file, unknown_questions, with_keys
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.paths import find_data
from igaku.question import LETTERS, Choices, Number, Question

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif")
"""How the names of pictures among its files end."""
LOST = "（設問文は元のファイルで欠けている。）"
"""What stands in place of a stem that upstream's file has lost: the question is asked, not dropped."""


class Benchmark:
    """A benchmark yields questions and nothing else. A subclass needs a ``name`` and ``questions``."""

    name: str
    title: str = ""
    title_ja: str = ""
    """Its title in Japanese, for the tables in the documentation."""
    languages: tuple[str, ...] = ("ja",)
    licence: str = ""
    upstream: str = ""
    """Where the files come from, as a person would look it up."""
    by_hand: ClassVar[str] = ""
    """How to get files that ``igaku data get`` does not fetch (no licence, or only on the hub); empty where it does."""
    credit: str = ""
    """The line that its licence asks whoever shows the questions to print."""
    key_version: str = ""
    """Whose key it is, where there are several; outputs say it."""
    keys: KeyFile | None = None
    """Keys that win over its own (``igaku.benchmarks.key_files``)."""
    slices: ClassVar[tuple[str, ...]] = ()
    """Parts with a name of their own, such as years: ``igakuqa-2018``."""
    aggregate: str = "accuracy"
    """The aggregator in ``igaku.statistics`` that turns its verdicts into its score."""
    prompt: str = "standard"
    """The template used where the user names none."""
    method: str = "letter"
    """The grading method used where the user names none."""
    scored_by_slice: ClassVar[bool] = False
    """Whether its slices are scored in different ways, so that the whole is asked as its slices."""

    own_file: Path | None = None
    """The user's own question file, where it is one."""
    read_as: str = ""
    """How that file was read, where there was a choice: which sheet, which separator."""
    _own_keys = ""
    """The key version of its own keys, once keys of a file won over some."""

    def __init__(self, part: str = "") -> None:
        self.part = part

    def __repr__(self) -> str:
        title = f" ({self.title})" if self.title else ""
        return f"<{type(self).__name__} {self.label}{title}: {', '.join(self.languages)}>"

    def __iter__(self) -> Iterator[Question]:
        """Its questions in its first language; ``load(lang)`` gives those of another."""
        return iter(self.load())

    def __len__(self) -> int:
        return len(self.load())

    def __bool__(self) -> bool:
        return True

    def take_keys(self, file: Path) -> None:
        """Let a file's keys win over its own (``igaku.benchmarks.key_files``).

        Raises:
            IgakuError: the file cannot be read as keys.
        """
        self.keys = read_key_file(file)

    @property
    def label(self) -> str:
        """The name under which its replies are stored: ``igakuqa`` or ``igakuqa-2018``."""
        return f"{self.name}-{self.part}" if self.part else self.name

    def files(self, lang: str) -> list[str]:
        """The data files of one language, relative to the data folder; none where they come with the code."""
        return []

    @classmethod
    def parts(cls) -> tuple[str, ...]:
        """The slices that the whole consists of; a subclass adds those whose files lie in a data folder."""
        return cls.slices

    @classmethod
    def aliases(cls) -> dict[str, str]:
        """Other names of slices: the number of an exam for its year, or its year for the number."""
        return {}

    def question_files(self, lang: str) -> list[str]:
        """Its files but the pictures, without which its questions can be read and asked too."""
        return [f for f in self.files(lang) if not f.lower().endswith(PICTURES)]

    def picture_names(self, lang: str) -> Mapping[str, Sequence[str]]:
        """Question id -> all pictures that it has upstream, on this machine or not; nothing where that is not known."""
        return {}

    def questions(self, lang: str) -> Iterable[Question]:
        """Yield the questions of one language in the exam's own order."""
        raise NotImplementedError(f"class {type(self).__name__} does not define questions(self, lang)")

    def explanations(self, lang: str) -> dict[str, str]:
        """Question id -> why its key is right, where the source says so.

        They are never shown in an evaluation: they are text for training, where the year is open.
        """
        return {}

    def load(self, lang: str | None = None) -> list[Question]:
        """The checked questions of one language (its first one if none is given).

        Raises:
            IgakuError: a file is missing or malformed; the line says which, where, and what to do.
        """
        lang = lang or self.languages[0]
        if lang not in self.languages:
            raise UnknownNameError(f"language of {self.name}", lang, self.languages)
        builtin = type(self).__module__.startswith("igaku.benchmarks.")
        questions = list(self.questions(lang)) if builtin else collected(self.questions, self.label, lang)
        questions = self._by_keys(questions)
        check(questions, self.label)
        return questions

    def _by_keys(self, questions: list[Question]) -> list[Question]:
        """The questions by the keys that were given or lie beside the data, if there are any."""
        if beside := None if self.keys else keys_beside(self.name, self.own_file):
            self.take_keys(beside)
        if self.keys is None:
            return questions
        found = sum(q.id in self.keys.rows for q in questions)
        if not found and not self.part:
            raise unknown_questions(self.keys, questions, self.label)
        self._own_keys = self._own_keys or self.key_version or "their own"
        others = (
            f" for {found} of {len(questions)} questions; the others by {self._own_keys}"
            if found < len(questions)
            else ""
        )
        self.key_version = self.keys.version + others
        return with_keys(questions, self.keys)

    def path(self, relative: str) -> Path:
        """The full path of one data file.

        Raises:
            IgakuError: it is not found; the line says how to get it.
        """
        found = find_data(relative)
        if found is None:
            how = self.by_hand or f"get it with: igaku data get {self.name}"
            raise IgakuError(
                f"{self.name}: data file {relative} not found; {how} (or set IGAKU_DATA to a folder that holds it)"
            )
        return found


def letter_key(answer: Iterable[str], n_choices: int, stem: str = "") -> Choices | Number | None:
    """The key of an answer given as letters (``["a", "c"]``, ``["a or d"]``) or, without choices, as a number in the
    form that the exam's own stem prints.

    None where the answer is not a letter of the choices (such as "NA"): the caller marks the question ``no-key``.
    """
    answer = [a for a in answer if str(a).strip(" ,、")]
    if not answer:
        return None
    if n_choices == 0:
        return Number.parsed(answer, stem)
    alternatives = answer[0].split(" or ") if len(answer) == 1 else ["".join(answer)]
    valid = LETTERS[:n_choices]
    if not all(a and set(a) <= set(valid) for a in alternatives):
        return None
    return Choices.letters(*alternatives)


def unspaced(choice: str) -> str:
    """「胸　腺」, which exams print with a blank to fill a line, as the word it is."""
    choice = choice.strip()
    return (
        re.sub(r"\s", "", choice) if re.fullmatch(r"[一-龠々ぁ-んァ-ヶー]\s+[一-龠々ぁ-んァ-ヶー]", choice) else choice
    )


def lettered(choices: Iterable[str]) -> tuple[str, ...]:
    """Choices with each blank one shown as its full-width letter (a table in the stem holds their content)."""
    return tuple(c if c.strip() else chr(ord("ａ") + i) for i, c in enumerate(choices))
