"""Where templates are: those embedded in igaku, those the user registered, and plain files."""

from pathlib import Path

from igaku.errors import UnknownNameError
from igaku.io.paths import config_dir
from igaku.prompts.template import Prompt, read_template

EMBEDDED = Path(__file__).parent / "templates"
SUFFIX = ".jinja"


def registered() -> Path:
    """The folder of templates that the user added; a name such as ``med-harness/alpaca`` is a path in it."""
    return config_dir() / "prompts"


def prompt_names() -> list[str]:
    """Every template's name, embedded ones first."""
    return _names(EMBEDDED) + _names(registered())


def load_prompt(name: str, lang: str = "") -> Prompt:
    """A template by name, or from a ``.jinja`` file; ``standard`` is ``standard_ja`` if ``lang`` is ja and it exists.

    Raises:
        UnknownNameError: no such name, with near matches (never a silent default).
    """
    if name.endswith(SUFFIX):
        return read_template(Path(name).stem, Path(name))
    if lang and f"{name}_{lang}" in prompt_names():
        name = f"{name}_{lang}"
    for folder in (EMBEDDED, registered()):
        if name in _names(folder):
            return read_template(name, folder / f"{name}{SUFFIX}")
    raise UnknownNameError("prompt", name, prompt_names(), hint="(or give a .jinja file)")


def register(name: str, source: str) -> Prompt:
    """Check a template and store it under a name of the user's."""
    path = registered() / f"{name}{SUFFIX}"
    prompt = Prompt(name, source, str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    return prompt


def _names(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder).with_suffix("")) for p in folder.rglob(f"*{SUFFIX}"))
