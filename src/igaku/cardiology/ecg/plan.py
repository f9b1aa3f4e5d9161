"""From records to a report by one YAML file; every step is done once (``igaku.steps``)."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from igaku.cardiology.ecg.checklist import checklist
from igaku.cardiology.ecg.config import Config, load_config
from igaku.cardiology.ecg.efficiency import Efficiency, efficiency, fit_settings
from igaku.cardiology.ecg.evaluate import compare, drawn_labels, evaluate_all, file_name, write
from igaku.cardiology.ecg.explain import explain
from igaku.cardiology.ecg.fit_label import fit_init
from igaku.cardiology.ecg.flow import draw_flow, flow_of
from igaku.cardiology.ecg.formats import parts_of_record
from igaku.cardiology.ecg.inits import INITS, untested
from igaku.cardiology.ecg.model import load, read_card
from igaku.cardiology.ecg.plan_file import Plan, Records, read_plan
from igaku.cardiology.ecg.report import report
from igaku.cardiology.ecg.results import LabelResult, Results, SetResult
from igaku.cardiology.ecg.store import Joined, Store, prepare
from igaku.cardiology.ecg.tables import RecordRow, rows_of
from igaku.errors import IgakuError
from igaku.io.files import write_json, write_whole
from igaku.io.hashing import files_sha256
from igaku.io.json_values import decode
from igaku.io.paths import find_data
from igaku.steps import Steps

__all__ = ["Plan", "read_plan", "run"]

VERSION = 2
"""Version of reading and preparing; another one prepares again."""


def run(file: Path, out: Path, say: Callable[[str], None], *, redo: bool = False, changes: Sequence[str] = ()) -> Path:
    """Do what a plan says; ``out/report.md``.

    Args:
        file: the plan, a YAML file.
        out: a folder for everything. A step that is done from the same inputs is not done again, one that was cut
            off goes on.
        say: called with a line for the user as steps begin, or are found done.
        redo: do steps again whose inputs have changed, instead of refusing.
        changes: of the plan, ``explain=0``.

    Raises:
        IgakuError: the plan or a file cannot be read, a step fails, or (without ``redo``) an input has changed.
    """
    work = _work(file, out, say, redo, changes)
    plan = work.plan
    sets = {name: _prepare(work, name) for name in plan.records}
    losses = _pretrain(work, sets) if plan.pretrain else []
    labels = []
    for label in plan.labels:
        models = {init: _fit(work, sets, label, init) for init in plan.inits}
        evaluated = {name: _evaluate(work, sets, label, models, name) for name in plan.evaluated}
        repeats = _repeats(work, sets, label, evaluated) if plan.repeats > 1 else {}
        labels.append(LabelResult(label, evaluated, _explain(work, sets, label, models), repeats))
    few = plan.label_efficiency.labels if plan.label_efficiency else []
    results = Results(losses, labels, {label: _efficiency(work, sets, label) for label in few}, _flows(work))
    for lang in ("en", "ja"):
        write_whole(out / f"checklist.{lang}.md", checklist(lang))
    return write_whole(out / "report.md", report(plan, work.config, sets, results))


class _Work(NamedTuple):
    """What every step needs."""

    plan: Plan
    config: Config
    folder: Path
    """The plan's."""
    steps: Steps

    def upstream(self, *names: str) -> dict[str, str]:
        """Fingerprints of steps, as inputs of another."""
        return {name: self.steps.fingerprints[name] for name in names}


def _work(file: Path, out: Path, say: Callable[[str], None], redo: bool, changes: Sequence[str]) -> _Work:
    plan = read_plan(file, changes)
    near = file.parent / plan.config
    config = load_config(str(near) if near.suffix in (".yaml", ".yml") and near.exists() else plan.config)
    return _Work(plan, config, file.parent, Steps(out, say, redo=redo))


