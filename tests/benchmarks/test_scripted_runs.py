"""A run of a few real questions of each set of the ward: right answers score in full, empty replies nothing."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from igaku import evaluate, load_benchmark
from igaku.cli import app
from igaku.engines.replay import Replay
from igaku.keys import gold_letters, gold_text
from igaku.question import Choices, Ordering, Question

SETS = {
    "medrect": "ja",
    "medec": "en",
    "medec-validation": "en",
    "medxpertqa-mm": "en",
    "medxpertqa-text_sample": "en",
    "jmle_text-2023": "ja",
    "jmle_text-2024": "ja",
    "dental_exam-118": "ja",
    "keepha-cases_ner": "ja",
    "keepha-tweets_relations": "ja",
    "nursing_records-status": "ja",
    "nursing_records-complaints": "ja",
}
FEW = 12


def _gold(q: Question) -> str:
    return gold_letters(q) if isinstance(q.key, Choices | Ordering) else gold_text(q)


@pytest.mark.data
@pytest.mark.parametrize(("name", "lang"), SETS.items())
def test_right_answers_score_in_full_and_empty_ones_nothing(name: str, lang: str, tmp_path: Path) -> None:
    questions = load_benchmark(name).load(lang)[:FEW]
    golds = {q.stem.strip(): _gold(q) for q in questions}
    right = evaluate(
        Replay(lambda r: next(gold for stem, gold in golds.items() if stem in r.prompt)),
        name,
        lang=lang,
        limit=FEW,
        out=tmp_path / "right",
    )
    assert [(c.score, c.unparsed) for c in right.cells] == [(1.0, 0)] * len(right.cells)
    empty = evaluate(Replay(lambda _: ""), name, lang=lang, limit=FEW, out=tmp_path / "empty")
    assert sum(c.unparsed for c in empty.cells) == sum(c.n_scored for c in empty.cells) > 0
    assert all(c.metrics.get("recall", 0.0) == 0.0 and c.correct == 0 for c in empty.cells)
    shown = CliRunner().invoke(app, ["show", str(tmp_path / "right")])
    assert shown.exit_code == 0 and name in shown.output
