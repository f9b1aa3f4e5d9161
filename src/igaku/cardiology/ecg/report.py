"""A plan's report in Markdown: the patients, each initialisation on test and external patients, and the differences."""

import re
from collections.abc import Mapping, Sequence
from statistics import mean

from igaku.cardiology import RESEARCH
from igaku.cardiology.ecg.config import Config
from igaku.cardiology.ecg.efficiency import Efficiency
from igaku.cardiology.ecg.evaluate import Comparison, file_name
from igaku.cardiology.ecg.plan_file import Plan
from igaku.cardiology.ecg.results import LabelResult, Results, SetResult
from igaku.cardiology.ecg.store import Store


def report(plan: Plan, config: Config, sets: Mapping[str, Store], results: Results) -> str:
    """Markdown, with pictures by relative links."""
    records = [_set(name, s, plan) for name, s in sets.items()]
    out = [
        f"# {_safe(plan.about) or 'ECG report'}",
        RESEARCH,
        _form(config),
        "## Records",
        _grid(["set", "records", "patients", "age", "female", "part"], records),
    ]
    if losses := results.losses:
        out.append(
            f"Pre-training loss: {losses[0]:.4f} in the first epoch, {losses[-1]:.4f} in the last of {len(losses)}."
        )
    for result in results.labels:
        out += _label(result, plan)
    for label, found in results.efficiency.items():
        out += _efficiency(label, found)
    return "\n\n".join(out) + "\n"


def _form(config: Config) -> str:
    c, n = config.contract, config.network
    return (
        f"Signal: {len(c.leads)} leads, {c.seconds:g} s at {c.rate} Hz, band {c.band}, normalised by {c.normalise}. "
        f"Network: {n.size}, patches of {n.patch} samples, {100 * n.ratio:g} % hidden in pre-training."
    )


def _set(name: str, store: Store, plan: Plan) -> list[object]:
    ages = [r.age for r in store.rows if r.age is not None]
    sexes = [r.sex for r in store.rows if r.sex]
    parts = {
        "pre-training": name in plan.pretrain,
        "training and test": name == plan.train_on,
        "external": name in plan.external,
    }
    return [
        name,
        len(store.rows),
        len({r.patient for r in store.rows}),
        f"{mean(ages):.0f} ({min(ages):.0f} to {max(ages):.0f})" if ages else "",
        f"{100 * sexes.count('F') / len(sexes):.0f} %" if sexes else "",
        ", ".join(part for part, used in parts.items() if used),
    ]


def _label(result: LabelResult, plan: Plan) -> list[str]:
    out = [f"## {_safe(result.label)}"]
    for name, found in result.sets.items():
        out.append(f"### {_safe(name)}" + (": patients never seen" if name in plan.external else ": test patients"))
        out += _evaluated(found, f"evaluated/{file_name(result.label)}/{name}")
    return out + [f"![what a prediction depends on]({name})" for name in result.pictures]


def _evaluated(found: SetResult, folder: str) -> list[str]:
    if found.comparison is None:
        return [f"Not evaluated: {_safe(found.error)}."]
    out = [_measures(found.comparison)]
    if differences := found.comparison.differences:
        rows = [[d.label, d.model, d.name, d.paired.text, "" if d.p is None else f"{d.p:.3f}"] for d in differences]
        first = _safe(differences[0].first)
        out += [
            f"Differences on the same records, 95 % intervals over patients: {first} minus the other.",
            _grid(["label", "other", "measure", "difference", "DeLong's p"], rows),
        ]
    return out + [f"![{_safe(p)}]({folder}/{file_name(p)}.svg)" for p in found.drawn]


def _measures(comparison: Comparison) -> str:
    """A row a measure, a column a model."""
    by = {name: {(x.label, x.group, x.measure): x for x in rows} for name, rows in comparison.models.items()}
    keys = list(dict.fromkeys(k for measures in by.values() for k in measures))
    several = len({label for label, _, _ in keys}) > 1
    rows = []
    for key in keys:
        label, group, name = key
        found = [measures.get(key) for measures in by.values()]
        count = next(x.count for x in found if x)
        rows.append([*([label] if several else []), group, count, name, *(x.text if x else "" for x in found)])
    return _grid([*(["label"] if several else []), "group", "records", "measure", *by], rows)


def _efficiency(label: str, found: Efficiency) -> list[str]:
    by = found.by_init()
    counts = [str(p.records) for p in next(iter(by.values()))]
    picture = f"label_efficiency/{file_name(label)}/{file_name(label)}.svg"
    return [
        f"## {_safe(label)} with few labels",
        f"{found.efficiency[0].measure} on the same test patients, by training records.",
        _grid(["init", *counts], [[name, *(p.text for p in points)] for name, points in by.items()]),
        f"![{_safe(label)}]({picture})",
    ]


def _grid(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(map(_safe, columns)) + " |", "|" + " --- |" * len(columns)]
    return "\n".join([*lines, *("| " + " | ".join(_safe(str(v)) for v in row) + " |" for row in rows)])


def _safe(text: str) -> str:
    """Text from files and plans, in one line, with all signs of Markdown and HTML escaped."""
    plain = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|#~])", r"\\\1", plain)
