"""A plan's report in Markdown: the patients, each initialisation on test and external patients, and the differences."""

import re
from collections.abc import Mapping, Sequence
from statistics import mean, pstdev

from igaku.cardiology import RESEARCH
from igaku.cardiology.ecg.config import Config
from igaku.cardiology.ecg.efficiency import Efficiency
from igaku.cardiology.ecg.evaluate import Comparison, file_name
from igaku.cardiology.ecg.plan_file import Plan
from igaku.cardiology.ecg.results import LabelResult, Results, SetResult
from igaku.cardiology.ecg.store import Store
from igaku.cardiology.ecg.tables import RecordRow
from igaku.cardiology.ecg.targets import parts_of, split, target


def report(plan: Plan, config: Config, sets: Mapping[str, Store], results: Results) -> str:
    """Markdown, with pictures by relative links."""
    records = [_set(name, s, plan) for name, s in sets.items()]
    out = [
        f"# {_safe(plan.about) or 'ECG report'}",
        RESEARCH,
        form_of(config),
        "## Records",
        _grid(["set", "records", "patients", "age", "female", "part"], records),
    ]
    out += [f"![flow of {_safe(name)}]({picture})" for name, picture in results.flows.items()]
    out += ["## Patients by part", _parts_table(plan, config, sets[plan.train_on])]
    if losses := results.losses:
        out.append(
            f"Pre-training loss: {losses[0]:.4f} in the first epoch, {losses[-1]:.4f} in the last of {len(losses)}."
        )
    for result in results.labels:
        out += _label(result, plan)
    for label, found in results.efficiency.items():
        out += _efficiency(label, found)
    out.append("What this report answers of TRIPOD+AI: [checklist](checklist.en.md), [日本語](checklist.ja.md).")
    return "\n\n".join(out) + "\n"


def form_of(config: Config) -> str:
    """The signal and the networks, each as far as the config says it."""
    c = config.contract
    band = "unfiltered" if c.band is None else f"band {c.band[0]:g} to {c.band[1]:g} Hz"
    normal = {"none": "", "lead": ", z-scores of each lead", "record": ", z-scores of all leads together"}[c.normalise]
    chain = f"filter and scaling of {c.chain}" if c.chain else band
    out = f"Signal: {len(c.leads)} leads, {c.seconds:g} s at {c.rate} Hz, {chain}{normal}"
    out += f"; records may lack leads. {_pretraining(config)}" if c.lacking else f". {_pretraining(config)}"
    masked = config.finetune.mask_leads
    return out + (f" Fine-tuning: each lead is missing with chance {masked:g}." if masked else "")


def _pretraining(config: Config) -> str:
    """The own encoder and how it is pre-trained."""
    n, p = config.network, config.pretrain
    network = f"Own encoder: {n.size}, patches of {n.patch} samples"
    objective = {
        "mae": f"pre-trained by hidden patches (mae), {100 * n.ratio:g} % of them hidden",
        "cmsc": "pre-trained by contrast of halves (cmsc), nothing hidden",
    }[p.objective]
    leads = {
        "mae": f", each lead hidden as a whole with chance {p.mask_leads:g}",
        "cmsc": f", each half without {100 * p.mask_leads:g} % of the leads",
    }[p.objective]
    return f"{network}, {objective}{leads if p.mask_leads else ''}."


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


def _parts_table(plan: Plan, config: Config, store: Store) -> str:
    """Records, patients, age, sex, faults and labels of the training, validation and test part."""
    parts = split(store.rows, config.seed, config.fold)
    columns = [_characteristics([store.rows[i] for i in part], plan.labels, store) for part in parts]
    names = list(columns[0])
    return _grid(["", "training", "validation", "test"], [[n, *(c[n] for c in columns)] for n in names])


def _characteristics(rows: Sequence[RecordRow], labels: Sequence[str], store: Store) -> dict[str, str]:
    ages, sexes = [r.age for r in rows if r.age is not None], [r.sex for r in rows if r.sex]
    out = {
        "records": str(len(rows)),
        "patients": str(len({r.patient for r in rows})),
        "age, mean (deviation)": f"{_spread(ages)}; {len(rows) - len(ages)} not known",
        "female": f"{sexes.count('F')} of {len(sexes)}",
        "with a fault of the signal": str(sum(bool(r.faults) for r in rows)),
    }
    for part in (p for label in labels for p in parts_of(label)):
        goal = target(part, store.rows)
        known = [v for r in rows if (v := goal.of(r)[0]) == v]
        shown = f"{sum(known):.0f} of {len(known)}" if goal.binary else _spread(known)
        out[part] = f"{shown}; {len(rows) - len(known)} not known"
    return out


def _spread(values: Sequence[float]) -> str:
    return f"{mean(values):.1f} ({pstdev(values):.1f})" if values else "–"


def _repeats_table(repeats: Mapping[str, Mapping[str, Sequence[float]]], n: int) -> str:
    """Mean, least and greatest of the first measure over the repeats."""
    rows = [
        [name, init, f"{mean(values):.3f}", f"{min(values):.3f} to {max(values):.3f}"]
        for name, by in repeats.items()
        for init, values in by.items()
    ]
    head = f"Repeats: the first measure of {n} models from other random numbers, fitted to the same patients."
    return f"{head}\n\n" + _grid(["set", "init", "mean", "least to greatest"], rows)


def _label(result: LabelResult, plan: Plan) -> list[str]:
    out = [f"## {_safe(result.label)}"]
    for name, found in result.sets.items():
        out.append(f"### {_safe(name)}" + (": patients never seen" if name in plan.external else ": test patients"))
        out += _evaluated(found, f"evaluated/{file_name(result.label)}/{name}")
    out += [_repeats_table(result.repeats, plan.repeats)] if result.repeats else []
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
    if found.comparison.notes():
        out.append(_safe("; ".join(found.comparison.notes())) + ".")
    for part in found.drawn:
        out.append(f"![{_safe(part)}]({folder}/{file_name(part)}.svg)")
        measured = {row.measure for rows in found.comparison.models.values() for row in rows if row.label == part}
        if "AUROC" in measured:
            for kind, what in (("calibration", "calibration"), ("decision", "decision curve")):
                out.append(f"![{_safe(part)}: {what}]({folder}/{file_name(part)}-{kind}.svg)")
    return out


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
