"""From records to a report by one YAML file: prepare, pre-train, fine-tune from several starts, test at home and outside, compare, explain. What is done is not done again."""

import hashlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import yaml
from msgspec import Struct, field

from igaku.cardiology.ecg.config import Config, load_config
from igaku.cardiology.ecg.evaluate import (
    FRACTIONS,
    SEEN,
    STARTS,
    Line,
    efficiency,
    evaluate_all,
    file_name,
    fit,
    probing,
    untested,
    write,
)
from igaku.cardiology.ecg.explain import explain
from igaku.cardiology.ecg.model import Fitted, load, read_card
from igaku.cardiology.ecg.store import Joined, Store, prepare
from igaku.cardiology.ecg.tables import rows_of
from igaku.errors import IgakuError, UnknownNameError
from igaku.io.files import write_json, write_whole
from igaku.io.paths import find_data

VERSION = 1
"""Of reading and preparing: another number prepares again."""


class Records(Struct, forbid_unknown_fields=True):
    """One set of records."""

    of: list[str] = []
    """Tables, files and folders; relative to the plan, else to the data folders."""
    where: str = ""
    """``COLUMN=VALUE,VALUE`` or ``COLUMN!=VALUE``, of a table."""
    synthetic: int = 0
    """So many generated patients instead, whose ``lvef`` is known."""

    def __post_init__(self) -> None:
        if bool(self.of) == bool(self.synthetic) or self.synthetic < 0:
            raise IgakuError("a set of records has either `of`, a list of files, or `synthetic`, a number of patients")


class Efficiency(Struct, forbid_unknown_fields=True):
    """How well with how few labels."""

    labels: list[str]
    shares: list[float] = field(default_factory=lambda: list(FRACTIONS))

    def __post_init__(self) -> None:
        if not self.shares or not all(0 < s <= 1 for s in self.shares):
            raise IgakuError(f"efficiency.shares {self.shares}: give numbers above 0 and up to 1")


class Plan(Struct, forbid_unknown_fields=True):
    """The YAML file."""

    records: dict[str, Records]
    learn: str
    """Whose patients are divided into training, validation and test."""
    labels: list[str]
    """One a model; several parted by commas are one model."""
    about: str = ""
    config: str = "tiny"
    """A shipped config, or a YAML file."""
    pretrain: list[str] = []
    """Sets for the autoencoder; of ``learn`` its test patients are left out. Empty: no pre-training."""
    starts: list[str] = field(default_factory=lambda: list(STARTS))
    outside: list[str] = []
    """External sets: never seen in training nor pre-training."""
    efficiency: Efficiency | None = None
    explain: int = 1
    """Records of the first external set (or of ``learn``) that are pictured with what each answer hangs on."""

    def __post_init__(self) -> None:
        if not self.labels or not self.starts or self.explain < 0:
            raise IgakuError("a plan needs one label and one start or more, and explain of 0 or more")


def read_plan(file: Path) -> Plan:
    """The plan in a YAML file.

    Raises:
        IgakuError: it is none, a name in it is not known, or an external set is learnt from.
    """
    try:
        made = msgspec.convert(yaml.safe_load(file.read_text(encoding="utf-8")), Plan)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise IgakuError(f"{file}: cannot be read as a plan ({' '.join(str(error).split())[:300]})") from None
    if odd := next((n for n in made.records if not re.fullmatch(r"\w[\w.-]*", n)), None):
        raise IgakuError(f"{file}: a set of records named {odd!r}; use letters, digits, hyphens")
    for name in [made.learn, *made.pretrain, *made.outside]:
        if name not in made.records:
            raise UnknownNameError("set of records", name, made.records)
    for start in made.starts:
        if start not in STARTS:
            raise UnknownNameError("start", start, STARTS)
    if both := set(made.outside) & {made.learn, *made.pretrain}:
        raise IgakuError(f"{file}: {both.pop()!r} is external and learnt from; an external set is never seen before")
    if not made.pretrain and (need := [s for s in made.starts if STARTS[s][1]]):
        raise IgakuError(f"{file}: {need[0]!r} needs `pretrain`, the sets for the autoencoder")
    return made


