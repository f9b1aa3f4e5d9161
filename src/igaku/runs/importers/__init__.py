"""Others' recorded replies, imported to be graded by our graders."""

from igaku.runs.importers.formats import FORMATS
from igaku.runs.importers.importer import Imported, import_run

__all__ = ["FORMATS", "Imported", "import_run"]
