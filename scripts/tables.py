"""Tables in README.md, README.ja.md and docs/, written between markers from results and the code itself.

    python scripts/tables.py            write them
    python scripts/tables.py --check    exit 1 where a page is not what this would write
    python scripts/tables.py --keep RUN NAME   keep a run's summary as results/NAME.json (scores only, no questions)
    python scripts/tables.py --keep-pair RUN_A RUN_B   keep what igaku compare says of two runs as results/pair.json
    python scripts/tables.py --count    count the questions of every benchmark that is here into results/benchmarks.json

A marker is ``<!-- table:NAME:LANG -->`` … ``<!-- /table -->``.
"""

import json
import os
import re
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

from igaku import cli
from igaku.benchmarks import benchmark_names, load_benchmark
from igaku.catalog import render
from igaku.catalog.japanese import japanese
from igaku.cli import COMMANDS
from igaku.errors import IgakuError
from igaku.grading import METHODS
from igaku.prompts import load_prompt
from igaku.prompts.store import EMBEDDED
from igaku.tables import Table, interval, p_value, percent, points, show

sys.path.insert(0, str(Path(__file__).parent))
from measured import measured, speed, to_markdown

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "README.ja.md", *sorted((ROOT / "docs").rglob("*.md"))]
MARK = re.compile(r"(<!-- table:([\w-]+):(ja|en) -->\n).*?(<!-- /table -->)", re.S)


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


def demo(lang: str) -> str:
    """What ``igaku demo`` prints in a terminal of 80 columns, in the language of the page, from its kept run."""
    from msgspec import convert

    from igaku.runs.results import results_table
    from igaku.statistics import Cell
    from igaku.statistics.baselines import Baseline

    data = kept("demo")
    table = results_table(convert(data["cells"], list[Cell]), convert(data["baselines"], list[Baseline]))
    return printed(table, lang)


def pair(lang: str) -> str:
    """What ``igaku compare`` prints of the two embedded models that ``make mini`` asks in words, from what was kept."""
    found = kept("pair")
    rows = [[tuple(v) if isinstance(v, list) else v for v in row] for row in found.pop("rows")]
    return printed(Table(**found, rows=rows), lang)


def printed(table: Table, lang: str) -> str:
    """A table as a terminal of 80 columns shows it, in the language of the page."""
    from igaku.cli.output import show_table

    table.notes.clear()
    locale = {"en": "C.UTF-8", "ja": "ja_JP.UTF-8"}[lang]
    with patch.dict(os.environ, COLUMNS="80", LC_ALL=locale), redirect_stdout(StringIO()) as shown:
        show_table(table)
    return "\n".join(["```", *(line.rstrip() for line in shown.getvalue().strip("\n").splitlines()), "```"])


def keep_pair(first: str, second: str) -> None:
    """Keep the comparison of two runs as results/pair.json: the numbers of its table, no questions."""
    from igaku.studies.compare import compare

    (table,) = compare(first, second).tables()
    found = {"name": table.name, "title": table.title, "columns": dict(table.columns), "rows": table.rows}
    text = json.dumps(found, ensure_ascii=False, indent=1)
    (ROOT / "results" / "pair.json").write_text(text + "\n", encoding="utf-8")


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
    """IgakuQA's published replies graded again: accuracy without the image questions, and points as published."""
    data = kept("igakuqa-published")
    heads = {
        "en": ["replies of", "grader", "scored", "accuracy", "95 %"],
        "ja": ["解答者", "採点", "採点数", "正答率", "95%CI"],
    }[lang]
    years = ["2018", "2019", "2020", "2021"]
    cells = {(c["model"], c["method"]): c for c in data["cells"] if c["text_only"]}
    rows = []
    for t in sorted(data["totals"], key=lambda t: (-cells[t["model"], "letter"]["accuracy"], t["method"])):
        c = cells[t["model"], t["method"]]
        found = [f"{c['n_scored']:,}", percent(c["accuracy"]), interval(c["ci95"])]
        rows.append([t["model"], t["method"], *found, *(f"{t['years'][y]['points']:g}" for y in years)])
    return to_markdown([*heads, *years], rows)


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


