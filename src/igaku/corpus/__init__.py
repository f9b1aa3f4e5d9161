"""Text that becomes training data, and never contains the exam.

Each step reads documents and writes those it keeps, with a manifest.
"""

from igaku.corpus.clean import clean
from igaku.corpus.decontaminate import decontaminate
from igaku.corpus.dedup import dedup
from igaku.corpus.documents import Document, read_documents
from igaku.corpus.manifest import Manifest
from igaku.corpus.overlap import Hit, Overlap

__all__ = ["Document", "Hit", "Manifest", "Overlap", "clean", "decontaminate", "dedup", "read_documents"]
