"""What the engines with a Hugging Face tokenizer share: chat texts, lengths, and where pictures stand in prompts."""

from collections.abc import Mapping, Sequence
from functools import partial

from igaku.engines.base import EngineBase, joined
from igaku.engines.effort import Extras, template_extras
from igaku.engines.eyes import Eyes
from igaku.engines.tokens import Tokens
from igaku.question import Message


class TokenizerEngine(EngineBase):
    """An engine whose chat texts and lengths come from a Hugging Face tokenizer."""

    splits_thinking = True
    _tokens: Tokens
    _eyes: Eyes | None = None
    _opens_thinking: bool | None

    def chat(self, messages: Sequence[Message]) -> str:
        """By the tokenizer's chat template; joined plainly where it has none."""
        return self._tokens.chat(messages)

    def pictured(self, messages: Sequence[Message], text: str, images: int) -> str:
        """A prompt with a place for each picture, which the model's processor fills.

        Raises:
            IgakuError: the chat template writes none, or the text has such a place already.
        """
        if not self._eyes:
            return super().pictured(messages, text, images)
        if messages and (found := self._tokens.pictured(messages, images, partial(self._eyes.shows, images=images))):
            return found
        return self._eyes.before(joined(messages) if messages else text, images)

    def effort_extras(self, efforts: Sequence[str]) -> Sequence[Extras]:
        """By the names that the chat template reads; errors as of ``template_extras``."""

        def render(extras: Extras) -> str:
            before = self.use_extras(extras)
            try:
                return self._tokens.chat([Message("user", "x")])
            finally:
                self.use_extras(before)

        return template_extras(render, efforts)

    def use_extras(self, extras: Mapping[str, object]) -> Mapping[str, object]:
        """For the chat template; whether the model thinks first is then looked at again."""
        before, self._tokens.extras, self._opens_thinking = self._tokens.extras, dict(extras), None
        return before

    def count_images(self, images: Sequence[str]) -> int:
        """Tokens that pictures take in a prompt."""
        return self._eyes.count(images) if self._eyes else 0

    def remember(self, text: str) -> None:
        """That a text came from the chat template of another copy of this engine."""
        self._tokens.remember(text)

    def count(self, prompts: Sequence[str]) -> list[int]:
        """Tokens of each prompt, special ones included."""
        return self._tokens.count(prompts)
