"""WHAT DOES IT MEAN: verdicts to numbers with intervals, and the baselines they stand beside."""

from igaku.statistics.aggregate import AGGREGATORS
from igaku.statistics.baselines import baselines
from igaku.statistics.interval import wilson
from igaku.statistics.tally import Cell, cells, totals

__all__ = ["AGGREGATORS", "Cell", "baselines", "cells", "totals", "wilson"]