FAIR_WORDS = {
    "score": ("fair score", "公平な得点"),
    "ci95": ("95 %: these prompts, other questions", "95 % 信頼区間：このプロンプトで別の問題"),
    "ci95_same_questions": ("95 %: other prompts, these questions", "95 % 信頼区間：別のプロンプトでこの問題"),
    "ci95_prompts": ("95 %: other prompts, other questions", "95 % 信頼区間：別のプロンプトで別の問題"),
    "lowest": ("lowest rendering", "最低の出題条件"),
    "highest": ("highest rendering", "最高の出題条件"),
    "spread": ("highest - lowest, points (by chance alone)", "最高 − 最低（点。偶然だけによる差）"),
    "consistency": ("same choice in all orders", "どの順序でも同じ選択肢を選んだ"),
    "vote": ("majority over orders", "順序を変えた多数決"),
    "gap": ("ja - en, points, these templates", "日本語 − 英語（点。このテンプレートで）"),
    "gap_other_templates": ("ja - en, points, other templates", "日本語 − 英語（点。別のテンプレートで）"),
    "rstd": ("RStd of recall by position (by chance alone)", "位置ごとの再現率の RStd（偶然だけによる値）"),
}


def fair(lang: str) -> str:
    """The fair score of the embedded model; rows for what the kept run's summary holds."""
    (report,) = kept("fair")["fair"]
    f, gap, bias = report["fair"], report["gap"], report["places"]
    spread, chance = 100 * (f["highest"][1] - f["lowest"][1]), f.get("spread_by_chance")
    values = {
        "score": percent(f["score"]),
        "ci95": interval(f["ci95"]) if "ci95_same_questions" in f else "",
        "ci95_same_questions": interval(f.get("ci95_same_questions")),
        "ci95_prompts": interval(f["ci95_prompts"]) if "ci95_same_questions" in f else "",
        "lowest": f"{percent(f['lowest'][1])} ({f['lowest'][0]})",
        "highest": f"{percent(f['highest'][1])} ({f['highest'][0]})",
        "spread": f"{spread:.1f}" + ("" if chance is None else f" ({100 * chance:.1f})"),
        "consistency": percent(f["consistency"]),
        "vote": percent(f["vote"]),
        "gap": f"{100 * gap['difference']:+.1f} ({100 * gap['ci95'][0]:+.1f} – {100 * gap['ci95'][1]:+.1f})",
        "gap_other_templates": show(report.get("gap_other_templates"), "points interval"),
        "rstd": f"{100 * bias['rstd']:.1f}"
        + (f" ({100 * bias['by_chance']['expected']:.1f})" if bias.get("by_chance") else ""),
    }
    n = f"{f['model']}, {f['benchmark']}, {f['method']}: {f['questions']} x {f['renderings']}"
    column = 0 if lang == "en" else 1
    return to_markdown([n, ""], [[FAIR_WORDS[k][column], v] for k, v in values.items() if v])


def fair_intervals(lang: str) -> str:
    """Coverage and width of the fair score's intervals."""
    data = json.loads((ROOT / "bench" / "results" / "fair_intervals.json").read_text(encoding="utf-8"))
    heads = {
        "en": ["true accuracy", "questions", "templates differ by", *(FAIR_WORDS[k][0][6:] for k in INTERVALS)],
        "ja": ["真の正答率", "問題数", "テンプレートの差", *(FAIR_WORDS[k][1].split("：")[1] for k in INTERVALS)],
    }[lang]
    ideal = {"en": "ideal width", "ja": "理想の幅"}[lang]
    says = {"en": r"\1; says A \2 % of the time", "ja": r"\1（\2 % で A と答える）"}[lang]
    rows = []
    for row in data["rows"]:
        accuracy, n, template, *found = row.values()
        accuracy = re.sub(r"([\d.]+); says A (\d+) % of the time", says, str(accuracy))
        rows.append([accuracy, n, str(template).replace("ideal width", ideal), *found])
    return to_markdown(heads, rows) + f"\n\n{data['machine']}, {data['date']}. {data['note']}"


INTERVALS = ("ci95", "ci95_same_questions", "ci95_prompts")


