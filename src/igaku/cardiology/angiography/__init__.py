"""Coronary angiograms: read cine loops, predict age from them, and test whether it predicts events.

After Sawano et al., PLoS ONE 17(10):e0276928, 2022.
"""

from igaku.cardiology.angiography.cine import Cine, read_cine

__all__ = ["Cine", "read_cine"]
