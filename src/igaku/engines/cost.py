"""What an API costs: tokens as the server reports them, prices as the user gives them, and a limit that holds."""

import threading
from math import inf
from pathlib import Path

from msgspec import Struct, ValidationError, convert

from igaku.errors import IgakuError, UnknownNameError
from igaku.io.toml import read_toml

MILLION = 1_000_000
FRAME, IMAGE = 64, 8_000
"""Tokens taken for the frame of a chat, and for one image, where the worst is reckoned."""


class Price(Struct, frozen=True, forbid_unknown_fields=True):
    """Price of a million tokens, in whatever currency the table is in."""

    input: float
    output: float


def read_prices(path: Path) -> dict[str, Price]:
    """Prices from a TOML table: ``["gpt-4o"]`` with ``input`` and ``output`` a million tokens.

    Raises:
        IgakuError: the file is not such a table.
    """
    table = read_toml(path, "docs/engines.md shows a table of prices")
    try:
        prices = {name: convert(row, Price) for name, row in table.items()}
    except ValidationError as error:
        raise IgakuError(
            f'{path}: no table of prices ({error}); it needs ["MODEL"] with input and output, a million tokens each'
        ) from None
    for name, price in prices.items():
        if not (0 <= price.input < inf and 0 <= price.output < inf):
            raise IgakuError(f"{path}: the price of {name!r} is no amount of money; give numbers from 0 on")
    return prices


def read_price(path: Path, model: str) -> Price:
    """The price of one model.

    Raises:
        IgakuError: the file is not a table of prices, or the model is not in it.
    """
    prices = read_prices(path)
    if model not in prices:
        raise UnknownNameError("model", model, prices, hint=f"in {path}")
    return prices[model]


class Meter:
    """Tokens and cost so far; with a price and a limit it says whether one more request may start."""

    def __init__(self, price: Price | None = None, most: float | None = None) -> None:
        if most is not None and price is None:
            raise IgakuError("--max-cost needs --prices: a table of what a million tokens cost")
        self.price, self.most = price, most
        self.input = self.output = self.requests = 0
        self._reserved = self._unknown = 0.0
        self._lock = threading.Lock()

    @property
    def cost(self) -> float:
        """Spent so far, tries without a usable answer at their worst; 0 without a price."""
        known = (self.input * self.price.input + self.output * self.price.output) / MILLION if self.price else 0.0
        return known + self._unknown

    def worst(self, prompt: str, new_tokens: int, images: int = 0) -> float:
        """What a request costs at most: one token a byte, some for a chat's frame, and what a large image takes."""
        tokens = len(prompt.encode("utf-8", "replace")) + FRAME + images * IMAGE
        return (tokens * self.price.input + new_tokens * self.price.output) / MILLION if self.price else 0.0

    def may(self, worst: float) -> bool:
        """Whether a request of this cost fits beside what is spent and under way; if so it is set aside."""
        with self._lock:
            if self.most is not None and self.cost + self._reserved + worst > self.most:
                return False
            self._reserved += worst
            return True

    def ended(self, worst: float, input: int = 0, output: int = 0, unknown: int = 0) -> None:
        """A request has ended, with the tokens that the server reports; ``unknown`` tries were perhaps billed."""
        with self._lock:
            self._reserved -= worst
            self._unknown += unknown * worst
            self.requests += 1
            self.input += input
            self.output += output

    def as_data(self) -> dict[str, int | float]:
        """For the run's sessions."""
        return {
            "requests": self.requests,
            "input_tokens": self.input,
            "output_tokens": self.output,
            **({"cost": round(self.cost, 6)} if self.price else {}),
        }
