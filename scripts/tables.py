"""Tables in README.md, README.ja.md and docs/, written between markers from results and the code itself.

    python scripts/tables.py            write them
    python scripts/tables.py --check    exit 1 where a page is not what this would write
    python scripts/tables.py --keep RUN NAME   keep a run's summary as results/NAME.json (scores only, no questions)

A marker is ``<!-- table:NAME:LANG -->`` … ``<!-- /table -->``.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from igaku import cli
from igaku.benchmarks import benchmark_names, load_benchmark
from igaku.catalog import render
from igaku.cli import COMMANDS
from igaku.grading import METHODS
from igaku.prompts import load_prompt
from igaku.prompts.store import EMBEDDED
from igaku.tables import interval, markdown_table, p_value, percent, points, text_table

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "README.ja.md", *sorted((ROOT / "docs").rglob("*.md"))]
MARK = re.compile(r"(<!-- table:([\w-]+):(ja|en) -->\n).*?(<!-- /table -->)", re.S)


def to_markdown(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Values that are text already, as a Markdown table."""
    return markdown_table(text_table("", columns, rows))


def kept(name: str) -> dict[str, Any]:
    return dict(json.loads((ROOT / "results" / f"{name}.json").read_text(encoding="utf-8")))


def results(lang: str) -> str:
    """The embedded model on the exams: one row a benchmark, language, prompt and method; chance beside it."""
    data = kept("gemma-3-270m")
    heads = {
        "en": [
            "benchmark",
            "lang",
            "prompt",
            "method",
            "scored",
            "accuracy",
            "95 %",
            "chance",
            "first choice",
            "points",
            "not applicable",
            "void",
        ],
        "ja": [
            "ベンチマーク",
            "言語",
            "プロンプト",
            "方法",
            "採点数",
            "正答率",
            "95%CI",
            "偶然正答率",
            "常に先頭",
            "得点",
            "対象外",
            "採点除外",
        ],
    }[lang]
    rows = [
        [
            c["benchmark"],
            c["language"],
            c["prompt"],
            c["method"],
            f"{c['n_scored']:,}",
            percent(c["accuracy"]),
            interval(c["ci95"]),
            percent(c["chance"]),
            percent(c["first_choice"]),
            points(c["points"], c["max_points"]),
            c["not_applicable"] or "",
            c["void"] or "",
        ]
        for c in data["cells"]
        if c["text_only"]
    ]
    return to_markdown(heads, rows)


def families(lang: str) -> str:
    """Other families than exams: the embedded model, and a plain diff on the documents."""
    heads = {
        "en": ["benchmark", "answered by", "prompt", "method", "scored", "score", "unparsed", "truncated", "chance"],
        "ja": [
            "ベンチマーク",
            "解答者",
            "プロンプト",
            "方法",
            "採点数",
            "得点",
            "読み取れず",
            "途中切れ",
            "偶然の正答率",
        ],
    }[lang]
    rows = [
        [
            c["benchmark"],
            c["model"],
            c["prompt"],
            c["method"],
            c["n_scored"],
            ", ".join(f"{k} {v:.3f}" for k, v in c["metrics"].items() if ":" not in k),
            c["unparsed"] or "",
            c["truncated"] or "",
            percent(c["chance"]),
        ]
        for name in ("families", "sogocheck-gemma", "sogocheck-diff")
        for c in kept(name)["cells"]
        if c["text_only"]
    ]
    return to_markdown(heads, rows)


def published(lang: str) -> str:
    """Points recomputed from IgakuQA's published replies, by the published grader and by ours."""
    data = kept("igakuqa-published")
    heads = {"en": ["replies of", "grader"], "ja": ["解答者", "採点"]}[lang]
    years = ["2018", "2019", "2020", "2021"]
    rows = [[t["model"], t["method"], *(f"{t['years'][y]['points']:g}" for y in years)] for t in data["totals"]]
    return to_markdown([*heads, *years], sorted(rows, key=lambda r: (r[0], r[1])))


