import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

import igaku
from igaku.corpus.clean import Cleaner
from igaku.corpus.decontaminate import Decontaminate, exam_questions
from igaku.corpus.filter import Label, filter_documents, trained
from igaku.corpus.instruct import as_instruction, grounded, instruct, read_pairs
from igaku.corpus.manifest import Past, history, read_manifest, written_by
from igaku.corpus.mix import packing
from igaku.corpus.pipeline import build
from igaku.corpus.sources import Part, Source, gather, may_train
from igaku.engines import EngineSpec, Identity
from igaku.errors import IgakuError
from igaku.question import Answer, Message, Request

pytest.importorskip("sklearn")


def passed_steps(file: Path) -> list[Past]:
    manifest = written_by(file)
    return history(manifest) if manifest else []


class Scripted:
    """Answers every request by a function of its prompt."""

    sends_messages = supports_images = False
    context = 4096
    supported = frozenset(("text", "letters"))
    unsupported: dict[str, str] = {}
    notes: list[str] = []
    identity = Identity(model="scripted", engine="scripted", version="1")

    def __init__(self, reply: Callable[[Request], Answer]) -> None:
        self.reply, self.requests = reply, 0

    def chat(self, messages: Sequence[Message]) -> str:
        return messages[0].content

    def count(self, prompts: Sequence[str]) -> list[int]:
        return [len(p) for p in prompts]

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Answer]]:
        for i, r in enumerate(requests):
            self.requests += 1
            yield i, self.reply(r)

    def close(self) -> None: ...


HEART = (
    "心不全では心拍出量が低下し、肺うっ血により呼吸困難を来す。"
    "治療には利尿薬とACE阻害薬が用いられる。第{n}版の記載である。"
)
ROADS = "国道は県庁から港まで延び、沿道には商店街と市場が並ぶ。第{n}区間の工事は来春に終わる予定である。"


def corpus(tmp_path: Path, n: int = 60) -> Path:
    rows = [{"id": f"h{i}", "text": HEART.format(n=i)} for i in range(n)] + [
        {"id": f"r{i}", "text": ROADS.format(n=i)} for i in range(n)
    ]
    file = tmp_path / "in.jsonl"
    file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    return file


def test_a_classifier_learns_what_the_engine_finds_good(tmp_path: Path) -> None:
    engine = Scripted(lambda r: Answer(logprobs=(-0.1, -3.0) if "心不全" in r.prompt else (-3.0, -0.1), tokens=(1, 1)))
    manifest = filter_documents([corpus(tmp_path)], tmp_path / "out", engine=engine, purpose="medical", sample=100)
    kept = [json.loads(x) for x in (tmp_path / "out/documents.jsonl").read_text().splitlines()]
    assert (
        {k["id"][0] for k in kept} == {"h"}
        and manifest.settings["held-out precision"] >= 0.9
        and engine.requests == 100
    )
    filter_documents([corpus(tmp_path)], tmp_path / "out", engine=engine, purpose="medical", sample=100)
    assert engine.requests == 100 and (tmp_path / "out/classifier.npz").exists()


def test_labels_can_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text("\n".join(json.dumps({"id": f"{k}{i}", "good": k == "h"}) for i in range(40) for k in "hr"))
    assert set(filter_documents([corpus(tmp_path)], tmp_path / "out", labels=file).dropped) == {"below the threshold"}
    file.write_text('{"id": "nobody", "good": true}')
    with pytest.raises(IgakuError, match="1 of 1 labels are of documents that are not in the input"):
        filter_documents([corpus(tmp_path)], tmp_path / "other", labels=file)
    file.write_text("[]")
    with pytest.raises(IgakuError, match=r"labels\.jsonl, line 1: damaged, not a label"):
        filter_documents([corpus(tmp_path)], tmp_path / "other", labels=file)
    assert Label("a", True).good


def test_labels_that_say_nothing_are_refused() -> None:
    texts = [HEART.format(n=i) for i in range(80)]
    with pytest.raises(IgakuError, match=r"no threshold reaches a precision of 0\.99"):
        trained(texts, [i * 7919 % 13 < 6 for i in range(80)], 0.99)
    with pytest.raises(IgakuError, match="at least 20 of each"):
        trained(texts, [True] * 79 + [False], 0.9)


@pytest.mark.parametrize(
    ("reply", "wanted"),
    [
        ('{"instruction": "a?", "output": "b"}\n{"instruction": "c?", "output": "d"}', [("a?", "b"), ("c?", "d")]),
        (
            'なぜか。", "output": "x\\n\\"y\\""}\n{"instruction": "c?", "output": "d"}',
            [("なぜか。", 'x\n"y"'), ("c?", "d")],
        ),
        ("質問：なぜですか。\n答え：漏れるためです。", [("なぜですか。", "漏れるためです。")]),
        ("わかりません。", []),
        ('{"instruction": "a", "output": ""}', []),
        ('{"instruction": "\\ud83d", "output": "\\x"}', []),
    ],
)
def test_pairs_are_read(reply: str, wanted: list[tuple[str, str]]) -> None:
    assert read_pairs(reply) == wanted


