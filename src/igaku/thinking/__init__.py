"""What a model thought, apart from what it answered: one reader of all marks, for engines, imports and graders."""

from igaku.thinking.split import Spoken, begins_thinking, opens, split

__all__ = ["Spoken", "begins_thinking", "opens", "split"]
