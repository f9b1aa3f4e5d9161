"""A model's own processor: where pictures stand in its prompts, and what they become for it.

Pictures are prepared by the processor's Pillow form, where it has one, on every machine: torchvision's resizing gives
other numbers, and would make a run on one machine differ from the same run on another.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from igaku.engines.pictures import opened
from igaku.engines.tokens import Tokens
from igaku.errors import IgakuError, optional

if TYPE_CHECKING:
    from torch import Tensor

NO_EYES = "takes no pictures ({}); leave out --vision, or give a model that sees"


class Seen(NamedTuple):
    """A prompt with its pictures as a model is given it: token ids, and what goes with them, by name.

    What has one value a token (the kind of each) has the shape [1, tokens].
    """

    tokens: list[int]
    extras: Mapping[str, "Tensor"]

    def between(self, before: Sequence[int], after: Sequence[int]) -> "Seen":
        """With tokens of plain text put before and after."""
        tokens = [*before, *self.tokens, *after]
        return Seen(tokens, {k: self._wider(v, len(before), len(after)) for k, v in self.extras.items()})

    def _wider(self, value: "Tensor", before: int, after: int) -> "Tensor":
        from torch.nn.functional import pad

        per_token = value.ndim == 2 and tuple(value.shape) == (1, len(self.tokens)) and not value.is_floating_point()
        return pad(value, (before, after)) if per_token else value


class Eyes:
    """A processor of transformers, and the tokenizer in it as the engines need it."""

    def __init__(self, processor: Any, tokens: Tokens) -> None:
        self._processor, self._tokens = processor, tokens
        self._token = str(processor.image_token)
        self._placeholder = self._found()
        self._sizes: dict[str, int] = {}

    @property
    def setting(self) -> str:
        """For the identity: that pictures are sent, and by which form of the processor they are prepared."""
        return f" vision={'pil' if type(self._processor.image_processor).__name__.endswith('Pil') else 'torchvision'}"

    def shows(self, text: str, images: int) -> bool:
        """Whether a prompt has one place for each picture."""
        return text.count(self._token) == images

    def before(self, text: str, images: int) -> str:
        """A plain prompt with places for pictures before it.

        Raises:
            IgakuError: the text itself has the token that stands for a picture.
        """
        whole = self._placeholder * images + text
        if not self.shows(whole, images):
            raise IgakuError(f"a prompt has {self._token!r} in its text, which is this model's place for a picture")
        return whole

    def see(self, text: str, images: Sequence[str], whole: str = "") -> Seen:
        """A prompt and its pictures as tokens and tensors.

        Args:
            whole: the prompt, where ``text`` is only its beginning: whether a chat template wrote it is seen from it.

        Raises:
            IgakuError: a picture cannot be read, or the processor does not take it.
        """
        pictures = [opened(path) for path in images]
        try:
            out = self._processor(text=[text], images=[pictures], add_special_tokens=False, return_tensors="pt")
        except (ValueError, TypeError, RuntimeError, IndexError, KeyError) as error:
            raise IgakuError(f"{images[0]}: this model's processor does not take it ({str(error)[:200]})") from None
        extras = {k: v for k, v in out.items() if k not in ("input_ids", "attention_mask")}
        return Seen(out["input_ids"][0].tolist(), extras).between(self._tokens.before(whole or text), ())

    def count(self, images: Sequence[str]) -> int:
        """Tokens that pictures take in a prompt, beside their places."""
        for path in images:
            if path not in self._sizes:
                self._sizes[path] = len(self.see(self._placeholder, [path]).tokens)
        return sum(self._sizes[path] for path in images)

    def _found(self) -> str:
        """What the chat template writes for a picture; the token that stands for one where it writes nothing."""
        return self._tokens.picture_text(self._token) or f"{self._token}\n"


def load_processor(path: str, at: Mapping[str, Any]) -> Any:
    """A model's processor, in its Pillow form where it has one.

    Args:
        at: revision and trust, as ``from_pretrained`` takes them.

    Raises:
        IgakuError: it has none for pictures.
    """
    from transformers import AutoProcessor

    optional("PIL", "hf")
    loader: Any = AutoProcessor
    try:
        processor: Any = loader.from_pretrained(path, backend="pil", **at)
    except (OSError, ValueError, ImportError, RuntimeError, TypeError, KeyError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
        raise IgakuError(f"{path}: {NO_EYES.format(first)}") from None
    if getattr(processor, "image_processor", None) is None or not getattr(processor, "image_token", None):
        raise IgakuError(f"{path}: {NO_EYES.format('its processor has no pictures')}")
    if processor.tokenizer.chat_template is None and processor.chat_template:
        processor.tokenizer.chat_template = processor.chat_template
    return processor
