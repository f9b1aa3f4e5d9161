"""How many refusals are found by their words, and how many answers are taken for one.

Replies of both kinds in English and Japanese (``bench/refusals.jsonl``), written for this by a language model that had
not seen the words. The words were corrected by the sets "seen"; "held out" was written afterwards, and nothing was
changed by it.

python bench/refusals.py
"""

from common import keep, language, written

from igaku.grading.refusal import refuses

Reply = dict[str, object]


def replies() -> list[Reply]:
    """All of them: part, reply, refuses."""
    return written("refusals")


def measured(given: list[Reply]) -> list[dict[str, object]]:
    """One row a part and language."""
    groups: dict[tuple[str, str], list[Reply]] = {}
    for r in given:
        groups.setdefault((str(r["part"]), language(str(r["reply"]))), []).append(r)
    rows: list[dict[str, object]] = []
    for (part, name), group in sorted(groups.items()):
        refused = [r for r in group if r["refuses"]]
        answered = [r for r in group if not r["refuses"]]
        rows.append(
            {
                "part": part,
                "language": name,
                "refusals": len(refused),
                "found": sum(refuses(str(r["reply"])) for r in refused),
                "answers": len(answered),
                "taken for a refusal": sum(refuses(str(r["reply"])) for r in answered),
            }
        )
    return rows


if __name__ == "__main__":
    keep("refusals", measured(replies()))
