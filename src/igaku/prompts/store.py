"""Where templates are: those embedded in igaku, those the user registered, and plain files."""

import re
from pathlib import Path

from igaku.errors import IgakuError, UnknownNameError
from igaku.io.files import write_whole
from igaku.io.paths import config_dir
from igaku.prompts.template import Prompt, read_template

EMBEDDED = Path(__file__).parent / "templates"
SUFFIX = ".jinja"
_PRICED = re.compile(r"(?P<base>.+?)-(?P<points>\d{1,3}(?:\.\d{1,3})?)(?P<lang>_(?:ja|en|zh))?")
"""``abstain-3`` or ``abstain-3_ja``: a template, and the points that it says a wrong answer costs."""


def registered() -> Path:
    """The folder of templates that the user added; a name such as ``med-harness/alpaca`` is a path in it."""
    return config_dir() / "prompts"


def prompt_names() -> list[str]:
    """Every template's name, embedded ones first."""
    return _names(EMBEDDED) + _names(registered())


def load_prompt(name: str, lang: str = "") -> Prompt:
    """A template by name, or from a ``.jinja`` file; ``standard`` is ``standard_ja`` if ``lang`` is ja and it exists.

    ``abstain-3`` is ``abstain`` with another penalty than its card's: 3 points for a wrong answer.

    Raises:
        UnknownNameError: no such name, with near matches (never a silent default).
        IgakuError: a penalty for a template that does not offer "I do not know".
    """
    if name.endswith(SUFFIX):
        return read_template(Path(name).stem, Path(name))
    if lang and f"{name}_{lang}" in prompt_names():
        name = f"{name}_{lang}"
    for folder in (EMBEDDED, registered()):
        if name in _names(folder):
            return read_template(name, folder / f"{name}{SUFFIX}")
    priced = _PRICED.fullmatch(name)
    if priced and {priced["base"], f"{priced['base']}_{lang}", f"{priced['base']}{priced['lang'] or ''}"} & {
        *prompt_names()
    }:
        return _with_penalty(load_prompt(priced["base"] + (priced["lang"] or ""), lang), priced["points"])
    raise UnknownNameError("prompt", name, prompt_names(), hint="(or give a .jinja file)")


def _with_penalty(prompt: Prompt, points: str) -> Prompt:
    """The template with this penalty on its card, and in its name."""
    if prompt.card.penalty is None:
        raise IgakuError(
            f'prompt {prompt.name} does not offer "I do not know", so it has no penalty; abstain and abstain_chat do, '
            "and a template of your own whose card says penalty = 1"
        )
    stem, _, lang = prompt.name.rpartition("_")
    language = f"_{lang}" if stem and lang == prompt.card.lang else ""
    name = f"{prompt.name.removesuffix(language)}-{float(points):g}{language}"
    return Prompt(
        name, re.sub(r"(?m)^penalty *=.*$", f"penalty = {float(points):g}", prompt.source, count=1), prompt.where
    )


def register(name: str, source: str) -> Prompt:
    """Check a template and store it under a name of the user's."""
    path = registered() / f"{name}{SUFFIX}"
    prompt = Prompt(name, source, str(path))
    write_whole(path, source)
    return prompt


def _names(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder).with_suffix("")) for p in folder.rglob(f"*{SUFFIX}"))
