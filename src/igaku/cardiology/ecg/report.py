"""A plan's report: who the patients are, how each start does at home and outside, and by how much starts differ."""

import re
from collections.abc import Mapping, Sequence
from statistics import mean
from typing import TYPE_CHECKING, Any

from igaku.cardiology import RESEARCH
from igaku.cardiology.ecg.config import Config
from igaku.cardiology.ecg.evaluate import Line, compare, drawn, file_name
from igaku.cardiology.ecg.store import Store

if TYPE_CHECKING:
    from igaku.cardiology.ecg.plan import Plan


def report(
    plan: "Plan",
    config: Config,
    sets: Mapping[str, Store],
    losses: Sequence[float],
    labels: Sequence[dict[str, Any]],
    few: Sequence[tuple[str, Mapping[str, Sequence[tuple[int, Line]]]]],
) -> str:
    """Markdown, with pictures by relative links."""
    c, n = config.contract, config.network
    out = [
        f"# {_safe(plan.about) or 'ECG report'}",
        f"{RESEARCH}",
        f"Signal: {len(c.leads)} leads, {c.seconds:g} s at {c.rate} Hz, band {c.band}, normalised by {c.normalise}. Network: {n.size}, patches of {n.patch} samples, {100 * n.ratio:g} % hidden in pre-training.",
        "## Records",
        _grid(
            ["set", "records", "patients", "age", "female", "part"], [_set(name, s, plan) for name, s in sets.items()]
        ),
    ]
    if losses:
        out.append(
            f"Pre-training loss: {losses[0]:.4f} in the first epoch, {losses[-1]:.4f} in the last of {len(losses)}."
        )
    for told in labels:
        out += _label(told, plan)
    for label, found in few:
        rows = [[name, *(f"{line.text}" for _, line in points)] for name, points in found.items()]
        counts = [str(k) for k, _ in next(iter(found.values()))]
        first = next(iter(found.values()))[0][1]
        out += [
            f"## {_safe(label)} with few labels",
            f"{first.measure} on the same test patients, by training records.",
            _grid(["start", *counts], rows),
        ]
        out.append(f"![{_safe(label)}](few/{file_name(label)}/{file_name(label)}.svg)")
    return "\n\n".join(out) + "\n"


def _label(told: dict[str, Any], plan: "Plan") -> list[str]:
    label = told["label"]
    out = [f"## {_safe(label)}"]
    for where, made in told["places"].items():
        out.append(f"### {_safe(where)}" + (": patients never seen" if where in plan.outside else ": test patients"))
        by = {name: {(x.label, x.group, x.measure): x for x in e.lines} for name, e in zip(plan.starts, made)}
        keys = list(dict.fromkeys(k for lines in by.values() for k in lines))
        several = len({k[0] for k in keys}) > 1
        rows = []
        for part, group, measure in keys:
            line = next(x for lines in by.values() if (x := lines.get((part, group, measure))))
            rows.append(
                [
                    *([part] if several else []),
                    group,
                    line.count,
                    measure,
                    *(x.text if (x := lines.get((part, group, measure))) else "" for lines in by.values()),
                ]
            )
        out.append(_grid([*(["label"] if several else []), "group", "records", "measure", *plan.starts], rows))
        if differences := [
            [part, name, p.name, p.text, "" if p.p is None else f"{p.p:.3f}"]
            for name, e in zip(plan.starts[1:], made[1:])
            for part, p in compare(made[0], e)
        ]:
            out += [
                f"Differences on the same records, 95 % intervals over patients: {_safe(plan.starts[0])} less the other.",
                _grid(["label", "other", "measure", "difference", "DeLong's p"], differences),
            ]
        out += [f"![{_safe(p)}](evaluated/{file_name(label)}/{where}/{file_name(p)}.svg)" for p in drawn(made[0])]
    out += [f"![what an answer hangs on]({name})" for name in told["pictures"]]
    return out


def _set(name: str, store: Store, plan: "Plan") -> list[Any]:
    ages = [r.age for r in store.rows if r.age is not None]
    sexes = [r.sex for r in store.rows if r.sex]
    parts = [
        word
        for word, there in (
            ("pre-training", name in plan.pretrain),
            ("learning and test", name == plan.learn),
            ("external", name in plan.outside),
        )
        if there
    ]
    return [
        name,
        len(store.rows),
        len({r.patient for r in store.rows}),
        f"{mean(ages):.0f} ({min(ages):.0f} to {max(ages):.0f})" if ages else "",
        f"{100 * sexes.count('F') / len(sexes):.0f} %" if sexes else "",
        ", ".join(parts),
    ]


def _grid(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = ["| " + " | ".join(map(_safe, columns)) + " |", "|" + " --- |" * len(columns)]
    return "\n".join([*lines, *("| " + " | ".join(_safe(str(v)) for v in row) + " |" for row in rows)])


def _safe(text: str) -> str:
    """Text from files and plans, in one line, with nothing that Markdown or HTML would take for a sign."""
    plain = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|#~])", r"\\\1", plain)
