"""Electrocardiograms: read any format, bring them into a model's own form, pre-train, fine-tune, evaluate, predict, explain."""

from igaku.cardiology.ecg.formats import read
from igaku.cardiology.ecg.record import LEADS, Record
from igaku.cardiology.ecg.signal import Contract

__all__ = ["LEADS", "Contract", "Record", "read"]
