"""Turns → token ids with labels, as the model will be asked: by its own chat template, or plainly.

Each answer stands behind the very prompt that the engines would give for it (``igaku.engines.tokens``), and ends as the
template ends it. Where an answer's history is, token for token, the earlier answers with theirs, all are learnt in one
example; else each answer is an example of its own (templates leave thoughts of earlier turns out).
"""

import re
from collections.abc import Sequence
from typing import Any

from igaku.engines.chat_bounds import bound_of
from igaku.engines.chat_template import DATE, ChatTemplate, Turns, today_is
from igaku.engines.tokens import Tokens
from igaku.errors import IgakuError
from igaku.question import Message
from igaku.thinking import opens
from igaku.training.literal import IGNORED, Example, TextTokens
from igaku.training.rows import THOUGHTS, Turn

INSTRUCTION, RESPONSE = "### 指示:\n{}\n\n", "### 応答:\n"
OPEN, CLOSE = "<think>\n", "\n</think>\n\n"
BY_HAND = "the chat template writes an answer otherwise than it prompts for one; answers stand behind its prompt"


class PlainForm:
    """Headings before instruction and answer, for models without a chat template."""

    def __init__(self, tokenizer: Any, thinking: str) -> None:
        self.literal = TextTokens(tokenizer)
        self._thinking = thinking
        self.notes: list[str] = []

    def answer(self, before: Sequence[Turn], answer: Turn) -> Example:
        """The turns so far are read; the answer and the end are learnt."""
        prompt = "".join(self._block(t) for t in before) + RESPONSE
        return self.literal.example(prompt, self._written(answer))

    def _block(self, turn: Turn) -> str:
        if turn.role == "system":
            return f"{turn.content}\n\n"
        return INSTRUCTION.format(turn.content) if turn.role == "user" else f"{RESPONSE}{turn.content}\n\n"

    def _written(self, answer: Turn) -> str:
        return (OPEN + answer.thoughts + CLOSE if answer.thoughts and self._thinking == "keep" else "") + answer.content


class ChatForm:
    """The model's own chat template.

    Args:
        thinking: ``keep``, ``drop`` or ``off``, as of ``igaku.training.config.Data``.

    Attributes:
        notes: what was noticed, a line each.

    Raises:
        IgakuError: the tokenizer has no chat template.
    """

    def __init__(self, tokenizer: Any, thinking: str) -> None:
        if not tokenizer.chat_template:
            raise IgakuError("the model has no chat template; set data.template to plain")
        self.literal = TextTokens(tokenizer)
        self._tokenizer, self._thinking = tokenizer, thinking
        self._sides: dict[bool | None, _Switched] = {}
        self._has_tags = bool(re.search(r"{%-?\s*generation\b", str(tokenizer.chat_template)))
        self.notes: list[str] = []

    def answer(self, before: Sequence[Turn], answer: Turn) -> Example:
        """The turns so far are read; the answer and the end of its turn are learnt."""
        thoughts = answer.thoughts if self._thinking == "keep" else ""
        side = self._side(False if self._thinking == "off" else True if thoughts else None)
        history = [Message(t.role, self.literal.hide(t.content)) for t in before]
        content = self.literal.hide(answer.content).strip()
        prompt = side.tokens.chat(history)
        written = (OPEN + self.literal.hide(thoughts) + CLOSE if thoughts else "") + content
        turns = [*history, Message("assistant", written)]
        rest, ended = self._rest(prompt, side.whole.text(turns), content, thoughts)
        example = self.literal.example(prompt, rest, ended=ended, hidden=True)
        return side.within_tags(turns, example) if self._has_tags else example

    def _rest(self, prompt: str, whole: str, content: str, thoughts: str) -> tuple[str, bool]:
        """What the model is to write after the prompt, and whether its end is in it."""
        after = whole.rfind(content) + len(content)
        end = self.literal.first_control(whole, after)
        if whole.startswith(prompt) and after >= len(content) + len(prompt):
            return whole[len(prompt) : end or after], bool(end)
        if BY_HAND not in self.notes:
            self.notes.append(BY_HAND)
        closed = f"{self.literal.hide(thoughts)}{CLOSE}" if opens(prompt) else ""
        return closed + content + whole[after:end], bool(end)

    def _side(self, switch: bool | None) -> "_Switched":
        if switch not in self._sides:
            self._sides[switch] = _Switched(self._tokenizer, switch)
            self.notes += [n for n in self._sides[switch].tokens.notes if n not in self.notes]
        return self._sides[switch]


class _Switched:
    """A template with thinking on, off, or as it is: what it prompts with, and how it writes whole conversations."""

    def __init__(self, tokenizer: Any, switch: bool | None) -> None:
        self.tokens = Tokens(tokenizer, switch)
        self._tokenizer = tokenizer
        known = {n: str(t) for n, t in dict(tokenizer.special_tokens_map).items()}
        self._bound = bound_of(tokenizer.chat_template, f"{tokenizer.name_or_path}, its chat template", known)
        self._field = THOUGHTS[0]
        self.whole = ChatTemplate(self._render)
        if switch:
            self._field = self._found()

    def within_tags(self, turns: Sequence[Message], example: Example) -> Example:
        """Labels only where the template's own ``generation`` tags are, and on the end of the turn."""
        rows: Any = self._rows([{"role": m.role, "content": m.content} for m in turns])
        with today_is(DATE):
            found = self._tokenizer.apply_chat_template(
                rows, tokenize=True, return_dict=True, return_assistant_tokens_mask=True, **self.tokens.extras
            )
        ids, mask = list(found["input_ids"]), list(found["assistant_masks"])
        n = len(example.ids) - 1
        inside = [x if m else IGNORED for m, x in zip(mask[:n], example.labels)]
        if ids[:n] != example.ids[:n] or all(x == IGNORED for x in inside):
            return example
        return Example(example.ids, [*inside, example.labels[-1]])

    def _found(self) -> str:
        """The field in which the template reads thoughts; empty for within the content.

        Raises:
            IgakuError: it writes none.
        """
        turns: Turns = [{"role": "user", "content": "x"}, {"role": "assistant", "content": f"{OPEN}Qtq{CLOSE}Qaq"}]
        for field in (*THOUGHTS, ""):
            self._field = field
            if self._render(turns).count("Qtq") == 1:
                return field
        if opens(self.tokens.chat([Message("user", "x")])):
            return THOUGHTS[0]  # it prompts for thoughts, and leaves those of earlier turns out
        raise IgakuError("the model's chat template writes no thoughts; set data.thinking to drop")

    def _render(self, turns: Turns) -> str:
        rows: Any = self._rows(turns)
        self._bound(rows, self.tokens.extras)
        with today_is(DATE):
            return str(self._tokenizer.apply_chat_template(rows, tokenize=False, **self.tokens.extras))

    def _rows(self, turns: Turns) -> Turns:
        """Turns with the last one's thoughts in the field of their own."""
        last = dict(turns[-1])
        content = last["content"][0]["text"] if isinstance(last["content"], list) else str(last["content"])
        if not self._field or last["role"] != "assistant" or not content.startswith(OPEN):
            return turns
        thoughts, _, rest = content.removeprefix(OPEN).partition(CLOSE)
        last |= {"content": [{"type": "text", "text": rest}] if isinstance(last["content"], list) else rest}
        return [*turns[:-1], last | {self._field: thoughts}]
