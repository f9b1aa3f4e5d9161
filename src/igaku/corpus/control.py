"""Control tokens of language models that stand in a text as letters: ``<|im_end|>`` ends a turn where it is learnt.

A tokenizer turns them into the tokens themselves, so that a page about chat templates would teach a model to stop, or
to speak for the user. A blank inside them is enough, and the text can still be read.
"""

import re

_CONTROL = re.compile(
    r"<\|(?! )[^<>|\n]{1,40}(?<! )\|>|</?s>|\[/?INST\]|<<(/?SYS)>>|<(?:start|end)_of_(?:turn|image)>"
    r"|<(?:bos|eos|pad|unk|mask|sep|cls)>|\[(?:SEP|CLS|MASK|PAD|UNK|BOS|EOS)\]|</?tool_(?:call|response)>"
    r"|<(?:unused|extra_id_|reserved_)\d{1,4}>"
)
_BRACKETS = re.compile(r"^(<<|<\||<|\[)(.*?)(>>|\|>|>|\])$")


def broken_up(text: str) -> tuple[str, list[str]]:
    """The text with a blank inside each control token, and these tokens; doing it twice changes nothing more."""
    if "<" not in text and "[" not in text:
        return text, []
    found = [m[0] for m in _CONTROL.finditer(text)]
    return (_CONTROL.sub(lambda m: _BRACKETS.sub(r"\1 \2 \3", m[0]), text), found) if found else (text, found)