def forms(lang: str) -> str:
    """The embedded model on the same questions in three forms."""
    heads = {
        "en": ["lang", "form", "prompt", "method", "same questions", "right", "accuracy", "95 %", "chance", "ranked"],
        "ja": ["言語", "形", "プロンプト", "方法", "共通の問題", "正答", "正答率", "95%CI", "偶然正答率", "ranked"],
    }[lang]
    return to_markdown(
        heads,
        [
            [
                r["language"],
                r["form"],
                r["prompt"],
                r["method"],
                r["n"],
                r["right"],
                percent(r["accuracy"]),
                interval(r["ci95"]),
                percent(r["chance"]),
                "" if r["ranked"] is None else percent(r["ranked"]),
            ]
            for r in kept("forms")["forms"]
        ],
    )


def exams(lang: str) -> str:
    """IgakuQA's published replies against the pass marks, by the sound letter grader."""
    heads = {
        "en": [
            "exam",
            "replies of",
            "required",
            "general and clinical",
            "prohibited",
            "verdict (estimated)",
            "like exam passed",
        ],
        "ja": ["試験", "解答者", "必修", "一般・臨床", "禁忌肢", "判定", "同種の試験での合格確率"],
    }[lang]
    labels = {
        "pass": "合格",
        "pass as far as known": "判明している条件では合格",
        "fail": "不合格",
        "no verdict": "判定なし",
    }
    rows = []
    from igaku.studies.exam import chance_text

    for e in sorted(kept("igakuqa-published")["exams"], key=lambda e: (e["year"], e["model"])):
        required, rest, prohibited = e["parts"]
        exam = e["exam"] if lang == "en" else f"医師 第 {e['exam'].split()[1]} 回"
        rows.append(
            [
                exam,
                e["model"],
                *(f"{p['got']:g}/{p['of']:g} ({p['ci95'][0]:.0f}–{p['ci95'][1]:.0f})" for p in (required, rest)),
                f"{prohibited['got']:g}",
                labels[e["verdict"]] if lang == "ja" else e["verdict"],
                chance_text(e["chance"]),
            ]
        )
    return to_markdown(heads, rows)


def fair(lang: str) -> str:
    """The fair score of the embedded model."""
    (report,) = kept("fair")["fair"]
    f, gap = report["fair"], report["gap"]
    words = {
        "en": [
            "fair score",
            "95 %: other questions",
            "95 %: other prompts too",
            "lowest rendering",
            "highest rendering",
            "same choice in all orders",
            "majority over orders",
            "ja - en, points",
            "RStd of recall by place",
        ],
        "ja": [
            "公平な得点",
            "95 %：ほかの問題なら",
            "95 %：ほかのプロンプトでも",
            "最低の出し方",
            "最高の出し方",
            "どの順番でも同じ選択肢を選んだ",
            "順番を変えた多数決",
            "日本語 − 英語（点）",
            "位置ごとの再現率の RStd",
        ],
    }[lang]
    values = [
        percent(f["score"]),
        interval(f["ci95"]),
        interval(f["ci95_prompts"]),
        f"{percent(f['lowest'][1])} ({f['lowest'][0]})",
        f"{percent(f['highest'][1])} ({f['highest'][0]})",
        percent(f["consistency"]),
        percent(f["vote"]),
        f"{100 * gap['difference']:+.1f} ({100 * gap['ci95'][0]:+.1f} – {100 * gap['ci95'][1]:+.1f})",
        f"{100 * report['places']['rstd']:.1f}",
    ]
    n = f"{f['model']}, {f['benchmark']}, {f['method']}: {f['questions']} x {f['renderings']}"
    return to_markdown([n, ""], list(zip(words, values)))


def components(lang: str) -> str:
    """Where the variance of one answer comes from."""
    heads = {"en": ["source", "share", "variance"], "ja": ["由来", "割合", "分散"]}[lang]
    (report,) = kept("fair")["fair"]
    ja = {"question": "問題", "template": "テンプレート", "order": "順番", "language": "言語", "rest": "残り"}
    names = [c["source"] for c in report["fair"]["components"]]
    labels = [" × ".join(ja.get(w, w) for w in n.split(" x ")) if lang == "ja" else n for n in names]
    return to_markdown(
        heads, [[n, percent(c["share"]), f"{c['variance']:.4f}"] for n, c in zip(labels, report["fair"]["components"])]
    )