def components(lang: str) -> str:
    """Where the variance of one answer comes from."""
    heads = {"en": ["source", "share", "variance", "standard error"], "ja": ["変動要因", "割合", "分散", "標準誤差"]}[
        lang
    ]
    found = kept("fair")["fair"][0]["fair"]["components"]
    ja = {"question": "問題", "template": "テンプレート", "order": "順序", "language": "言語", "rest": "残差"}
    labels = [
        " × ".join(ja.get(w, w) for w in c["source"].split(" x ")) if lang == "ja" else c["source"] for c in found
    ]
    rows = [
        [n, percent(c["share"]), f"{c['variance']:.4f}", *([f"{c['error']:.4f}"] if "error" in c else [])]
        for n, c in zip(labels, found)
    ]
    return to_markdown(heads[: len(rows[0])], rows)


def pride(lang: str) -> str:
    """PriDe by template: what was turned right and wrong, and RStd beside what chance gives, where it is kept."""
    heads = {
        "en": ["template", "prior from", "questions", "before", "after", "turned right : wrong, p"],
        "ja": ["テンプレート", "推定に使った問題", "問題", "補正前", "補正後", "正答に : 誤答に変化、p"],
    }[lang]
    more = {
        "en": ["RStd before (by chance)", "RStd after (by chance)", "prior of A to E"],
        "ja": ["補正前の RStd（偶然）", "補正後の RStd（偶然）", "A〜E の事前確率"],
    }[lang]
    rows = []
    for name, d in kept("fair")["fair"][0]["pride"]:
        chance, change = d.get("rstd_by_chance"), d.get("change")
        spreads = [
            f"{100 * d[key]:.1f}" + (f" ({100 * chance[k]:.1f})" if chance else "")
            for k, key in enumerate(("rstd_before", "rstd_after"))
        ]
        test = f"{change['only_a']} : {change['only_b']}, {p_value(change['p'])}" if change else "–"
        prior = " ".join(f"{x:.2f}" for x in d["prior"])
        row = [name, d["estimated_from"], d["questions"], percent(d["before"]), percent(d["after"]), test]
        rows.append([*row, *spreads, prior])
    return to_markdown([*heads, *more], rows)


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


def years(lang: str) -> str:
    """The published replies by exam year, held to people and to each other."""
    heads = {
        "en": ["exam", "model", "model's date", "year", "exam was", "n", "accuracy", "95 %"],
        "ja": ["試験", "モデル", "モデルの日付", "年", "試験の時期", "n", "正答率", "95%CI"],
    }[lang]
    above = {
        "en": ["above people, points", "above others, points"],
        "ja": ["受験者との差（点）", "他のモデルとの差（点）"],
    }
    words = {"before": "前", "same year": "同じ年", "after": "後", "not known": "不明"}
    basis = {"cut-off": "学習データの終わり", "release": "公開"}
    rows = []
    for y in kept("years")["years"]:
        date, when = y["date"], y["exam_was"] if lang == "en" else words[y["exam_was"]]
        known = date and f"{basis[date['basis']] if lang == 'ja' else date['basis']} {date['date']}"
        gaps = [
            y[key] and f"{show(y[key]['difference'], 'points')} ({show(y[key]['ci95'], 'points interval')})"
            for key in ("above_people", "above_others")
        ]
        rows.append(
            [
                y["benchmark"],
                y["model"],
                known or "",
                y["year"],
                when,
                y["n"],
                percent(y["accuracy"]),
                interval(y["ci95"]),
                *(g or "" for g in gaps),
            ]
        )
    return to_markdown([*heads, *above[lang]], rows)


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


def usage(lang: str) -> str:
    """Lengths of the published replies of the 120th exam, in characters."""
    data = kept("usage")
    heads = {
        "en": ["model", "n", "accuracy", "95 %", "thinking median", "thinking p95", "answer median", "answer p95"],
        "ja": ["モデル", "n", "正答率", "95%CI", "思考：中央値", "思考：95%点", "回答：中央値", "回答：95%点"],
    }[lang]
    rows = [
        [
            *(r["respondent"], r["n"], percent(r["accuracy"]), interval(r["ci95"])),
            *(f"{round(r[part][which]):,}" for part in ("thinking", "answer") for which in ("median", "p95")),
        ]
        for r in data["rows"]
    ]
    return to_markdown(heads, rows)


