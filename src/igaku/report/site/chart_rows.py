"""Rows of the charts. ``label`` is what the page shows under the pointer."""

from msgspec import Struct


class LanguageRow(Struct, frozen=True, kw_only=True):
    """A model's accuracy in Japanese and in English."""

    model: str
    ja: float
    en: float
    label: str


class SizeRow(Struct, frozen=True, kw_only=True):
    """A model's size, in billions of parameters, and its accuracy."""

    model: str
    size: float
    accuracy: float
    label: str


class HeatRow(Struct, frozen=True, kw_only=True):
    """A model's accuracy with one template and one order of choices."""

    template: str
    order: str
    accuracy: float
    label: str
