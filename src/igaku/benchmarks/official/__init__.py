"""A user's own PDFs of an official exam (papers, picture books, key sheets) as own questions with pictures."""

from igaku.benchmarks.official.read import OfficialReport, read_official

__all__ = ["OfficialReport", "read_official"]