@pytest.mark.slow
def test_pairs_are_grounded_new_and_no_exam(tmp_path: Path) -> None:
    mini = igaku.load_benchmark("mini").load("ja")[7]
    pairs = [
        ("心不全の治療に用いる薬は何ですか。", "利尿薬とACE阻害薬"),
        ("心不全の治療に用いる薬は何ですか？", "利尿薬"),
        ("肺炎の治療に用いる薬は何ですか。", "抗菌薬のペニシリンである。"),
        ("この文章は何について述べていますか。", "心不全"),
        (mini.stem + "".join(mini.choices), "心不全"),
    ]
    reply = "\n".join(json.dumps({"instruction": q, "output": a}, ensure_ascii=False) for q, a in pairs)
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps({"id": "h", "text": HEART.format(n=1), "source": "books"}))
    manifest = instruct([source], tmp_path / "out", engine=Scripted(lambda r: Answer(text=reply)), pairs=9)
    kept = [json.loads(x) for x in (tmp_path / "out/documents.jsonl").read_text().splitlines()]
    assert [(k["instruction"], k["source"], k["passage"]) for k in kept] == [(pairs[0][0], "books-pairs", "h")]
    assert manifest.dropped == {"asked before": 1, "not in the passage": 1, "leans on the passage": 1, "holds mini": 1}
    with pytest.raises(IgakuError, match="no pair of 1 could be used"):
        instruct([source], tmp_path / "none", engine=Scripted(lambda r: Answer(text="?")))
    assert grounded("心", "心臓") == 1.0 and grounded("", "心臓") == 0.0


def test_exam_questions_become_instructions() -> None:
    q = igaku.load_benchmark("mini").load("ja")[0]
    instruction, answer = as_instruction(q, "だから。") or ("", "")
    assert (
        q.stem in instruction
        and all(c in instruction for c in q.choices)
        and answer.startswith("答え: ")
        and answer.endswith("だから。")
    )


@pytest.mark.parametrize("text", ["yakugakuqa:2021", "yakugakuqa", "igakuqa:2018-2019", "yakugakuqa:2020-2021"])
def test_what_is_for_evaluation_is_refused(text: str) -> None:
    with pytest.raises(IgakuError, match="for evaluation only"):
        may_train(Part.read(text))


def test_parts_are_read() -> None:
    assert Part.read("a:2012-2014").years == ("2012", "2013", "2014") and str(Part.read("a:2012,2014")) == "a:2012,2014"
    may_train(Part.read("yakugakuqa:2012-2020"))
    with pytest.raises(IgakuError, match="expected a part of a benchmark"):
        Part.read("a:20x")


def test_packing_is_counted() -> None:
    counts = packing([300, 300, 600], 512)
    assert (
        counts["tokens"] == 1200
        and counts["sequences"] == 3
        and counts["documents cut by an edge"] == 2
        and counts["documents longer than a sequence"] == 1
    )


def test_history_follows_the_file(tmp_path: Path) -> None:
    file = corpus(tmp_path, 3)
    gather({"books": Source(files=(str(file),))}, tmp_path / "0")
    igaku.corpus.clean([tmp_path / "0/documents.jsonl"], tmp_path / "1")
    assert [p.step for p in passed_steps(tmp_path / "1/documents.jsonl")] == ["sources", "clean"]
    (tmp_path / "1/documents.jsonl").write_text("{}")
    assert passed_steps(tmp_path / "1/documents.jsonl") == []


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ("sources: {a: {files: [in.jsonl], take: contexts}}", "give either"),
        ("sources: {a: {take: stems, of: mini}}", "take: explanations or contexts"),
        ("nothing: 1", "corpus plan .*nothing"),
        ("sources: {a: {files: [in.jsonl]}}\nclean: {lenght: 3}", r"unknown field `lenght` - at `\$\.clean`"),
        (
            "sources: {a: {files: [in.jsonl]}}\nfilter: {engine: {model: m, modle: x}}",
            r"`modle` - at `\$\.filter\.engine`",
        ),
        ("sources: {a: {files: [in.jsonl]}}\ndedup: {alike: 0.1}", "expected 0.3"),
        ("sources: {a: {take: explanations, of: 'yakugakuqa:2021'}}", "for evaluation only"),
        ("sources: [", "not valid YAML"),
        ("[]", "no corpus plan in it"),
    ],
)
def test_a_wrong_plan_is_one_line(tmp_path: Path, plan: str, message: str) -> None:
    corpus(tmp_path, 1)
    (tmp_path / "plan.yaml").write_text(plan)
    with pytest.raises(IgakuError, match=message):
        build(tmp_path / "plan.yaml", tmp_path / "out")


def plan_of(tmp_path: Path, text: str) -> Path:
    corpus(tmp_path, 30)
    file = tmp_path / "plan.yaml"
    file.write_text("sources: {own: {files: [in.jsonl]}}\ndecontaminate: {benchmarks: [mini]}\n" + text)
    return file


