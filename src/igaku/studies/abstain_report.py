"""What ``igaku abstain`` prints."""

from collections.abc import Sequence

from msgspec import Struct

from igaku.statistics.selective import Estimate, RiskCoverage, break_even
from igaku.statistics.tally import CellKey
from igaku.studies.confidence import Source
from igaku.tables import Kind, Table, Value, View

AGREEMENT = (
    "agreement: the share of a question's samples that gave its commonest answer, of equally common ones the first "
    "that came; one without an answer (not read, abstained, failed) agrees with none; right: that answer is"
)


class AbstainRow(Struct, frozen=True, kw_only=True):
    """One way of asking, by one method: what was answered, and what wrong answers cost."""

    run: str
    key: CellKey
    stated: float | None
    """The penalty that the prompt stated; None: it did not offer to abstain."""
    penalty: float
    """The penalty that the score counts."""
    n: int
    """Replies."""
    questions: int
    """Fewer than replies where questions have several samples."""
    answered: Estimate
    accuracy: Estimate | None
    """Of what was answered; None where nothing was."""
    right: int
    wrong: int
    abstained: int
    unread: int
    """Neither an answer nor an abstention: not read, cut off, refused, failed. No points, and no cost."""
    known: int
    """Questions whose prohibited choices are known."""
    prohibited: int
    """Wrong answers with a prohibited choice."""
    score: Estimate
    """Mean points a question: 1 right, 0 abstained or unread, less the penalty for a wrong answer."""
    score_unread_wrong: float
    """The same, were every unread reply a wrong answer."""


class AtCoverage(Struct, frozen=True, kw_only=True):
    """The surest answers that reach a share of the questions; more than that share where several are equally sure."""

    wanted: float
    coverage: float
    accuracy: Estimate


class ConfidenceRow(Struct, frozen=True, kw_only=True):
    """One way of asking whose choices have probabilities, or whose questions have several samples."""

    run: str
    key: CellKey
    source: Source
    risk_coverage: RiskCoverage
    at: list[AtCoverage]


class AbstainReport(View, Struct, kw_only=True):
    """Abstentions and what they bring, and confidence as a ranking."""

    rows: list[AbstainRow]
    confidence: list[ConfidenceRow]
    blind: int = 0
    """Verdicts on questions that need a picture which was not shown; in no number."""
    several: int = 0
    """Questions without the probability of one answer: several are to be chosen, or the engine failed."""
    silent: int = 0
    """Questions of which no sample has an answer."""
    unfinished: int = 0
    """Questions without their reply yet; in no number."""

    def tables(self) -> list[Table]:
        """What was answered and the score, then confidence."""
        out = []
        if self.rows:
            out.append(self._abstentions())
        if self.confidence:
            out.append(self._confidence())
        return out

    def _abstentions(self) -> Table:
        marked = any(r.known for r in self.rows)
        names = _naming([*self.rows])
        columns: dict[str, Kind] = {
            "asked": "text",
            "penalty": "text",
            **dict.fromkeys(("n", "right", "wrong"), "count"),
            **({"prohibited": "count"} if marked else {}),
            **dict.fromkeys(("abstained", "unread"), "count"),
            "answered": "share",
            "answered 95 %": "interval",
            "accuracy": "share",
            "accuracy 95 %": "interval",
            "score": "points",
            "score 95 %": "points interval",
        }
        rows = [_abstention(r, names, marked) for r in self.rows]
        return Table(name="abstentions", columns=columns, rows=rows, title="answered, abstained, and the score")

    def _confidence(self) -> Table:
        names = _naming([*self.confidence])
        columns: dict[str, Kind] = {"asked": "text", "confidence": "text", "n": "count"}
        columns |= {"levels": "count", "AURC": "share", "95 %": "interval"}
        columns |= dict.fromkeys(("random", "best"), "share")
        for at in self.confidence[0].at:
            columns |= {f"surest {at.wanted:.0%}": "share", f"{at.wanted:.0%} 95 %": "interval"}
        columns["all"] = "share"
        rows = [_sureness(r, names) for r in self.confidence]
        return Table(name="confidence", columns=columns, rows=rows, title="if only the surest were answered")

    def notes(self) -> list[str]:
        """What the columns are, and what is in no number."""
        out = self._about_abstentions() if self.rows else []
        if self.confidence:
            out += self._about_confidence()
        if self.several:
            out.append(
                f"{self.several} questions have no probability of one answer (several are to be chosen, or the engine "
                "failed) and are not in the table of confidence"
            )
        if self.silent:
            out.append(f"{self.silent} questions have no sample with an answer and are not in the table of confidence")
        if self.blind:
            out.append(f"{self.blind} verdicts are of questions whose picture was not shown, and are in no number")
        if self.unfinished:
            out.append(f"not finished: {self.unfinished} questions have no reply yet and are in no number")
        return out

    def _about_confidence(self) -> list[str]:
        sources = {r.source for r in self.confidence}
        return [
            *(["letters: the probability of the likeliest choice among those shown"] if "letters" in sources else []),
            *([AGREEMENT] if "agreement" in sources else []),
            "AURC: mean share of wrong among the surest k answers, over all k (0 is best); random: of a confidence "
            "that says nothing; best: of one that puts every right answer before every wrong one",
            "surest 50%: accuracy of the half that it is surest of; the threshold was chosen on these questions",
            *(note for r in self.confidence if (note := _more_than_wanted(r))),
        ]

    def _about_abstentions(self) -> list[str]:
        out = [
            "answered: right and wrong, of n; accuracy: of what was answered; score: mean points a question in "
            "hundredths: right 1, abstained 0, wrong minus the penalty; never to answer brings 0",
            *(
                f"with penalty {p:g} an answer pays where its chance of being right is above {break_even(p):.0%}"
                for p in sorted({r.penalty for r in self.rows})
            ),
            "95 %: for other questions of this kind; linked questions together",
        ]
        for r in self.rows:
            name = _short(r)
            if r.n > r.questions:
                out.append(f"{name}: {r.n} replies are samples of {r.questions} questions; 95 % is over questions")
            if r.unread:
                out.append(
                    f"{name}: {r.unread} unread replies bring no points and cost none; were they wrong answers, the "
                    f"score would be {100 * r.score_unread_wrong:+.1f}"
                )
            if r.stated is None:
                out.append(f"{name}: was not offered to abstain")
            elif r.stated != r.penalty:
                out.append(f"{name}: was given a penalty of {r.stated:g}, and is scored with {r.penalty:g}")
        return out


