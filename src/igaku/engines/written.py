"""A written reply as an ``Answer``: thinking apart, special tokens dropped, cut at the stop strings."""

from collections.abc import Callable, Collection, Sequence

from igaku.question import Answer
from igaku.thinking import split
from igaku.thinking.marks import marks


def written(
    raw: str,
    *,
    plain: str | None = None,
    specials: Collection[str] = (),
    opened: bool = False,
    stop: Sequence[str] = (),
    ended: bool,
    prompt_tokens: int = 0,
    new_tokens: int = 0,
    count: Callable[[str], int] | None = None,
) -> Answer:
    """The answer that a text with all of its special tokens holds.

    Stop strings count in what may be graded only: a thought may hold blank lines and restate the question.

    Args:
        raw: what the model wrote, special tokens as text.
        plain: the text without special tokens as the tokenizer decodes it, where there is a tokenizer.
        specials: texts of the tokenizer's special tokens.
        opened: whether the prompt opened the thinking.
        count: tokens of a text, by the model's tokenizer: of its thinking, where it has one.
        ended: whether the model ended its reply by itself (or a stop string did), not the limit of tokens.
    """
    spoken = split(raw, opened)
    text = without(spoken.answer, specials)
    if _is_plain(raw, opened):
        text = without(raw, specials) if plain is None else plain
    at = first_stop(text, stop)
    thinking = without(spoken.thinking, specials)
    whole = (ended or at is not None) and not spoken.cut
    return Answer(
        finish="stop" if whole else "length",
        text=text[:at],
        thinking=thinking,
        prompt_tokens=prompt_tokens,
        new_tokens=new_tokens,
        thinking_tokens=min(count(thinking), new_tokens) if count and thinking else None,
    )


def stops_here(raw: str, opened: bool, stop: Sequence[str], specials: Collection[str]) -> bool:
    """Whether what was written so far holds a stop string outside its thinking."""
    text = raw if _is_plain(raw, opened) else split(raw, opened).answer
    return first_stop(without(text, specials), stop) is not None


def _is_plain(raw: str, opened: bool) -> bool:
    """Whether a text is all answer, so that its blanks stay as they are."""
    return split(raw, opened).thinking == "" and not opened and all(m.kind == "nothing" for m in marks(raw))


def first_stop(text: str, stop: Sequence[str]) -> int | None:
    """Where the first of the stop strings begins."""
    return min((at for s in stop if (at := text.find(s)) >= 0), default=None)


def without(text: str, specials: Collection[str]) -> str:
    """A text without special tokens."""
    for token in specials:
        if token in text:
            text = text.replace(token, "")
    return text
