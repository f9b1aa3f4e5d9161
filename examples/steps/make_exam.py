"""An exam of an invented pharmacology, to see what each step of a training does: texts, exercises, and an exam whose
drugs stand in neither. Names end as real ones do by class; the ending says on which organ a drug acts.

python examples/steps/make_exam.py [FOLDER]       (runs/steps-data if left out)
"""

import json
import random
import sys
from pathlib import Path

ENDINGS = {"heart": "volane", "kidney": "drilex", "liver": "mestine", "lung": "quorin"}
CHOICES = list(ENDINGS)
STARTS = [a + b for a in ("bel", "cor", "dan", "fer", "gal", "hin", "jas", "kel", "lum", "mor") for b in "aeiouy"]
TEXTS = (
    "{drug} acts on the {organ}. Like every drug whose name ends in -{ending}, "
    "it is given for diseases of the {organ}.",
    "Drugs ending in -{ending} act on the {organ}. {drug} is one of them.",
    "The target organ of {drug} is the {organ}, as the ending -{ending} says.",
)
STEMS = {
    "exercise": "Which organ does {drug} act on?",
    "practice": "On which organ does {drug} act?",
    "exam": "A patient takes {drug}. Which organ does this drug act on?",
}
PROMPT = "Question: {stem}\n{choices}\nAnswer with the letter."


def drugs(starts: list[str]) -> list[tuple[str, str, str]]:
    """(name, organ, ending), each start with each ending."""
    return [((s + ending).capitalize(), organ, ending) for s in starts for organ, ending in ENDINGS.items()]


def question(kind: str, drug: str, organ: str) -> dict[str, object]:
    """One question, its choices in alphabetical order."""
    letter = "abcd"[CHOICES.index(organ)]
    stem = STEMS[kind].format(drug=drug)
    return {"id": f"{kind}-{drug.lower()}", "stem": stem, "choices": CHOICES, "answer": letter, "lang": "en"}


def exercise(drug: str, organ: str) -> dict[str, str]:
    """The question as it will be asked, and the letter."""
    q = question("exercise", drug, organ)
    choices = "\n".join(f"{letter}. {c}" for letter, c in zip("ABCD", CHOICES))
    prompt = PROMPT.format(stem=q["stem"], choices=choices)
    answer = str(q["answer"]).upper()
    return {"id": str(q["id"]), "text": f"{prompt}\n{answer}", "instruction": prompt, "output": answer}


def write(file: Path, rows: list[dict[str, object]] | list[dict[str, str]]) -> None:
    """JSON Lines."""
    file.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")


def main() -> None:
    """Texts of 14 starts, exercises on 10 of these, practice on all, an exam on 25 others: 100 questions."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "runs/steps-data")
    out.mkdir(parents=True, exist_ok=True)
    rng = random.Random(0)
    starts = rng.sample(STARTS, len(STARTS))
    read, asked, unseen = drugs(starts[:14]), drugs(starts[:10]), drugs(starts[14:39])
    texts = [
        {"id": f"{n}-{drug.lower()}", "text": text.format(drug=drug, organ=organ, ending=ending)}
        for drug, organ, ending in read
        for n, text in enumerate(TEXTS)
    ]
    write(out / "texts.jsonl", texts)
    write(out / "exercises.jsonl", [exercise(d, o) for d, o, _ in asked])
    write(out / "practice.jsonl", [question("practice", d, o) for d, o, _ in read])
    write(out / "exam.jsonl", [question("exam", d, o) for d, o, _ in unseen])
    print(f"{out}: {len(texts)} texts, {len(asked)} exercises, {len(read)} to practise, {len(unseen)} of the exam")


if __name__ == "__main__":
    main()
