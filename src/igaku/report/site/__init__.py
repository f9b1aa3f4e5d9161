"""A static site of runs: leaderboard, benchmarks, models, exams, and a viewer that opens every number to the replies behind it.

``gather`` reads the runs, ``viewer`` writes questions and replies as small files that a page loads when needed, ``charts`` draws,
``pages`` renders. The site works from a folder without a server or a network: data are script files, since a page opened from a disk may not
fetch. Everything a model or a file said is shown as text (``shown``); each page carries a policy that runs nothing but our own script.
"""

from igaku.report.site.build import build_site

__all__ = ["build_site"]