def pride(lang: str) -> str:
    """PriDe by template."""
    heads = {
        "en": [
            "template",
            "prior from",
            "questions",
            "accuracy",
            "corrected accuracy",
            "RStd",
            "corrected RStd",
            "prior of A to E",
        ],
        "ja": [
            "テンプレート",
            "推定に使った問題",
            "問題",
            "正答率",
            "補正後の正答率",
            "RStd",
            "補正後の RStd",
            "A〜E の事前確率",
        ],
    }[lang]
    (report,) = kept("fair")["fair"]
    return to_markdown(
        heads,
        [
            [
                name,
                d["estimated_from"],
                d["questions"],
                percent(d["before"]),
                percent(d["after"]),
                f"{100 * d['rstd_before']:.1f}",
                f"{100 * d['rstd_after']:.1f}",
                " ".join(f"{x:.2f}" for x in d["prior"]),
            ]
            for name, d in report["pride"]
        ],
    )


def comparisons(lang: str) -> str:
    """IgakuQA's published replies against each other."""
    heads = {
        "en": ["A", "B", "questions", "only A right", "only B right", "A - B, points", "95 %", "p (Holm)"],
        "ja": ["A", "B", "問題", "A だけ正解", "B だけ正解", "A − B（点）", "95 %", "p（Holm）"],
    }[lang]
    rows = [
        [
            c["a"],
            c["b"],
            f"{c['n']:,}",
            c["only_a"],
            c["only_b"],
            f"{100 * c['difference']:+.1f}",
            f"{100 * c['ci95'][0]:+.1f} – {100 * c['ci95'][1]:+.1f}",
            p_value(c["p_adjusted"]),
        ]
        for c in kept("igakuqa-published")["comparisons"]
    ]
    return to_markdown(heads, rows)


def agreement(lang: str) -> str:
    """Kendall's tau between exams, over the published replies."""
    heads = {
        "en": ["exam 1", "exam 2", "models", "Kendall's tau", "p"],
        "ja": ["試験 1", "試験 2", "モデル", "Kendall の τ", "p"],
    }[lang]
    return to_markdown(
        heads,
        [[r["a"], r["b"], r["models"], f"{r['tau']:.2f}", f"{r['p']:.3f}"] for r in kept("agreement")["agreement"]],
    )


def measured(name: str) -> Callable[[str], str]:
    """One measurement of ``bench/`` as a table of its own columns."""

    def table(lang: str) -> str:
        data = json.loads((ROOT / "bench" / "results" / f"{name}.json").read_text(encoding="utf-8"))
        columns = list(dict.fromkeys(k for row in data["rows"] for k in row))
        where = f"\n\n{data['machine']}, {data['date']}. {data['note']}".rstrip()
        return to_markdown(columns, [[row.get(c, "") for c in columns] for row in data["rows"]]) + where

    table.__name__ = name
    return table


OWN = (
    "agree",
    "decontaminate",
    "corpus_planted",
    "corpus_speed",
    "identities",
    "reading",
    "training",
    "adaptation",
    "ecg_lvsd",
    "ecg_labels",
    "ecg_differences",
    "ecg_external",
    "ecg_intervals",
    "ecg_speed",
    "angiography",
)
"""Measurements that are a table of their own in docs/."""