def usage_budget(lang: str) -> str:
    """Their accuracy if they were cut at fewer characters."""
    heads = {"en": ("model", "as it is"), "ja": ("モデル", "そのまま")}[lang]
    curves = kept("usage")["curves"]
    rows = [[c["respondent"], *map(percent, c["accuracy"]), percent(c["whole"])] for c in curves]
    return to_markdown([heads[0], *(f"{b:,}" for b in curves[0]["budgets"]), heads[1]], rows)


def benchmarks(lang: str) -> str:
    heads = {
        "en": ["name", "what", "languages", "licence", "source"],
        "ja": ["名前", "内容", "言語", "ライセンス", "出典"],
    }[lang]
    loaded = [load_benchmark(n) for n in benchmark_names()]
    return to_markdown(
        heads,
        [
            [
                f"`{b.name}`",
                b.title_ja if lang == "ja" else b.title,
                ", ".join(b.languages),
                in_words(b.licence, lang),
                in_words(b.upstream, lang),
            ]
            for b in loaded
        ],
    )


PUBLISHED = {
    "clinical_open": "2026",
    "cmexam": "2023",
    "jjsimqa": "vol. 107–111",
    "jmed_llm": "2024",
    "harmless": "2026",
    "healthbench": "2025",
    "healthbench_professional": "2026",
    "jmed48k": "2021–2025",
    "jmedbench": "2024",
    "jmedethicbench": "2026",
    "kokushimd": "2020–2024",
    "medsafetybench": "2024",
    "jmmlu": "2024",
    "keepha": "2024",
    "medec": "2024",
    "medmcqa": "2022",
    "medqa": "2020",
    "medqa4": "2020",
    "medqa_zh": "2020",
    "medxpertqa": "2025",
    "mini": "2026",
    "mini_hard": "2026",
    "mmlu_medical": "2020",
    "nayose_instruct": "2025",
    "nayose_qa": "2025",
    "nursing_records": "2022",
    "pubmedqa": "2019",
    "sogocheck": "2025",
}
"""Year of publication, for benchmarks whose questions carry no year of their own."""


def count(name: str) -> dict[str, Any] | None:
    """Questions of one benchmark as numbers; None where its files are not here."""
    try:
        questions = {lang: load_benchmark(name).load(lang) for lang in load_benchmark(name).languages}
    except IgakuError:
        return None
    first = next(iter(questions.values()))
    years = sorted({q.year for q in first if re.fullmatch(r"(?:19|20)\d\d", q.year)})
    return {
        "questions": {lang: len(found) for lang, found in questions.items()},
        "picture": sum(not q.text_only for q in first),
        "void": sum(bool(q.void) for q in first),
        "years": [years[0], years[-1]] if years else [],
    }


def count_all() -> None:
    """Write the counts; a benchmark whose files are not here keeps the numbers it has."""
    known = kept("benchmarks") if (ROOT / "results" / "benchmarks.json").exists() else {}
    found = {name: count(name) or known.get(name) for name in benchmark_names()}
    text = json.dumps({name: c for name, c in found.items() if c}, ensure_ascii=False, indent=1)
    (ROOT / "results" / "benchmarks.json").write_text(text + "\n", encoding="utf-8")


def in_words(text: str, lang: str) -> str:
    """A licence or a source as the catalog has it in a language."""
    return japanese(text).replace("(hub)", "（Hugging Face）") if lang == "ja" else text


