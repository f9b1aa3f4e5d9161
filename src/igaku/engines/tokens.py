"""What engines that hold a Hugging Face tokenizer share: chat text, token ids, where a continuation begins.

Tokens stand where the model expects them: chat text is tokenized as ``apply_chat_template`` does, which writes its
special tokens itself; other text gets what the tokenizer puts in front; nothing ends a prompt.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from igaku.engines.base import joined
from igaku.engines.chat_bounds import bound_of
from igaku.engines.chat_template import DATE, OTHER, ChatTemplate, Turns, date_note, date_setting, starts, today_is
from igaku.engines.tree import Scored
from igaku.errors import IgakuError
from igaku.question import Answer, Message, Request

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

ANCHORS = ("\n", "a", "。", "")
"""Texts after which a continuation is tokenized, so that no blank is put before it as at the beginning of a text."""


TOGETHER = 256
"""Requests whose texts are tokenized in one call."""


class Tokens:
    """A tokenizer as the engines need it.

    Args:
        tokenizer: of the transformers library.
        thinking: passed to the chat template as ``enable_thinking``; None leaves it to the template.

    Attributes:
        notes: what was noticed of the tokenizer and its template, a line each.
        extras: what the chat template is given beside the turns, by name.
        is_dated: whether the template writes today's date, which is then fixed.
    """

    def __init__(self, tokenizer: "PreTrainedTokenizerBase", thinking: bool | None = None) -> None:
        self.tokenizer = tokenizer
        self.extras: dict[str, Any] = {} if thinking is None else {"enable_thinking": thinking}
        self._before, after = self._around()
        self.notes = [f"the tokenizer ends texts with {self._shown(after)}, which is left out"] if after else []
        self._across = False
        self._chats: set[int] = set()
        self.is_dated = False
        name, known = f"{tokenizer.name_or_path}, its chat template", dict(tokenizer.special_tokens_map)
        self._bound = bound_of(tokenizer.chat_template, name, {n: str(t) for n, t in known.items()})
        self._template = ChatTemplate(self._render) if tokenizer.chat_template else None
        if self._template:
            self.is_dated = self._writes_date()
            self.notes += [*self._template.notes, *date_note(self.is_dated)]

    def chat(self, messages: Sequence[Message]) -> str:
        """By the tokenizer's chat template; joined plainly where it has none."""
        if not self._template:
            return joined(messages)
        text = self._template.text(messages)
        self.remember(text)
        return text

    def pictured(self, messages: Sequence[Message], images: int, shows: Callable[[str], bool]) -> str:
        """As ``chat``, with places for pictures in the last turn; empty without a chat template.

        Args:
            shows: whether a text has a place for each picture.

        Raises:
            IgakuError: the template does not write one for each.
        """
        if not self._template:
            return ""
        text = self._template.text(messages, images, shows)
        self.remember(text)
        return text

    def picture_text(self, token: str) -> str:
        """What the chat template writes for one picture, ``token`` and what it puts around it; empty for nothing."""
        if not self._template:
            return ""
        probe = [Message("user", "Qlastq")]
        try:
            text = self._template.text(probe, 1, lambda text: text.count(token) == 1)
        except IgakuError:
            return ""
        head, plain = (t.partition("Qlastq")[0] for t in (text, self._template.text(probe)))
        found = head.removeprefix(plain)
        return found if found.count(token) == 1 and found != head else ""

    def before(self, text: str) -> list[int]:
        """The special tokens that stand before a text: none before what a chat template wrote."""
        bos = self.tokenizer.bos_token
        return [] if self.is_chat(text) or (bos and text.startswith(bos)) else list(self._before)

    def remember(self, text: str) -> None:
        """That a text came from the chat template, of this engine or of another copy of it."""
        self._chats.add(hash(text))

    @property
    def settings(self) -> str:
        """For the identity: what of the template is not the model's own."""
        return date_setting(self.is_dated)

    def is_chat(self, text: str) -> bool:
        """Whether a text came from the chat template, of this engine or of another copy of it."""
        return hash(text) in self._chats or text.startswith(self._starts)

    def count(self, prompts: Sequence[str]) -> list[int]:
        """Tokens of each prompt, special ones included."""
        return [len(t) for t in self.encode(list(prompts))]

    def encode(self, texts: Sequence[str], chats: Sequence[bool] | None = None) -> list[list[int]]:
        """Token ids of whole texts; what a chat template wrote gets no special tokens besides its own.

        Args:
            chats: which of them begin with a chat template's text; found out where it is not given.
        """
        if not texts:
            return []
        own = chats or [self.is_chat(t) for t in texts]
        bos = self.tokenizer.bos_token
        out = self._plain(texts)
        for i, text in enumerate(texts):
            if not own[i] and not (bos and text.startswith(bos)):
                out[i] = [*self._before, *out[i]]
        return out

    def pairs(self, request: Request) -> list[Scored]:
        """As ``pairs_of``, for one request."""
        return self.pairs_of([request])[0]

    def pairs_of(self, requests: Sequence[Request]) -> list[list[Scored]]:
        """Context and continuation tokenized together, as lm-eval does; trailing blanks belong to the continuation.

        Where a token would reach across the border for one continuation, all of the request are tokenized apart. Each
        text is tokenized once, many in one call, which the tokenizer spreads over the cores.

        Raises:
            IgakuError: a letter is more than one token, or there is nothing to predict the first token from.
        """
        out: list[list[Scored]] = []
        for some in (requests[at : at + TOGETHER] for at in range(0, len(requests), TOGETHER)):
            chats = [self.is_chat(r.prompt) for r in some]
            texts = list(dict.fromkeys((text, chat) for r, chat in zip(some, chats) for text in _texts(r)))
            known = dict(zip(texts, self.encode([t for t, _ in texts], [chat for _, chat in texts])))
            out += [self._scored(r, [known[t, chat] for t in _texts(r)]) for r, chat in zip(some, chats)]
        return out

    def _scored(self, request: Request, encoded: list[list[int]]) -> list[Scored]:
        """One request's sequences, from the tokens of its prompt and of prompt and each continuation."""
        context, *whole = encoded
        context, whole = self._with_first(context, whole)
        if request.kind == "letters":
            return self._letters(request, context, whole)
        if any(w[: len(context)] != context for w in whole):
            self._across = True
            blank = _border(request)[1]
            whole = [[*context, *self._separately(blank + c)] for c in request.continuations]
        return [Scored(w, len(context)) for w in whole]

    @property
    def late_notes(self) -> list[str]:
        """What came up while requests were tokenized."""
        note = "on some prompts a token would reach across prompt and choice: there all choices are tokenized apart"
        return [note] if self._across else []

    @property
    def pad(self) -> int:
        """The padding token, or any other where there is none."""
        pad = self.tokenizer.pad_token_id
        return int(pad if pad is not None else self.tokenizer.eos_token_id or 0)

    @cached_property
    def _starts(self) -> tuple[str, ...]:
        """Beginnings, special tokens in them, that only the chat template writes."""
        special = [str(t) for t in (*self.tokenizer.all_special_tokens, *self.tokenizer.get_added_vocab())]
        found = starts(self._template) if self._template else ()
        return tuple(text for text in found if any(token in text for token in special))

    def _render(self, turns: Turns, today: datetime = DATE) -> str:
        self._bound(turns, self.extras)
        with today_is(today):
            given: Any = turns
            return str(
                self.tokenizer.apply_chat_template(given, tokenize=False, add_generation_prompt=True, **self.extras)
            )

    def _writes_date(self) -> bool:
        """Whether two days give two texts."""
        turns: Turns = [{"role": "user", "content": "x"}]
        try:
            return self._render(turns) != self._render(turns, OTHER)
        except Exception:
            return "strftime_now" in str(self.tokenizer.chat_template)

    def _plain(self, texts: Sequence[str]) -> list[list[int]]:
        ids = self.tokenizer(list(texts), add_special_tokens=False)["input_ids"]
        return [list(one) for one in ids]

    def _around(self) -> tuple[list[int], list[int]]:
        """The special tokens that the tokenizer puts before and after a text."""
        bare, whole = self._plain(["a"])[0], list(self.tokenizer("a")["input_ids"])
        for at in range(len(whole) - len(bare) + 1):
            if whole[at : at + len(bare)] == bare:
                return whole[:at], whole[at + len(bare) :]
        return [], []

    def _shown(self, ids: Sequence[int]) -> str:
        return " ".join(map(str, self.tokenizer.convert_ids_to_tokens(list(ids))))

    def _with_first(self, context: list[int], whole: list[list[int]]) -> tuple[list[int], list[list[int]]]:
        """With a token to predict the first one from, where the prompt has none."""
        if context:
            return context, whole
        first = self.tokenizer.bos_token_id if self.tokenizer.bos_token_id is not None else self.tokenizer.eos_token_id
        if first is None:
            raise IgakuError("an empty prompt, and the tokenizer has no beginning-of-text token: nothing to score from")
        return [int(first)], [[int(first), *w] for w in whole]

    def _letters(self, request: Request, base: list[int], whole: list[list[int]]) -> list[Scored]:
        ids = [w[-1] for w in whole]
        if any(w[:-1] != base for w in whole):
            ids = [self._letter(c) for c in request.continuations]
        return [Scored([*base, i], len(base)) for i in ids]

    def _letter(self, letter: str) -> int:
        alone = self._plain([letter])[0]
        if len(alone) != 1:
            alone = self._separately(letter)
        if len(alone) != 1:
            raise IgakuError(f"{letter!r} is {len(alone)} tokens for this model; letters need one token each")
        return int(alone[0])

    def _separately(self, text: str) -> list[int]:
        """A continuation's own tokens, as they stand within a text."""
        for anchor in ANCHORS:
            before, both = self._plain([anchor, anchor + text])
            rest = both[len(before) :]
            if both[: len(before)] == before and str(self.tokenizer.decode(rest)).lstrip() == text.lstrip():
                return rest
        return self._plain([text])[0]


def _border(request: Request) -> tuple[str, str]:
    """The prompt without trailing blanks, and these; letters stand behind the prompt as it is."""
    prompt = request.prompt if request.kind == "letters" else request.prompt.rstrip() or request.prompt
    return prompt, request.prompt[len(prompt) :]


def _texts(request: Request) -> list[str]:
    """The prompt, and the prompt with each continuation."""
    return [_border(request)[0], *(request.prompt + c for c in request.continuations)]


def overlong(prompts: Sequence[Sequence[int]], which: set[int]) -> Iterator[tuple[int, Answer]]:
    """Answers for prompts that do not fit the context."""
    return ((i, Answer(finish="overlong", prompt_tokens=len(prompts[i]))) for i in sorted(which))
