"""What engines that hold a Hugging Face tokenizer share: chat text, token ids, where a continuation begins."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from igaku.engines.base import EngineBase, folded, joined
from igaku.engines.tree import Scored
from igaku.errors import IgakuError
from igaku.question import Answer, Message, Request

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


class Tokens:
    """A tokenizer as the engines need it.

    Args:
        tokenizer: of the transformers library.
        thinking: passed to the chat template as ``enable_thinking``; None leaves it to the template.
    """

    def __init__(self, tokenizer: "PreTrainedTokenizerBase", thinking: bool | None = None) -> None:
        self.tokenizer = tokenizer
        self._extras: dict[str, Any] = {} if thinking is None else {"enable_thinking": thinking}

    def chat(self, messages: Sequence[Message]) -> str:
        """By the tokenizer's chat template; joined plainly where it has none."""
        if not self.tokenizer.chat_template:
            return joined(messages)
        failure = ""
        for turns in (messages, folded(messages)):  # some templates refuse a system turn
            try:
                given = [{"role": m.role, "content": m.content} for m in turns]
                return str(
                    self.tokenizer.apply_chat_template(
                        given, tokenize=False, add_generation_prompt=True, **self._extras
                    )
                )
            except Exception as error:
                failure = failure or str(error)[:200]
        raise IgakuError(f"the model's chat template failed: {failure}; use a plain prompt")

    def count(self, prompts: Sequence[str]) -> list[int]:
        """Tokens of each prompt, special ones included."""
        return [len(t) for t in self.encode(list(prompts))]

    def encode(self, texts: list[str]) -> list[list[int]]:
        """Token ids; a beginning-of-text token that a chat template wrote is not doubled."""
        if not texts:
            return []
        bos = self.tokenizer.bos_token
        own = [bool(bos) and t.startswith(bos) for t in texts]
        out: list[list[int]] = [[] for _ in texts]
        for has in dict.fromkeys(own):
            mine = [i for i, h in enumerate(own) if h is has]
            ids = self.tokenizer([texts[i] for i in mine], add_special_tokens=not has)["input_ids"]
            for i, tokens in zip(mine, ids):
                out[i] = list(tokens)
        return out

    def pairs(self, request: Request) -> list[Scored]:
        """Context and continuation tokenized together, as lm-eval does; trailing blanks belong to the continuation."""
        prompt = request.prompt.rstrip() or request.prompt
        blank = request.prompt[len(prompt) :]
        context, *whole = self.encode([prompt, *(prompt + blank + c for c in request.continuations)])
        start = max(1, len(context))
        if request.kind == "letters":
            base = self.encode([request.prompt])[0]
            ids = [self._letter(c, base, w) for c, w in zip(request.continuations, whole)]
            return [Scored([*base, i], len(base)) for i in ids]
        return [Scored(w, min(start, len(w) - 1)) for w in whole]

    def _letter(self, letter: str, base: Sequence[int], whole: Sequence[int]) -> int:
        if len(whole) == len(base) + 1 and whole[:-1] == base:
            return whole[-1]
        alone = self.tokenizer(letter, add_special_tokens=False)["input_ids"]
        if len(alone) != 1:
            raise IgakuError(f"{letter!r} is {len(alone)} tokens for this model; letters need one token each")
        return int(alone[0])

    @property
    def pad(self) -> int:
        """The padding token, or any other where there is none."""
        pad = self.tokenizer.pad_token_id
        return int(pad if pad is not None else self.tokenizer.eos_token_id or 0)


class TokenizerEngine(EngineBase):
    """An engine whose chat texts and lengths come from a Hugging Face tokenizer."""

    _tokens: Tokens

    def chat(self, messages: Sequence[Message]) -> str:
        """By the tokenizer's chat template; joined plainly where it has none."""
        return self._tokens.chat(messages)

    def count(self, prompts: Sequence[str]) -> list[int]:
        """Tokens of each prompt, special ones included."""
        return self._tokens.count(prompts)


def overlong(prompts: Sequence[Sequence[int]], which: set[int]) -> Iterator[tuple[int, Answer]]:
    """Answers for prompts that do not fit the context."""
    return ((i, Answer(finish="overlong", prompt_tokens=len(prompts[i]))) for i in sorted(which))