def sizes(lang: str) -> str:
    """How large, how old, under which licence, with how many pictures; from the questions themselves."""
    heads = {
        "en": ["benchmark", "what", "questions", "need a picture", "void", "from", "licence"],
        "ja": ["ベンチマーク", "内容", "問題数", "画像が要る", "採点除外", "年", "ライセンス"],
    }[lang]
    counts = kept("benchmarks")
    rows = []
    for b in (load_benchmark(name) for name in benchmark_names()):
        c = counts.get(b.name, {"questions": {}, "picture": 0, "void": 0, "years": []})
        same = len(set(c["questions"].values())) == 1
        languages = ", ".join(c["questions"])
        each = ", ".join(f"{n:,} ({one})" for one, n in c["questions"].items())
        number = f"{next(iter(c['questions'].values())):,} ({languages})" if same else each
        years = "–".join(dict.fromkeys(c["years"])) or PUBLISHED.get(b.name, "")
        title = b.title_ja if lang == "ja" else b.title
        rows.append(
            [
                f"`{b.name}`",
                title,
                number,
                *(f"{c[k]:,}" if c[k] else "" for k in ("picture", "void")),
                years,
                in_words(b.licence, lang),
            ]
        )
    return to_markdown(heads, rows)


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
    cards = {p.stem: load_prompt(p.stem).card for p in sorted(EMBEDDED.glob("*.jinja"))}
    twins = {name: cards.get(f"{name.rpartition('_')[0]}_{lang}", c) for name, c in cards.items()}
    alone = ALONE if lang == "en" else {}
    return to_markdown(heads, [[f"`{n}`", c.lang, c.reply, alone.get(n, twins[n].like)] for n, c in cards.items()])


ALONE = {
    "annotate_ja": "Like instructions for entities and relations as a JSON list; the wording is igaku's own.",
    "discrepancy_ja": "Close in form to SogoCheck (changes between two documents, as a list); igaku's own wording.",
    "extract_ja": "Close in form to JMED-LLM's entity extraction (answers as a list); the wording is igaku's own.",
    "name_ja": "Close in form to NayoseInstruct (a question that asks for the answer only); igaku's own wording.",
    "translate_ja": "Close in form to JMedBench's translation (it goes on after the source); igaku's own wording.",
    "ward_ja": "No public template; the wording is igaku's own.",
}
"""What a Japanese prompt without an English twin is like, in English."""

FILES_OF = {
    "demo": ("runs/evaluate.py", "index", "cli/test_doctor.py"),
    "doctor": ("cli/doctor.py", "index", "cli/test_doctor.py"),
    "version": ("cli/version.py", "index", "cli/test_help.py"),
    "eval": ("runs/evaluate.py", "engines", "runs/test_evaluate.py"),
    "import": ("runs/importers/", "import", "runs/test_importers.py"),
    "suites": ("runs/suites.py", "suites", "runs/test_suites.py"),
    "export": ("runs/export.py", "import", "runs/test_export.py"),
    "show": ("runs/results.py", "index", "cli/test_commands.py"),
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
        fair_intervals,
        components,
        pride,
        comparisons,
        agreement,
        years,
        usage,
        usage_budget,
        benchmarks,
        speed,
        demo,
        pair,
        sizes,
        methods,
        prompts,
        commands,
        measured("contamination"),
        measured("probe_nulls"),
        measured("inflation"),
        measured("inflation_real"),
        measured("intervals"),
        measured("short_form"),
        catalog_models,
        catalog_data,
        *map(measured, ("likelihood", "generation", "grading", "compare", "startup", "report_site", "scale", "whole")),
        measured("fair", "fair_speed"),
        measured("agree"),
        measured("decontaminate"),
        measured("guard"),
        measured("corpus_planted"),
        measured("corpus_speed"),
        measured("identities"),
        measured("reading"),
        measured("training"),
        measured("training_backends"),
        measured("steps"),
        measured("gguf_letters"),
        measured("adaptation"),
        measured("statements"),
        measured("refusals"),
        measured("ecg_lvsd"),
        measured("ecg_labels"),
        measured("ecg_differences"),
        measured("ecg_external"),
        measured("ecg_plan"),
        measured("ecg_seeds"),
        measured("ecg_gaps"),
        measured("ecg_intervals"),
        measured("ecg_known"),
        measured("ecg_strangers"),
        measured("ecg_speed"),
        measured("angiography"),
        measured("vllm_letters"),
        measured("api"),
        measured("fuzz"),
        measured("signals"),
        measured("kills"),
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
    data: dict[str, Any] = opened.as_data(rows) | {"run": name}
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
    elif sys.argv[1:2] == ["--keep-pair"]:
        keep_pair(*sys.argv[2:4])
    elif sys.argv[1:2] == ["--count"]:
        count_all()
    else:
        sys.exit(write(check="--check" in sys.argv))