def test_a_mistake_inside_a_step_is_no_error_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cleaner, "__call__", lambda self, document: len(None))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="NoneType"):
        build(plan_of(tmp_path, "clean: {}"), tmp_path / "out")


def test_done_steps_are_not_done_again_and_other_settings_are_refused(tmp_path: Path) -> None:
    lines: list[str] = []
    file, out = plan_of(tmp_path, "clean: {languages: []}\ndedup: {exact: true}"), tmp_path / "out"
    build(file, out, say=lines.append)
    assert "clean" in lines and "clean: 60 of 60 documents kept" in lines
    lines.clear()
    build(file, out, say=lines.append)
    assert [x for x in lines if "already" in x] == [
        f"{n}: already done" for n in ("sources", "clean", "dedup", "decontaminate")
    ]
    with pytest.raises(IgakuError, match=r"1-clean: was made from other inputs \(settings\.shortest: 20, now 60\)"):
        build(file, out, changes=["clean.shortest=60"])
    manifests = build(file, out, changes=["clean.shortest=60"], redo=True, say=lines.append).manifests
    assert manifests["clean"].retained == manifests["decontaminate"].read == 30


def test_an_engine_is_loaded_only_where_its_step_is_not_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[EngineSpec] = []
    reply = '{"instruction": "心不全の治療に用いる薬は何ですか。", "output": "利尿薬とACE阻害薬"}'

    def load(spec: EngineSpec, **kind: object) -> Scripted:
        loads.append(spec)
        return Scripted(lambda r: Answer(text=reply))

    monkeypatch.setattr("igaku.engines.build.build_engine", load)
    file, out = plan_of(tmp_path, "instruct: {engine: {model: m}, pairs: 1, passages: 3}"), tmp_path / "out"
    assert build(file, out).manifests["instruct"].retained == 1 and loads == [EngineSpec(model="m")]
    build(file, out, changes=["instruct.engine.max_cost=3", "instruct.engine.concurrency=4"])
    assert len(loads) == 1, "what changes no answer changes no step"
    with pytest.raises(IgakuError, match=r"settings\.engine\.model: m, now n"):
        build(file, out, changes=["instruct.engine.model=n"])


def test_a_benchmark_that_came_later_is_searched_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step = Decontaminate(benchmarks=["denqa"])
    before = step.depends_on()
    monkeypatch.setenv("IGAKU_DATA", str(tmp_path))
    monkeypatch.setenv("IGAKU_CACHE", str(tmp_path))
    assert step.depends_on() == {"questions": {"denqa": {}}} and before != step.depends_on()


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.torch
def test_every_evaluation_set_planted_is_caught_by_one_command(tmp_path: Path) -> None:
    from igaku.engines.hf import model_folder

    try:
        tokenizer = model_folder("smollm2-135m-instruct")
    except IgakuError as error:
        pytest.skip(str(error))
    by: dict[str, list[dict[str, str]]] = {}
    for name, q in exam_questions()[0]:
        mine = by.setdefault(f"{name}-{q.lang}", [])
        if len(mine) < 3 and len(q.stem) > 60:
            mine.append(
                {
                    "id": f"planted-{name}-{q.lang}-{q.id}",
                    "text": "例題を示す。\n" + q.stem + "\n" + "\n".join([*q.choices, *q.documents]),
                }
            )
    planted = [row for rows in by.values() for row in rows]
    assert len({r["id"].split("-")[1] for r in planted}) >= 12
    (tmp_path / "planted.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in planted))
    corpus(tmp_path, 30)
    (tmp_path / "labels.jsonl").write_text(
        "\n".join(json.dumps({"id": f"own/{k}{i}", "good": k == "h"}) for i in range(30) for k in "hr")
    )
    (tmp_path / "plan.yaml").write_text(f"""
sources:
  own: {{files: [in.jsonl]}}
  planted: {{files: [planted.jsonl]}}
  explanations: {{take: explanations, of: "yakugakuqa:2019"}}
  abstracts: {{take: contexts, of: pubmedqa}}
clean: {{languages: []}}
dedup: {{exact: true}}
filter: {{labels: labels.jsonl, precision: 0.6}}
instruct: {{exams: ["yakugakuqa:2012"]}}
mix: {{tokenizer: "{tokenizer}"}}
""")
    build(tmp_path / "plan.yaml", tmp_path / "out")
    for step in ("4-filter", "6-mix"):
        assert "planted-" not in (tmp_path / f"out/{step}/documents.jsonl").read_text()
    dropped = read_manifest(tmp_path / "out/3-decontaminate")
    assert dropped and sum(dropped.dropped.values()) >= len(planted) - sum(
        read_manifest(tmp_path / f"out/{s}").dropped.get(r, 0)
        for s, r in (("1-clean", "too short"), ("2-dedup", "exact copy"))
    )  # type: ignore[union-attr]
    assert [p.step for p in passed_steps(tmp_path / "out/6-mix/documents.jsonl")] == [
        "sources",
        "clean",
        "dedup",
        "decontaminate",
        "filter",
        "instruct",
        "mix",
    ]
    assert "planted" in (tmp_path / "out/MANIFEST.md").read_text()