def bench(lang: str) -> str:
    """Every measurement of ``make bench`` that is kept, but for those that are a table of their own in docs/."""
    heads = {
        "en": ["measurement", "result", "target", "machine and date"],
        "ja": ["測定", "結果", "目標", "測定環境・測定日"],
    }[lang]
    rows = []
    for path in sorted((ROOT / "bench" / "results").glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        for row in data["rows"] if data["name"] not in OWN else ():
            labels = {k: v for k, v in row.items() if k != "target"}
            rows.append(
                [
                    data["name"],
                    "; ".join(f"{k} {v}" for k, v in labels.items()),
                    row.get("target", ""),
                    f"{data['machine']}, {data['date']}",
                ]
            )
    return to_markdown(heads, rows)


def benchmarks(lang: str) -> str:
    heads = {
        "en": ["name", "what", "languages", "licence", "source"],
        "ja": ["名前", "内容", "言語", "ライセンス", "出典"],
    }[lang]
    loaded = [load_benchmark(n) for n in benchmark_names()]
    return to_markdown(
        heads,
        [
            [f"`{b.name}`", b.title_ja if lang == "ja" else b.title, ", ".join(b.languages), b.licence, b.upstream]
            for b in loaded
        ],
    )


def catalog_models(lang: str) -> str:
    return to_markdown(*render("models", lang))


def catalog_data(lang: str) -> str:
    return to_markdown(*render("data", lang))


def methods(lang: str) -> str:
    heads = {"en": ["method", "needs", "what counts"], "ja": ["方法", "必要なもの", "何を正答とするか"]}[lang]
    return to_markdown(
        heads, [[f"`{m.name}`", m.kind, m.title_ja if lang == "ja" else m.about] for m in METHODS.values()]
    )


def prompts(lang: str) -> str:
    heads = {
        "en": ["prompt", "lang", "asks for", "like"],
        "ja": ["プロンプト", "言語", "求める答え", "近い公開テンプレート"],
    }[lang]
    cards = [(p.stem, load_prompt(p.stem).card) for p in sorted(EMBEDDED.glob("*.jinja"))]
    return to_markdown(heads, [[f"`{n}`", c.lang, c.reply, c.like] for n, c in cards])


FILES_OF = {
    "eval": ("runs/evaluate.py", "engines", "runs/test_evaluate.py"),
    "import": ("runs/importers/", "import", "runs/test_importers.py"),
    "export": ("runs/export.py", "import", "runs/test_export.py"),
    "show": ("runs/results.py", "../README", "cli/test_commands.py"),
    "grade": ("grading/", "methods", "grading/"),
    "view": ("report/site/", "report", "report/test_site.py"),
    "report": ("report/site/", "report", "report/test_site.py"),
    "card": ("report/card.py", "report", "cli/test_commands.py"),
    "bench": ("benchmarks/", "own-questions", "benchmarks/"),
    "prompts": ("prompts/", "methods", "prompts/"),
    "data": ("benchmarks/upstream.py", "catalog", "io/test_download.py"),
    "catalog": ("catalog/", "catalog", "catalog/"),
    "corpus": ("corpus/", "corpus", "corpus/"),
    "recipes": ("training/", "training", "training/"),
    "train": ("training/", "training", "training/"),
    "merge": ("training/merging.py", "training", "training/test_merging.py"),
    "run": ("plans/", "plans", "plans/"),
    "ecg": ("cardiology/ecg/", "cardiology", "cardiology/"),
    "angio": ("cardiology/angiography/", "cardiology", "cardiology/"),
}
"""Module, page and test of a command that is no study, under src/igaku/, docs/ and tests/; a study's have its name."""


def commands(lang: str) -> str:
    """Every command with its files, from the app itself."""
    heads = {
        "en": ["command", "command line", "study or module", "page", "test"],
        "ja": ["コマンド", "コマンドライン", "解析・モジュール", "ページ", "テスト"],
    }[lang]
    names = [name for panel in COMMANDS.values() for name in panel]
    return to_markdown(heads, [[f"`igaku {name}`", *map(_link, _files(name, lang))] for name in names])


def _files(name: str, lang: str) -> list[str]:
    """Four paths, as seen from docs/; empty where there is none."""
    stem = name.replace("-", "_")
    study = ROOT / "src" / "igaku" / "studies" / f"{stem}.py"
    module, page, test = FILES_OF.get(name, ("", "", ""))
    if study.exists():
        module, page, test = f"studies/{stem}.py", f"studies/{name}", f"studies/test_{stem}.py"
    return [
        f"../src/igaku/{_command_file(name)}",
        module and f"../src/igaku/{module}",
        page and page + (".ja.md" if lang == "ja" else ".md"),
        test and f"../tests/{test}",
    ]


def _command_file(name: str) -> str:
    """The file that holds the command's function or group."""
    (command,) = [panel[name] for panel in COMMANDS.values() if name in panel]
    found = [m for m in vars(cli).values() if isinstance(m, ModuleType) and command in _values(m)]
    stem = found[0].__name__.rpartition(".")[2] if found else ""
    return f"cli/{stem}/" if (ROOT / "src/igaku/cli" / stem / "__init__.py").exists() and stem else f"cli/{stem}.py"


def _values(module: ModuleType) -> list[object]:
    return [v for v in vars(module).values() if callable(v)]


def _link(path: str) -> str:
    short = re.sub(r"^(\.\./)?(src/igaku/|tests/)?", "", path)
    return f"[{short}]({path})" if path else ""


TABLES: dict[str, Callable[[str], str]] = {
    f.__name__: f
    for f in (
        results,
        families,
        published,
        forms,
        exams,
        fair,
        components,
        pride,
        comparisons,
        agreement,
        bench,
        benchmarks,
        methods,
        prompts,
        commands,
        measured("contamination"),
        measured("intervals"),
        measured("short_form"),
        catalog_models,
        catalog_data,
        measured("site"),
        measured("agree"),
        measured("decontaminate"),
        measured("corpus_planted"),
        measured("corpus_speed"),
        measured("identities"),
        measured("reading"),
        measured("training"),
        measured("adaptation"),
        measured("ecg_lvsd"),
        measured("ecg_labels"),
        measured("ecg_differences"),
        measured("ecg_external"),
        measured("ecg_intervals"),
        measured("ecg_speed"),
        measured("angiography"),
        measured("vllm_letters"),
        measured("api"),
    )
}


def write(check: bool) -> int:
    stale = []
    for page in PAGES:
        old = page.read_text(encoding="utf-8")
        new = MARK.sub(lambda m: m[1] + TABLES[m[2]](m[3]) + "\n" + m[4], old)
        if new != old:
            stale.append(str(page.relative_to(ROOT)))
            if not check:
                page.write_text(new, encoding="utf-8")
    if stale:
        print(("not up to date, run scripts/tables.py: " if check else "written: ") + ", ".join(stale))
    return int(check and bool(stale))


def keep(run: str, name: str) -> None:
    from msgspec import to_builtins

    from igaku.runs.store import open_run
    from igaku.studies.compare import compare
    from igaku.studies.exam import by_difficulty, examine
    from igaku.studies.fair import summarise
    from igaku.studies.formats import by_format

    opened = open_run(run)
    rows = (
        opened.cells
        if name != "igakuqa-published"
        else [*opened.results("letter"), *opened.results("letter", as_published=True)]
    )
    verdicts = opened.grade("letter" if name == "igakuqa-published" else None)
    data = opened.as_data(rows) | {"run": name}
    data["forms"] = to_builtins(by_format(verdicts))
    if name == "igakuqa-published":
        data["exams"] = to_builtins(examine(verdicts))
        data["comparisons"] = to_builtins(compare(opened, method="letter").comparisons)
        data["difficulty"] = {
            place.model: by_difficulty([g for p, g in verdicts if p == place], 10)
            for place in dict.fromkeys(p for p, _ in verdicts)
        }
    if name.startswith("fair"):
        data["fair"] = to_builtins(summarise([opened]).fair)
        data["renderings"] = [
            {"template": c["prompt"], "order": c["order"], "language": c["language"], "accuracy": c["accuracy"]}
            for c in data["cells"]
        ]
    for cell in data["cells"]:
        del cell["years"], cell["sections"]
    for total in data["totals"]:
        total["years"] = {y: {"points": c["points"], "max_points": c["max_points"]} for y, c in total["years"].items()}
        del total["sections"]
    target = ROOT / "results" / f"{name}.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--keep"]:
        keep(*sys.argv[2:4])
    else:
        sys.exit(write(check="--check" in sys.argv))
