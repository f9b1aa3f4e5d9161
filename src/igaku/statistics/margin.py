"""Is B not worse than A by more than a margin, are they equivalent? Read off the same 95 % interval.

Two one-sided tests at 2.5 % each (ICH E9; Schuirmann 1987): B is not worse than A by more than the margin where the
interval of A - B ends below it, A not worse than B where it begins above its negative, and both are equivalent where it
lies between. The margin is the reader's: how much worse would still be good enough, said before looking.
"""

from msgspec import Struct


class MarginTest(Struct, frozen=True, kw_only=True):
    """One pair against one margin, all as shares; p values are one-sided, shown where they are below 0.025."""

    margin: float
    p_b: float
    """Of B being worse than A by the margin or more."""
    p_a: float
    """Of A being worse than B by the margin or more."""
    p_b_adjusted: float
    p_a_adjusted: float
    needed: int
    """Questions that show it for two equally good models at this rate of disagreement."""

    @property
    def p_equivalent(self) -> float:
        """Of the two being unlike by the margin or more, in either direction (adjusted)."""
        return max(self.p_b_adjusted, self.p_a_adjusted)

    def verdict(self, a: str, b: str) -> str:
        """In words, for a table."""
        if self.p_equivalent < 0.025:
            return "shown: equivalent"
        if self.p_b_adjusted < 0.025:
            return f"shown: {b} not worse"
        return f"shown: {a} not worse" if self.p_a_adjusted < 0.025 else "not shown"
