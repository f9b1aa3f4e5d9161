"""Coronary angiograms: read cine loops, tell age from them, and ask whether the told age foretells events (Sawano et al., PLoS ONE 17(10):e0276928, 2022)."""

from igaku.cardiology.angiography.cine import Cine, read_cine

__all__ = ["Cine", "read_cine"]