def _prepare(work: _Work, name: str) -> Store:
    """Read a set's records, or generate them."""
    given, contract, step = work.plan.records[name], work.config.contract, f"records/{name}"
    if given.synthetic:
        from igaku.cardiology.ecg import synthetic

        inputs = {"synthetic": given.synthetic, "version": synthetic.VERSION, "set": name, "contract": contract}
        seed = int(hashlib.sha256(name.encode()).hexdigest()[:6], 16)
        return work.steps.run(
            step,
            inputs,
            lambda folder: synthetic.store(synthetic.cohort(given.synthetic, seed=seed), contract, folder),
            Store,
            f"generate {name}",
        )
    rows = _rows(work, name, given)
    return work.steps.run(
        step,
        {"set": given, "version": VERSION, "contract": contract, **_sources(work, given, rows)},
        lambda folder: _read(work, rows, folder),
        Store,
        f"prepare {name}: {len(rows)} records",
    )


def _rows(work: _Work, name: str, given: Records) -> list[RecordRow]:
    rows = rows_of([_find(work, p) for p in given.files], work.config.source, given.filter)
    for r in rows:
        r.dataset = r.dataset or name
    return rows


def _sources(work: _Work, given: Records, rows: Sequence[RecordRow]) -> dict[str, object]:
    """How tables are read, and the hash of each file in which tables and records lie."""
    tables = [p for p in (_find(work, f) for f in given.files) if p.is_file()]
    files = [*tables, *(part for r in rows for part in parts_of_record(r.path))]
    return {"source": work.config.source, "files": {f: sha[:16] for f, sha in files_sha256(files).items()}}


def _flows(work: _Work) -> dict[str, str]:
    """A picture of the flow of each set that `igaku ecg cohort` has made."""
    out = {}
    for name, given in work.plan.records.items():
        for file in given.files:
            if flow := flow_of(_find(work, file)):
                picture = draw_flow(
                    flow, f"{name}: ECGs paired with echocardiograms", work.steps.out / "flow" / f"{name}.svg"
                )
                out[name] = str(picture.relative_to(work.steps.out))
    return out


def _find(work: _Work, path: str) -> Path:
    """A file beside the plan, or in the data folders."""
    if (near := work.folder / path).exists():
        return near
    if (far := find_data(path)) is None:
        raise IgakuError(f"{path}: not found beside the plan ({work.folder}) nor in the data folders (IGAKU_DATA)")
    return far


def _read(work: _Work, rows: Sequence[RecordRow], folder: Path) -> Store:
    n, errors = prepare(rows, work.config.contract, folder)
    for e in errors[:5]:
        work.steps.say(f"  {e}")
    work.steps.say(f"  {n} records" + (f"; {len(errors)} could not be read" if errors else ""))
    return Store(folder)


