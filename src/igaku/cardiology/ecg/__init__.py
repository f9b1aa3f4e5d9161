"""Electrocardiograms: read any format, prepare them, pre-train, fine-tune, evaluate, predict, explain.

``read(path)`` gives a ``Record``: float32 [12, n] in millivolts with its sampling rate and leads in one order.
"""

from igaku.cardiology.ecg.formats import read
from igaku.cardiology.ecg.record import LEADS, Record
from igaku.cardiology.ecg.signal import Contract

__all__ = ["LEADS", "Contract", "Record", "read"]
