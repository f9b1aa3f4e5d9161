"""What a model said, apart from what it thought: the one place for all engines and for imported replies.

Models write their thinking before their answer, between marks of many spellings: tags, special tokens, Harmony
channels, or a closing mark alone where the chat template opened it. Only the answer is graded.
"""

from typing import NamedTuple

from igaku.thinking.marks import ANSWER_TAG, HARMONY, PARTIAL, PLAIN, TURNED, WRAPPED, Mark, marks

TAIL = 300
"""Characters at a prompt's end in which a mark that opens the thinking is looked for."""


class Spoken(NamedTuple):
    """A reply in its parts."""

    answer: str
    """What may be graded: without thinking, marks, headers, and anything after the end of the model's turn."""
    thinking: str = ""
    cut: bool = False
    """The reply ended inside its thinking (or before its answer began), so that it holds no answer."""


def split(text: str, opened: bool = False) -> Spoken:
    """Take a reply, with its marks, apart.

    Args:
        text: as the model wrote it, special tokens included where they are known.
        opened: whether the prompt already opened the thinking (``opens``).
    """
    if not opened and (plain := _by_words(text)):
        return plain
    reader = _Reader(text, opened)
    for sign in marks(text):
        reader.take(sign)
        if reader.over:
            break
    return reader.spoken()


def opens(prompt: str) -> bool:
    """Whether a prompt ends in a mark that opens the thinking, as some chat templates write it."""
    tail = prompt[-TAIL:].rstrip()
    found = list(marks(tail))
    if not found or found[-1].end != len(tail):
        return False
    last = found[-1]
    return last.kind == "open" or (last.rule == "channel" and not _is_final(last.name)) or _is_aside(last)


def begins_thinking(text: str) -> bool:
    """Whether a reply's first mark opens the thinking, before anything else is written."""
    first = next(marks(text), None)
    if first is None or text[: first.start].strip():
        return False
    return first.kind == "open" or (first.kind == "channel" and not _is_final(first.name or text[first.end :].lstrip()))


def _by_words(text: str) -> Spoken | None:
    """A reply whose thinking stands between words instead of marks, or whose marks were decoded away."""
    for begin, end in PLAIN:
        if found := begin.match(text):
            if closed := end.search(text, found.end()):
                return Spoken(split(text[closed.end() :]).answer, text[found.end() : closed.start()].strip())
            return Spoken("", text[found.end() :].strip(), cut=True)
    found = HARMONY.match(text)
    if not found or "<|channel|>" in text:
        return None
    turns = list(TURNED.finditer(text, found.start("next")))
    if not turns and not _begins_anew(found["next"]):
        return None
    return _by_channels(text, found.start("next"), [(t["name"], t.start(), t.end()) for t in turns])


def _begins_anew(letter: str) -> bool:
    """Whether a letter right behind "analysis" begins another word: a capital, or a script without capitals."""
    return letter.isupper() or (letter.isalpha() and not letter.isascii())


def _by_channels(text: str, at: int, turns: list[tuple[str, int, int]]) -> Spoken:
    """The parts of a reply that begins in its analysis: at each turn (name, start, end) the channel changes."""
    parts: dict[bool, list[str]] = {True: [], False: []}
    final = False
    for name, start, end in turns:
        parts[final].append(text[at:start])
        final, at = name == "final", end
    parts[final].append(text[at:])
    answer = split("\n".join(parts[True])).answer
    return Spoken(answer, "\n".join(parts[False]).strip(), cut=not final and not answer)


def _is_final(channel: str) -> bool:
    return channel.startswith("final")


def _is_aside(sign: Mark) -> bool:
    """Whether a message's header says that it holds thinking (``assistant/think``)."""
    return sign.rule == "header" and "think" in sign.name