def _pretrain(work: _Work, sets: dict[str, Store]) -> list[float]:
    """The autoencoder, on all its sets but the test patients of the set that is trained on; its losses."""
    from igaku.cardiology.ecg.pretrain import pretrain

    plan, c, say = work.plan, work.config, work.steps.say
    store = Joined([sets[n] for n in plan.pretrain])
    divided = [plan.train_on] if plan.train_on in plan.pretrain else []
    allowed = untested(store, [sets[n] for n in divided], c)
    inputs = {
        "contract": c.contract,
        "network": c.network,
        "pretrain": c.pretrain,
        "seed": c.seed,
        "records": work.upstream(*(f"records/{n}" for n in plan.pretrain)),
        "without_test_patients_of": dict.fromkeys(divided, c.fold),
    }
    every = max(1, c.pretrain.epochs // 10)

    def on_epoch(epoch: int, loss: float, seconds: float) -> None:
        if epoch % every == 0:
            say(f"  epoch {epoch}/{c.pretrain.epochs}: loss {loss:.4f}, {seconds:.0f} s")

    def do(folder: Path) -> list[float]:
        card, patients = {"sets": plan.pretrain, **allowed.seen}, [row.patient for row in store.rows]
        return pretrain(store.signals, c, folder, on_epoch, allowed.indices, card, patients=patients)

    return work.steps.run("encoder", inputs, do, _losses, f"pre-train on {len(allowed.indices)} records")


def _losses(encoder: Path) -> list[float]:
    return msgspec.convert(read_card(encoder)["losses"], list[float])


def _fit(work: _Work, sets: dict[str, Store], label: str, init: str, again: str = "") -> str:
    """One model of a label; the name of its step, which is its folder in ``out``."""
    step, train_on = f"models/{file_name(label)}/{file_name(init)}{again}", work.plan.train_on
    before = ["encoder"] if INITS[init].pretrained else []
    inputs = {
        "label": label,
        "init": init,
        "config": fit_settings(work.config),
        "upstream": work.upstream(f"records/{train_on}", *before),
    }

    def do(folder: Path) -> None:
        fit_init(sets[train_on], work.config, label, folder, init, work.steps.out / "encoder")

    work.steps.run(step, inputs, do, lambda _: None, f"fit {label}, {init}{again}")
    return step


def _repeats(
    work: _Work, sets: dict[str, Store], label: str, first: dict[str, SetResult]
) -> dict[str, dict[str, list[float]]]:
    """The first measure of the models above and of those that are fitted anew, by set and initialisation."""
    plan, out = work.plan, dict[str, dict[str, list[float]]]()
    for name, result in first.items():
        if result.comparison:
            out[name] = {init: [rows[0].value] for init, rows in result.comparison.models.items()}
    for repeat in range(1, plan.repeats):
        finetune = replace(work.config.finetune, repeat=repeat)
        again = work._replace(config=replace(work.config, finetune=finetune))
        for init in plan.inits:
            step = _fit(again, sets, label, init, f"-{repeat + 1}")
            for name in out:
                measured = _evaluate(work, sets, label, {init: step}, name, f"-{file_name(init)}-{repeat + 1}")
                if measured.comparison:
                    out[name][init].append(measured.comparison.models[init][0].value)
    return out


def _evaluate(
    work: _Work, sets: dict[str, Store], label: str, models: dict[str, str], name: str, again: str = ""
) -> SetResult:
    """All models of a label on one set: test patients, or an external set."""

    def do(folder: Path) -> SetResult:
        fitted = [load(work.steps.out / m) for m in models.values()]
        try:
            found = evaluate_all(fitted, sets[name])
        except IgakuError as error:
            result = SetResult(error=str(error))
        else:
            write(found, list(models), folder)
            result = SetResult(compare(found, list(models)), drawn_labels(found[0]))
        write_json(folder / "result.json", result)
        return result

    def read(folder: Path) -> SetResult:
        return decode(folder / "result.json", SetResult, "a step's result")

    inputs = {"models": list(models), "upstream": work.upstream(*models.values(), f"records/{name}")}
    step = f"evaluated/{file_name(label)}/{name}{again}"
    result = work.steps.run(step, inputs, do, read, f"evaluate {label} on {name}{again}")
    if result.error:
        work.steps.say(f"  {label}, {name}: {result.error}")
    return result


def _explain(work: _Work, sets: dict[str, Store], label: str, models: dict[str, str]) -> list[str]:
    """Pictures of what the first network's predictions depend on; paths relative to ``out``."""
    networks = [m for init, m in models.items() if INITS[init].kind != "tree"]
    name = (work.plan.external or [work.plan.train_on])[0]
    if not networks or not work.plan.explain:
        return []

    def do(folder: Path) -> list[str]:
        model, pictures = load(work.steps.out / networks[0]), []
        for i, row in enumerate(sets[name].rows[: work.plan.explain]):
            for part in model.parts:
                picture = folder / f"{file_name(part)}-{i + 1}-{file_name(Path(row.path).name)}.svg"
                try:
                    explain(Path(row.path), model, picture, row.rate, part)
                    pictures.append(str(picture.relative_to(work.steps.out)))
                except IgakuError as error:
                    work.steps.say(f"  no picture: {error}")
        write_json(folder / "pictures.json", pictures)
        return pictures

    def read(folder: Path) -> list[str]:
        return decode(folder / "pictures.json", list[str], "a list of pictures")

    inputs = {"records": work.plan.explain, "upstream": work.upstream(networks[0], f"records/{name}")}
    return work.steps.run(f"explained/{file_name(label)}", inputs, do, read, f"explain {label}")


def _efficiency(work: _Work, sets: dict[str, Store], label: str) -> Efficiency:
    """Models of a label with few labels and with many."""
    few = work.plan.label_efficiency
    return efficiency(
        sets[work.plan.train_on],
        work.config,
        label,
        work.steps.out / "label_efficiency" / file_name(label),
        work.steps.out / "encoder",
        few.fractions if few else (),
        work.plan.inits,
        say=work.steps.say,
        redo=work.steps.redo,
    )
