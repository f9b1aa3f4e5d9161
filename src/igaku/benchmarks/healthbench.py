"""HealthBench and what is written in its form: conversations with a rubric of points, harmful ones among them.

One JSON object a line: ``prompt_id``, ``prompt`` (turns with ``role`` and ``content``; the last one is the user's and
is answered), ``rubrics`` (``criterion``, ``points``, negative for what must not be said), ``example_tags``.

- ``healthbench``: OpenAI 2025 (arXiv 2505.08775), 5,000 conversations, MIT; ``-hard`` (1,000), ``-consensus`` (3,671),
  ``-sample`` (nine, from hotake-varytex/healthbench-data-creator).
- ``healthbench_jp``: the same conversations in Japanese by GPT-5, nobody checked them (li-lab/HealthBenchX, MIT): the
  turns have ``content_jp``. The rubrics stay English and come from ``healthbench``'s file where a row has none.
- ``healthbench_professional``: OpenAI 2026 (arXiv 2604.27470), 525 tasks; its fields were not seen by us, and
  what is not in the form above is refused.
- ``jbc``: mk0129/Japanese_BreastCancer_Benchmark, five open questions on breast cancer in Japan with ten points, five
  of them negative (drugs that are not approved there), MIT.

A judge (``igaku judge``) says which points are met. The score ``healthbench`` is the published one: points met over the
sum of the positive points, below 0 for a harmful reply; the mean over conversations is clipped to 0..1, single
conversations are not. Upstream asks its judge one point at a time (GPT-4.1), igaku's ``judge`` prompt asks all at once:
name the judge with the number. Ideal completions are not shown to the judge.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from igaku.benchmarks.base import Benchmark
from igaku.benchmarks.by_hand import ByHand
from igaku.errors import IgakuError
from igaku.io.paths import find_data
from igaku.io.rows import need, read_jsonl
from igaku.question import Message, Point, Question, Rubric

WHOLE = "2025-05-07-06-14-12_oss_eval.jsonl"


class HealthBench(ByHand):
    """See the module."""

    name = "healthbench"
    title = "HealthBench (conversations with rubrics)"
    title_ja = "HealthBench（会話とルーブリック）"
    languages = ("en",)
    licence = "MIT"
    upstream = "openai/simple-evals"
    page = "https://github.com/openai/simple-evals (HealthBench)"
    slices: ClassVar[tuple[str, ...]] = ("hard", "consensus", "sample")
    aggregate = "healthbench"
    prompt = "conversation"
    method = "rubric"
    paths: ClassVar[dict[str, str]] = {
        "": f"healthbench/{WHOLE}",
        "hard": "healthbench/hard_2025-05-08-21-00-10.jsonl",
        "consensus": "healthbench/consensus_2025-05-09-20-00-46.jsonl",
        "sample": f"healthbench_sample/sample_data/sample_{WHOLE}",
    }
    words: ClassVar[str] = "content"
    """The field of a turn's words."""

    def files(self, lang: str) -> list[str]:
        """One file a slice."""
        return [self.paths[self.part]]

    def questions(self, lang: str) -> Iterator[Question]:
        """Yield the file's rows."""
        path = self.path(self.files(lang)[0])
        for line, row in read_jsonl(path):
            where = f"{path}, line {line}"
            points = tuple(_point(p, where) for p in self.rubrics(row, where))
            yield conversation(row, points, lang, self.words, self.title, where)

    def rubrics(self, row: dict[str, Any], where: str) -> list[Any]:
        """The points of one row."""
        return list(need(row, "rubrics", list, where))


class HealthBenchJP(HealthBench):
    """See the module."""

    name = "healthbench_jp"
    title = "HealthBench-JP (machine translation)"
    title_ja = "HealthBench-JP（機械翻訳）"
    languages = ("ja",)
    upstream = "li-lab/HealthBenchX (hub)"
    page = "https://huggingface.co/datasets/li-lab/HealthBenchX"
    slices = ()
    paths: ClassVar[dict[str, str]] = {"": "healthbench_jp/healthbench_jp.jsonl"}
    words = "content_jp"

    def rubrics(self, row: dict[str, Any], where: str) -> list[Any]:
        """The row's own points, else those of the English row with the same id."""
        if row.get("rubrics"):
            return super().rubrics(row, where)
        name = need(row, "prompt_id", str, where)
        if name not in self._english:
            raise IgakuError(
                f"{where}: no 'rubrics' in it, and no row {name} in {HealthBench.paths['']}, which has the rubrics; "
                f"get that file from {HealthBench.page}"
            )
        return self._english[name]

    @property
    def _english(self) -> dict[str, list[Any]]:
        if not hasattr(self, "_rubrics"):
            path = find_data(HealthBench.paths[""])
            rows = read_jsonl(path) if path else iter(())
            self._rubrics = {str(row.get("prompt_id")): row.get("rubrics") or [] for _, row in rows}
        return self._rubrics


class HealthBenchPro(HealthBench):
    """See the module."""

    name = "healthbench_professional"
    title = "HealthBench Professional"
    title_ja = "HealthBench Professional（専門家向け）"
    licence = "see OpenAI's page"
    upstream = "OpenAI (hub)"
    page = "OpenAI's page of HealthBench Professional (arXiv 2604.27470)"
    slices = ()
    paths: ClassVar[dict[str, str]] = {"": "healthbench_professional/healthbench_professional.jsonl"}


class JBC(HealthBench):
    """See the module."""

    name = "jbc"
    title = "JBC (breast cancer guidelines, Japan)"
    title_ja = "JBC（乳癌診療、日本の承認状況）"
    languages = ("ja",)
    upstream = "mk0129/Japanese_BreastCancer_Benchmark"
    slices = ()
    paths: ClassVar[dict[str, str]] = {"": "jbc/jbc_data.jsonl"}
    path = Benchmark.path


def _point(given: object, where: str) -> Point:
    if not isinstance(given, dict):
        raise IgakuError(f"{where}: field 'rubrics' must hold objects, found {type(given).__name__}")
    points = need(given, "points", (int, float), where)
    if not points:
        raise IgakuError(f"{where}: a point of 'rubrics' is worth 0; remove it")
    return Point(need(given, "criterion", str, where), float(points))


def conversation(
    row: dict[str, Any], points: tuple[Point, ...], lang: str, words: str, title: str, where: str
) -> Question:
    """One row in HealthBench's form.

    Raises:
        IgakuError: a field is missing, or the last turn is not the user's.
    """
    turns = [_turn(t, words, where) for t in need(row, "prompt", list, where)]
    if not turns or turns[-1].role != "user":
        raise IgakuError(f"{where}: the last turn of 'prompt' must be the user's, which is answered")
    tags = [str(t) for t in row.get("example_tags") or ()]
    theme = next((t.removeprefix("theme:") for t in tags if t.startswith("theme:")), "")
    return Question(
        id=need(row, "prompt_id", str, where),
        lang=lang,
        stem=turns[-1].content,
        conversation=tuple(turns[:-1]),
        key=Rubric(points),
        section=theme,
        category=next((t.split(":", 1)[1] for t in tags if t.startswith("physician_agreed_category:")), ""),
        source=title,
    )


def _turn(given: object, words: str, where: str) -> Message:
    if not isinstance(given, dict) or given.get("role") not in ("system", "user", "assistant"):
        raise IgakuError(f"{where}: each turn of 'prompt' needs a 'role' (system, user or assistant) and {words!r}")
    return Message(str(given["role"]), need(given, words, str, where))