def run(file: Path, out: Path, say: Callable[[str], None]) -> Path:
    """Do what the plan says; ``out/report.md``."""
    plan = read_plan(file)
    beside = file.parent / plan.config
    config = load_config(str(beside) if beside.suffix in (".yaml", ".yml") and beside.exists() else plan.config)
    work = _Work(plan, config, file.parent, out, say)
    for name in plan.records:
        work.prepare(name)
    if plan.pretrain:
        work.pretrain()
    tables = [work.label(label) for label in plan.labels]
    few = [work.few(label) for label in (plan.efficiency.labels if plan.efficiency else [])]
    return write_whole(out / "report.md", work.report(tables, few))


class _Work:
    """One run of a plan: each step in a folder of its own, marked by a hash of all that went in."""

    def __init__(self, plan: Plan, config: Config, beside: Path, out: Path, say: Callable[[str], None]) -> None:
        self.plan, self.config, self.beside, self.out, self.say = plan, config, beside, out, say
        self.marks: dict[str, str] = {}

    def once(self, folder: Path, inputs: Any, what: str, do: Callable[[], None]) -> str:
        """Do a step unless it was done from the same inputs; its mark. One that was cut off goes on in its folder, one from other inputs begins with an empty folder."""
        mark = hashlib.sha256(msgspec.json.encode(inputs)).hexdigest()[:16]
        note = folder / "made-from.json"
        before = _note(note)
        if before and before.get("mark") == mark and before.get("done"):
            self.say(f"{what}: done before")
            return mark
        if before is None and folder.is_dir() and any(folder.iterdir()):
            raise IgakuError(f"{folder}: holds something that this plan did not make; give another --out")
        if before and before.get("mark") != mark:
            shutil.rmtree(folder)
        self.say(what)
        write_json(note, {"mark": mark, "done": False})
        do()
        write_json(note, {"mark": mark, "done": True})
        return mark

    def store(self, name: str) -> Store:
        """A prepared set."""
        return Store(self.out / "records" / name)

    def prepare(self, name: str) -> None:
        """Read a set's records, or generate them."""
        from igaku.cardiology.ecg import synthetic

        given, folder, contract = self.plan.records[name], self.out / "records" / name, self.config.contract
        if given.synthetic:
            inputs: Any = [given, contract, synthetic.VERSION, name]
            seed = int(hashlib.sha256(name.encode()).hexdigest()[:6], 16)
            self.marks[name] = self.once(
                folder, inputs, f"generate {name}", lambda: _generate(given.synthetic, seed, contract, folder)
            )
            return
        rows = rows_of([self.found(p) for p in given.of], self.config.source, given.where)
        for r in rows:
            r.dataset = r.dataset or name
        self.marks[name] = self.once(
            folder,
            [rows, [_as_it_is(r.path) for r in rows], contract, VERSION],
            f"prepare {name}: {len(rows)} records",
            lambda: self.read(rows, folder),
        )

    def found(self, path: str) -> Path:
        """A file beside the plan, or in the data folders."""
        if (near := self.beside / path).exists():
            return near
        if (far := find_data(path)) is None:
            raise IgakuError(f"{path}: neither beside the plan ({self.beside}) nor in the data folders (IGAKU_DATA)")
        return far

    def read(self, rows: Any, folder: Path) -> None:
        """Prepare records, and say what could not be read."""
        n, errors = prepare(rows, self.config.contract, folder)
        for e in errors[:5]:
            self.say(f"  {e}")
        self.say(f"  {n} records" + (f"; {len(errors)} could not be read" if errors else ""))

    def pretrain(self) -> None:
        """The autoencoder, on all sets but the test patients of the one that is learnt from."""
        from igaku.cardiology.ecg.pretrain import pretrain

        names = self.plan.pretrain
        store = Joined([self.store(n) for n in names])
        divided = [self.store(self.plan.learn)] if self.plan.learn in names else []
        places, seen = untested(store, divided, self.config)
        card = {"sets": names, SEEN: seen}
        c = self.config
        inputs = [c.contract, c.network, c.pretrain, c.seed, [self.marks[n] for n in names], seen]

        def do() -> None:
            every = max(1, c.pretrain.epochs // 10)
            pretrain(
                store.signals,
                c,
                self.out / "encoder",
                lambda e, loss, s: (
                    self.say(f"  epoch {e}/{c.pretrain.epochs}: loss {loss:.4f}, {s:.0f} s") if e % every == 0 else None
                ),
                places,
                card,
            )

        self.marks["encoder"] = self.once(self.out / "encoder", inputs, f"pre-train on {len(places)} records", do)

    def fit(self, label: str, start: str, folder: Path) -> None:
        """One model of a label."""
        kind, begun, frozen = STARTS[start]
        config = probing(self.config) if frozen else self.config
        encoder = self.out / "encoder" if begun else None
        inputs = [config, label, kind, self.marks[self.plan.learn], self.marks.get("encoder") if begun else None]

        def do() -> None:
            fit(self.store(self.plan.learn), config, label, folder, kind=kind, encoder=encoder)

        self.once(folder, inputs, f"fit {label}, {start}", do)

    def label(self, label: str) -> dict[str, Any]:
        """Models of a label from every start, at home and outside, and what their answers hang on."""
        folder, names = self.out / "models" / file_name(label), self.plan.starts
        for name in names:
            self.fit(label, name, folder / file_name(name))
        models = [load(folder / file_name(n)) for n in names]
        found: dict[str, Any] = {"label": label, "places": {}}
        for where in [self.plan.learn, *self.plan.outside]:
            try:
                made = evaluate_all(models, self.store(where))
            except IgakuError as error:
                self.say(f"  {label}, {where}: {error}")
                continue
            write(made, names, self.out / "evaluated" / file_name(label) / where)
            found["places"][where] = made
        found["pictures"] = self.pictures(label, [m for m in models if m.kind != "tree"])
        return found

    def pictures(self, label: str, models: list[Fitted]) -> list[str]:
        """What the first network's answers hang on, in some records of the first external set (or of those learnt from)."""
        made: list[str] = []
        rows = self.store((self.plan.outside or [self.plan.learn])[0]).rows if models else []
        for i, row in enumerate(rows[: self.plan.explain]):
            for part in models[0].parts:
                name = f"explained/{file_name(part)}-{i + 1}-{file_name(Path(row.path).name)}.svg"
                try:
                    explain(Path(row.path), models[0], self.out / name, row.rate, part)
                    made.append(name)
                except IgakuError as error:
                    self.say(f"  no picture: {error}")
        return made

    def few(self, label: str) -> tuple[str, dict[str, list[tuple[int, Line]]]]:
        """Label efficiency: of each start (training records, first measure)."""
        assert self.plan.efficiency
        folder, shares, starts = self.out / "few" / file_name(label), self.plan.efficiency.shares, self.plan.starts
        kept = folder / "efficiency.json"
        inputs = [label, shares, starts, self.config, self.marks[self.plan.learn], self.marks.get("encoder")]

        def do() -> None:
            store = self.store(self.plan.learn)
            write_json(kept, efficiency(store, self.config, label, folder, self.out / "encoder", shares, starts))

        self.once(folder, inputs, f"few labels: {label}, {len(starts) * len(shares)} models", do)
        return label, msgspec.json.decode(kept.read_bytes(), type=dict[str, list[tuple[int, Line]]])

    def report(self, tables: list[dict[str, Any]], few: list[Any]) -> str:
        """All of it as Markdown."""
        from igaku.cardiology.ecg.report import report

        sets = {n: self.store(n) for n in self.plan.records}
        losses = read_card(self.out / "encoder")["losses"] if self.plan.pretrain else []
        return report(self.plan, self.config, sets, losses, tables, few)


def _note(file: Path) -> dict[str, Any] | None:
    """What a step's folder was made from; None where no step made it."""
    try:
        found = msgspec.json.decode(file.read_bytes())
    except (OSError, msgspec.DecodeError):
        return None
    return found if isinstance(found, dict) else None


def _as_it_is(path: str) -> list[Any]:
    """A record's path with size and time of its file, so that a mended file is read again."""
    file = Path(path.rpartition("#")[0] if "#" in path else path)
    files = [f for f in (file, *(file.with_suffix(s) for s in (".hea", ".dat", ".mat"))) if f.is_file()]
    return [path, *((f.stat().st_size, f.stat().st_mtime_ns) for f in files)]


def _generate(n: int, seed: int, contract: Any, folder: Path) -> None:
    from igaku.cardiology.ecg import synthetic

    synthetic.store(synthetic.cohort(n, seed=seed), contract, folder)