def _short(r: AbstainRow | ConfidenceRow) -> str:
    return f"{r.key.model}, {r.key.prompt}, {r.key.method}"


def _more_than_wanted(r: ConfidenceRow) -> str:
    """What the surest part really is where many are equally sure; no more than one answer over is nothing to say."""
    over = [f"{a.wanted:.0%} is {a.coverage:.1%}" for a in r.at if a.coverage - a.wanted > 1 / r.risk_coverage.n]
    return f"{_short(r)}: many are equally sure and taken together: surest {', '.join(over)}" if over else ""


def _naming(rows: Sequence[AbstainRow | ConfidenceRow]) -> dict[tuple[str, CellKey], str]:
    """What each row is called; with its run where another run was asked the same."""
    keys = [r.key for r in rows]
    return {(r.run, r.key): _name(r.key) + (f" ({r.run})" if keys.count(r.key) > 1 else "") for r in rows}


def _name(key: CellKey) -> str:
    order = "" if key.order == "original" else f" {key.order}"
    return f"{key.model}: {key.benchmark} {key.language} {key.prompt}{order}, {key.method}"


def _abstention(r: AbstainRow, names: dict[tuple[str, CellKey], str], marked: bool) -> list[Value]:
    return [
        names[r.run, r.key],
        *(f"{r.penalty:g}", r.n, r.right, r.wrong),
        *([r.prohibited if r.known else None] if marked else []),
        *(r.abstained, r.unread, r.answered.value, r.answered.ci95),
        *((r.accuracy.value, r.accuracy.ci95) if r.accuracy else (None, None)),
        *(r.score.value, r.score.ci95),
    ]


def _sureness(r: ConfidenceRow, names: dict[tuple[str, CellKey], str]) -> list[Value]:
    found = r.risk_coverage
    out: list[Value] = [names[r.run, r.key], r.source, found.n, len(found.curve)]
    out += [found.aurc.value, found.aurc.ci95, found.random, found.best]
    for at in r.at:
        out += [at.accuracy.value, at.accuracy.ci95]
    return [*out, 1 - found.random]
