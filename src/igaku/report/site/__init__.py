"""A static site of runs: leaderboard, benchmarks, models, exams, and a viewer that opens every number to its replies.

``collect`` reads the runs, ``viewer`` writes questions and replies as small files that a page loads when needed,
``charts`` draws, ``pages`` holds one file a page, ``render`` fills the templates. The site works from a folder without
a server or a network: data are script files, since a page opened from a disk is not allowed to fetch. All text of
models and files is sanitised (``sanitize``) and escaped, and each page carries a policy that allows no script but our
own.
"""

from igaku.report.site.build import BuiltSite, build_site

__all__ = ["BuiltSite", "build_site"]
