"""HOW it is asked: named templates, examples (shots), chat turns, choice order."""

from igaku.prompts.examples import load_examples
from igaku.prompts.store import load_prompt, prompt_names
from igaku.prompts.template import Card, Prompt, Rendered

__all__ = ["Card", "Prompt", "Rendered", "load_examples", "load_prompt", "prompt_names"]
