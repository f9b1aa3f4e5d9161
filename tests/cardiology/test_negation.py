"""Stated, doubted and denied findings, in English and Japanese."""

from pathlib import Path

import numpy as np
import pytest

from igaku.cardiology.ecg.tables import RecordRow, Source, table
from igaku.cardiology.ecg.targets import doubted, target
from igaku.cardiology.negation import certainty
from tests.growth import is_linear

WORDS = "LVH|left ventricular hypertrophy|左室肥大"
STATED = [
    "LVH", "Sinus rhythm, LVH", "LVH with strain", "LVH without strain", "No ST elevation but LVH present",
    "No ST elevation; LVH", "No ST elevation. LVH by voltage", "No ST elevation, LVH present",
    "No change in LVH", "No significant change in LVH", "not only LVH but also LAE",
    "Normal rhythm with left ventricular hypertrophy", "LVH, no ST changes",
    "LVH (voltage criteria), no acute ischemia", "LVH is present", "no longer sinus; LVH", "左室肥大",
    "左室肥大を認める", "左室肥大あり", "ST上昇なし、左室肥大あり", "ST変化はないが、左室肥大を認める",
    "左室肥大、ST低下なし", "AF. LVH. Possible LAE", "No AF. LVH.", "No AF with LVH", "LVH and no LAE",
    "No doubt LVH", "心房細動なし。左室肥大", "高電位 左室肥大", "negative T waves, LVH", "LVH or RVH", "LVH=1",
    "LVH, may be secondary to hypertension", "左室肥大の基準を満たしている", "左室肥大の基準に合致",
    "LVH = 0.2 mV", "LVH=0,4", "LVH absent P waves", "LVH negative P terminal", "LVH resolved ST changes",
    "LVH: negative T waves in V5",
]  # fmt: skip
DENIED = [
    "no LVH", "No evidence of left ventricular hypertrophy", "LVH ruled out", "rule out LVH", "r/o LVH",
    "ruled out LVH", "LVH no longer present", "absence of LVH", "Negative for LVH", "LVH: none", "non-LVH",
    "LVH not present", "LVH absent", "LVH is not seen", "LVH has resolved", "without LVH",
    "neither LVH nor LAE", "no LAE, RAE or LVH", "free of LVH", "LVH criteria not met", "LVH - negative",
    "LVH excluded", "LVH (-)", "No ST elevation, no LVH", "LVH was not clearly seen", "LVH: no", "LVH unlikely",
    "Possible LAE, no LVH", "non LVH", "左室肥大なし", "左室肥大を認めず", "左室肥大は認めない",
    "左室肥大は否定", "左室肥大（-）", "左室肥大所見なし", "左室肥大・ST上昇なし",
    "左室肥大の所見は認められない", "左室肥大は見られない", "左室肥大 陰性", "明らかな左室肥大はなし",
    "左室肥大：なし", "左室肥大や心房負荷を認めません", "LVH isn't present", "no longer has LVH",
    "LVH was not demonstrated", "negative LVH", "fails to meet LVH criteria", "insufficient voltage for LVH",
    "unlikely LVH", "unlikely to be LVH", "LVH=0", "LVH ruled-out", "LVH has disappeared", "左室肥大所見に乏しい",
    "左室肥大とはいえない", "左室肥大とまでは言えない", "左室肥大基準を満たさない",
    "左室肥大の基準に達しない", "左室肥大でない",
    "左室肥大を疑う所見なし", "左室肥大を示唆する所見は認めない", "左室肥大の疑いなし", "左室肥大の可能性なし",
    "LVH=0.0", "LVH = 0, RVH = 1", "LVH＝０", "LVH negative by voltage", "LVH negative, T waves negative",
    "LVH is negative today", "LVH is absent in this tracing", "neg. for LVH", "LVH neg.",
]  # fmt: skip
DOUBTED = [
    "possible LVH", "consider LVH", "probable left ventricular hypertrophy", "LVH cannot be ruled out",
    "cannot exclude LVH", "cannot rule out LVH", "suspected LVH", "LVH?", "? LVH", "LVH, possible",
    "suggestive of LVH", "borderline LVH", "LVH is suspected", "No LAE, possible LVH", "may be LVH",
    "LVH not excluded", "voltage suggests LVH", "LVH vs normal variant, consider LVH", "左室肥大の疑い",
    "左室肥大疑い", "左室肥大を疑う", "左室肥大の可能性", "左室肥大は否定できない", "疑い：左室肥大",
    "左室肥大？", "左室肥大を否定できず", "minimal voltage criteria for LVH, may be normal variant", "doubt LVH",
    "LVH doubtful", "LVH vs RVH", "LVH or normal variant", "左室肥大を示唆", "左室肥大を疑わせる所見あり",
    "LVH vs. RVH", "RVH vs. LVH", "poss. LVH", "Prob. LVH", "susp. LVH", "DDx. LVH",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind"),
    [(t, kind) for kind, texts in (("stated", STATED), ("denied", DENIED), ("doubted", DOUBTED)) for t in texts],
)
def test_what_a_statement_says(text: str, kind: str) -> None:
    assert certainty(text, WORDS) == kind


