"""Others' recorded replies, brought in to be graded by our graders."""

from igaku.imports.bring import FORMATS, Imported, import_run

__all__ = ["FORMATS", "Imported", "import_run"]
