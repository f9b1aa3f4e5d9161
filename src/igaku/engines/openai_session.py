"""What happened while servers were asked: errors by their reason, servers that were lost, names that answered."""

from collections import Counter
from collections.abc import Sequence

from igaku.engines.fleet import Server
from igaku.engines.fleet_notices import notify
from igaku.engines.openai_replies import Replies
from igaku.question import Answer

SHOWN = 3
"""Reasons of errors in one line."""


class Happenings:
    """Counts over one session; lines for the user, and data for ``sessions.jsonl``."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies
        self._errors: Counter[str] = Counter()
        self._new: Counter[str] = Counter()
        self._names = 0

    def counted(self, answer: Answer) -> Answer:
        """An answer as it is, counted where it is an error."""
        if answer.finish == "error":
            self._new[answer.error[:200]] += 1
        return answer

    def report(self) -> None:
        """Say why requests failed, which else only the journal knows, and whether the model was changed meanwhile."""
        if self._new:
            reasons = "; ".join(f"{n} x {reason}" for reason, n in self._new.most_common(SHOWN))
            more = f"; {len(self._new) - SHOWN} other reasons" if len(self._new) > SHOWN else ""
            notify(f"requests that failed: {self._new.total()} ({reasons}{more}); --retry-errors asks them again")
        self._errors += self._new
        self._new.clear()
        names = sorted(self._replies.served)
        if len(names) > max(1, self._names):
            notify(f"replies came under several names ({', '.join(names)}): perhaps the model was changed meanwhile")
        self._names = len(names)

    def as_data(self, servers: Sequence[Server]) -> dict[str, object]:
        """What there is to say: versions, names other than the model's own, errors, and what each server did."""
        whole: dict[str, object] = {
            "systems": sorted(self._replies.systems),
            "served_as": sorted(self._replies.served - {self._replies.model}),
            "servers": {s.url: s.answered for s in servers} if len(servers) > 1 else {},
            "out_of_reach": {s.url: s.lost for s in servers if s.lost},
            "errors": dict((self._errors + self._new).most_common(20)),
        }
        return {name: value for name, value in whole.items() if value}