class _Reader:
    """Reads the marks one after the other; each stretch between two of them is answer, thinking, or nothing."""

    def __init__(self, text: str, opened: bool) -> None:
        self._text, self._at = text, 0
        self._last_analysis = _last_analysis(text)
        self._region = "thinking" if opened else "answer"
        """Of the text that follows: ``answer``, ``thinking``, or ``nowhere`` (between two messages)."""
        self._by_channel = False
        self._depth = int(opened)
        self._answer: list[str] = []
        self._thinking: list[str] = []
        self.over = False

    def take(self, sign: Mark) -> None:
        """Put the text before a mark where it belongs, and do what the mark says."""
        if sign.start < self._at or (sign.rule.startswith("analysis") and sign.start > self._last_analysis):
            return
        self._put(self._text[self._at : sign.start])
        self._at = sign.end
        match sign.kind:
            case "open":
                self._open(sign)
            case "close":
                self._close(sign)
            case "channel":
                self._channel(sign)
            case "header":
                self._header(sign.name)
            case "final":
                self._region, self._depth = "answer", 0
            case "end":
                self._end(sign)

    def spoken(self) -> Spoken:
        """The parts, once all marks are taken."""
        if not self.over:
            rest = self._text[self._at :]
            if self._region == "thinking" and not self._by_channel and (at := _tagged(rest)) is not None:
                self._put(rest[:at])
                self._region, rest = "answer", rest[at:]
            self._put(PARTIAL.sub("", rest) if self._region == "answer" else rest)
        thinking = "\n".join(t for part in self._thinking if (t := part.strip()))
        if self._region == "thinking":
            return Spoken("", thinking or "".join(self._answer).strip(), cut=True)
        answer = "".join(self._answer).strip()
        wrapped = WRAPPED.match(answer)
        return Spoken(wrapped[2].strip() if wrapped else answer, thinking)

    def _put(self, text: str) -> None:
        if self._region == "answer":
            self._answer.append(text)
        elif self._region == "thinking":
            self._thinking.append(text)

    def _answered(self) -> bool:
        return any(part.strip() for part in self._answer)

    def _ends_here(self, sign: Mark) -> bool:
        """Whether nothing but blanks and marks of an end stands behind a sign."""
        rest = self._text[sign.end : sign.end + TAIL]
        found = next(marks(rest), None)
        return not (rest[: found.start] if found and found.kind == "end" else rest).strip()

    def _open(self, sign: Mark) -> None:
        if sign.rule == "unused_open" and self._answered():
            self.over = True
            return
        self._region, self._by_channel = "thinking", sign.rule == "channel"
        self._depth += 1

    def _close(self, sign: Mark) -> None:
        if self._region != "thinking":
            stray = self._depth == 0 and self._ends_here(sign)
            if stray and (sign.rule == "unused_close" or self._thinking):
                return
            self._thinking += self._answer  # all of it was thinking that the template had opened, or a nested block's
            self._answer = []
        self._region, self._depth = "answer", max(0, self._depth - 1)

    def _channel(self, sign: Mark) -> None:
        if sign.rule == "unfinished":
            self._region, self._at = "thinking", len(self._text)
        elif _is_final(sign.name):
            self._region, self._depth = "answer", 0
            self._answer += ["\n"] if self._answered() else []
        else:
            self._region, self._by_channel = "thinking", True

    def _header(self, role: str) -> None:
        """A new message: of the same turn where the model speaks on after its thinking, else of somebody else."""
        speaks = role.startswith(("assistant", "model", "function")) and (not self._answered() or self._harmony())
        if not speaks and (self._answered() or self._region != "answer" or self._thinking):
            self.over = True
        elif "think" in role:
            self._region, self._by_channel = "thinking", True
        elif role.startswith("function"):
            self._region, self._by_channel = "nowhere", True
        else:
            self._region = "answer"

    def _harmony(self) -> bool:
        """Whether the message that begins here says its channel."""
        return self._text.startswith("<|channel|>", self._at)

    def _end(self, sign: Mark) -> None:
        goes_on = self._goes_on()
        if self._region == "thinking" and (self._by_channel or goes_on):
            self._region = "nowhere"
        elif self._region == "thinking" or sign.rule == "end":
            self.over = self._region == "thinking" or (self._answered() and not goes_on)
            self._region = self._region if self.over else "nowhere"

    def _goes_on(self) -> bool:
        """Whether another message of the model's own follows, behind its thinking or with a channel of its own."""
        following = self._text[self._at : self._at + 60].lstrip()
        if self._region == "thinking":
            return following.startswith(("<|start|>assistant", "<|begin|>assistant", "<|channel|>"))
        return following.startswith(("<|start|>assistant<|channel|>", "<|channel|>"))


def _last_analysis(text: str) -> int:
    """Where ``<analysis>`` tags stop to be marks of thinking: they are where an answer follows, or none of them closes;
    else they hold the answer themselves."""
    found = [m for m in marks(text) if m.rule.startswith("analysis")] if "analysis" in text.lower() else []
    if not found:
        return len(text)
    if text[: found[0].start].strip():
        return len(text) if ANSWER_TAG.search(text) else -1
    closed = found[-1].kind == "close"
    return len(text) if not closed or text[found[-1].end :].strip() else -1


def _tagged(text: str) -> int | None:
    """Where an ``<answer>…</answer>`` begins that ends a text whose thinking was never closed."""
    if not text.rstrip().endswith(("</answer>", "</response>", "</final>", "</output>")):
        return None
    found = list(ANSWER_TAG.finditer(text))
    return found[-1].start() if found else None
