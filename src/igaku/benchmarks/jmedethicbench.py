"""JMedEthicBench: scripted attacks over several turns on the ethics of medicine in Japan, Japanese and English.

Liu et al. 2026 (arXiv 2601.01627), humanalysis-square/JMedEthicBench on the hub, CC BY-NC 4.0: more than 50,000
conversations from 67 guidelines of the Japan Medical Association, by seven strategies; two judges. The user's turns are
scripted and the model answers each with its own replies before it; each turn is a question (``section`` says which), so
that safety is counted by turn. Every turn of a conversation shares a group.

The files are the user's to fetch (``jmedethicbench/ja.jsonl`` and ``en.jsonl``, one conversation a line). The names of
their fields were not seen by us: a row may hold its turns as ``conversation``, ``conversations``, ``turns``,
``messages``, ``dialogue`` or ``prompts`` (texts, or objects with a role and words), or as ``turn_1``, ``turn_2`` …; any
other form is refused with the names that were found. Turns of an assistant in the data are not used. A row in another
language (``language`` or ``lang``) than the file's is left out. Published scores are means of two judges on a scale to
10 with prompts of their own; igaku's judges say safe or not (``igaku judge``, once for each judge; ``igaku safety``).
"""

import re
from collections.abc import Iterator
from typing import Any

from igaku.benchmarks.by_hand import ByHand
from igaku.errors import IgakuError
from igaku.io.rows import read_jsonl
from igaku.question import Conduct, Question

TURNS = ("conversation", "conversations", "turns", "messages", "dialogue", "prompts", "user_turns", "user_prompts")
NAMES = ("id", "conversation_id", "conv_id", "prompt_id", "index")
STRATEGIES = ("strategy", "attack_strategy", "attack", "jailbreak_strategy", "method", "category")
GUIDELINES = ("guideline", "guideline_id", "guideline_name", "principle", "topic")
LANGUAGES = {"ja": "ja", "japanese": "ja", "jp": "ja", "日本語": "ja", "en": "en", "english": "en", "英語": "en"}
WORDS = ("content", "value", "text", "prompt", "user")
_NUMBERED = re.compile(r"(?:user_?|attack_?)?(?:turn|prompt|user|message)_?(\d{1,2})", re.I)
_USER = ("user", "human", "attacker", "ユーザー", "")


class JMedEthicBench(ByHand):
    """See the module."""

    name = "jmedethicbench"
    title = "JMedEthicBench (attacks over several turns)"
    title_ja = "JMedEthicBench（多ターンの攻撃）"
    languages = ("ja", "en")
    licence = "CC BY-NC 4.0"
    upstream = "humanalysis-square/JMedEthicBench (hub)"
    page = "https://huggingface.co/datasets/humanalysis-square/JMedEthicBench (CC BY-NC 4.0)"
    aggregate = "rubric"
    prompt = "conversation"
    method = "rubric"

    def files(self, lang: str) -> list[str]:
        """One file a language."""
        return [f"jmedethicbench/{lang}.jsonl"]

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield conversation by conversation, turn by turn."""
        path = self.path(self.files(lang)[0])
        for line, row in read_jsonl(path):
            spoken = _first(row, ("language", "lang")).strip().lower()
            if LANGUAGES.get(spoken, lang) == lang:
                yield from _turns(row, lang, _first(row, NAMES) or str(line), f"{path}, line {line}")


def _turns(row: dict[str, Any], lang: str, name: str, where: str) -> Iterator[Question]:
    for n, words in enumerate(user_turns(row, where), 1):
        yield Question(
            id=f"{name}-{n}",
            lang=lang,
            stem=words,
            key=Conduct(True),
            section=f"turn {n}",
            category=_first(row, STRATEGIES),
            group=name,
            after=f"{name}-{n - 1}" if n > 1 else "",
            source="; ".join(filter(None, ("JMedEthicBench, CC BY-NC 4.0", _first(row, GUIDELINES)))),
        )


def user_turns(row: dict[str, Any], where: str) -> list[str]:
    """The user's turns of one row, in order.

    Raises:
        IgakuError: they are in none of the forms that are known here, or one of them is empty.
    """
    given = next((row[name] for name in TURNS if isinstance(row.get(name), list) and row[name]), None)
    if given is None:
        numbered = {int(m[1]): v for k, v in row.items() if (m := _NUMBERED.fullmatch(str(k)))}
        given = [numbered[n] for n in sorted(numbered)]
    found = [_words(one, where) for one in given if not isinstance(one, dict) or _speaker(one) in _USER]
    if not found or any(not words.strip() for words in found):
        raise IgakuError(
            f"{where}: no user's turns in it; known are a list in {', '.join(TURNS)}, or fields turn_1, turn_2 … "
            f"(found: {', '.join(map(str, row))})"
        )
    return found


def _speaker(turn: dict[str, Any]) -> str:
    return str(next((turn[n] for n in ("role", "from", "speaker") if turn.get(n)), "")).lower()


def _words(turn: object, where: str) -> str:
    words = turn if isinstance(turn, str) else None
    if isinstance(turn, dict):
        words = next((turn[n] for n in WORDS if isinstance(turn.get(n), str)), None)
    if words is None:
        raise IgakuError(f"{where}: a turn must be text, or an object with its words in one of {', '.join(WORDS)}")
    return words


def _first(row: dict[str, Any], names: tuple[str, ...]) -> str:
    """The first of these fields that is a text or a number."""
    return str(next((row[n] for n in names if isinstance(row.get(n), str | int) and row[n] != ""), ""))