@pytest.mark.parametrize(
    ("text", "words", "kind"),
    [
        ("negative T wave", "T waves?", "stated"), ("Negative U waves in V4-V6", "U waves?", "stated"),
        ("T waves are negative in V1", "T waves?", "stated"), ("T波陰性", "T波", "stated"),
        ("negative delta wave in III", "delta wave", "stated"), ("no negative T wave", "T wave", "denied"),
        ("negative for T wave inversion", "T wave inversion", "denied"), ("T波陰転なし", "T波陰転", "denied"),
        ("T wave inversion negative", "T wave inversion", "denied"),
        ("ST elevation = 0.2 mV", "ST elevation", "stated"), ("ST elevation = 0 mV", "ST elevation", "denied"),
        ("left atrial enlargement negative P terminal", "left atrial enlargement", "stated"),
        ("AF vs. flutter", "AF", "doubted"), ("AF vs. flutter", "flutter", "doubted"),
    ],
)  # fmt: skip
def test_a_negative_wave_and_a_number_deny_nothing(text: str, words: str, kind: str) -> None:
    assert certainty(text, words) == kind


def test_statements_of_reports_are_read_as_they_are_meant() -> None:
    """1,320 of them, of which the last 300 were written when the rules stood (``bench/statements.py``)."""
    from statements import statements

    given = statements()
    wrong = [s for s in given if certainty(s.text, s.words) != s.truth]
    assert len(given) == 1320 and len(wrong) <= 20
    assert not [s for s in wrong if s.truth == "stated" and certainty(s.text, s.words) == "denied"]


def test_a_plural_is_the_finding_too() -> None:
    assert certainty("frequent PVCs", "PVC") == "stated" and certainty("PVCX", "PVC") is None


def test_words_are_whole_and_absent_is_none_of_the_three() -> None:
    assert certainty("no evidence", WORDS) is None and certainty("LVHX or xLVH", WORDS) is None


def test_a_long_text_is_read_in_linear_time() -> None:
    for text in ("no " * 100_000, "LVH " * 100_000, "左室肥大の" * 100_000, "no,, LVH -" * 50_000):
        assert is_linear(lambda x: certainty(x, WORDS), text)


def test_a_doubted_label_is_left_out_unless_the_label_says_otherwise(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("path,labels\na.hea,LVH\nb.hea,possible LVH\nc.hea,LVH ruled out\nd.hea,SR\n")
    rows = table(tmp_path / "t.csv", Source())

    def values(name: str) -> list[float]:
        return [target(name, rows).of(r)[0] for r in rows]

    assert np.array_equal(values("has:LVH"), [1, np.nan, 0, 0], equal_nan=True)
    assert values("has:LVH?positive") == [1, 1, 0, 0] and values("has:LVH?negative") == [1, 0, 0, 0]
    assert doubted("has:LVH", rows) == doubted("has:LVH?positive,sex", rows) == 1 and doubted("age", rows) == 0
    both = RecordRow(path="e", labels=["possible LVH", "Left ventricular hypertrophy"])
    assert target("has:LVH|left ventricular hypertrophy", [*rows, both]).of(both) == [1.0]
