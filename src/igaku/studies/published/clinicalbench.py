"""J-ClinicalBench's published scores computed again from its published replies."""

from igaku.benchmarks.j_clinicalbench import TASKS
from igaku.studies.published.clinicalbench_rows import RESULTS, Published, published, recomputed, shown
from igaku.studies.published.figures import Figure
from igaku.studies.published.project import Project

SOURCE = "J-ClinicalBench-release @f7ea47a, results/{}/{}/{}.json"
WHAT = {"mcqa": "accuracy", "tnm": "precision / recall / F1 of T; N; M"}
_CUT = "its replies seem to have been cut before they were scored; the rule is not published and was not found"
_KEYS = "one drug less is found than in the keys beside the replies, which seem to have been corrected since"
_FEW = "a few entities of a thousand replies are read otherwise; how is not published and was not found"
WHY = {
    ("irs", "Llama-3-Swallow-70B-Instruct-v0.1", "zero_shot"): _CUT,
    ("cts", "Llama-3-Swallow-70B-Instruct-v0.1", "zero_shot"): _CUT,
    ("cts", "Meta-Llama-3-70B-Instruct", "one_shot"): _CUT,
    ("hs_ds", "Llama-3-Swallow-70B-Instruct-v0.1", "zero_shot"): _CUT,
    ("hs_pn", "Llama-3-Swallow-70B-Instruct-v0.1", "zero_shot"): _CUT,
    ("hs_pn", "Llama-3-Swallow-70B-Instruct-v0.1", "one_shot"): _CUT,
    ("mr", "Meta-Llama-3-70B-Instruct", "zero_shot"): _KEYS,
    ("mr", "gpt-4o", "zero_shot"): _KEYS,
    ("ner_disease", "Llama-3-Swallow-70B-Instruct-v0.1", "zero_shot"): _FEW,
    ("ner_disease", "gpt-4o", "zero_shot"): _FEW,
}
"""Scores that the rule which gives all others of their task does not give, and what is known of the reason."""


def _figures() -> list[Figure]:
    found = [_figure(one) for one in published()]
    absent = f"the published scores ({RESULTS}) are not here; put them under IGAKU_DATA"
    return found or [
        Figure(
            benchmark="j_clinicalbench",
            model="(every model)",
            what="scores",
            value="-",
            source=SOURCE.format(*"………"),
            why=absent,
        )
    ]


def _figure(one: Published) -> Figure:
    task = TASKS[one.task]
    return Figure(
        benchmark=f"j_clinicalbench-{one.task}",
        model=one.model,
        what=f"{WHAT.get(one.task, 'precision / recall / F1')} ({one.shots})",
        value=shown(one.figure),
        source=SOURCE.format(task.folder, one.model, one.shots),
        check=CLINICALBENCH.check if one.replies else "",
        why=WHY.get((one.task, one.model, one.shots), "") if one.replies else "no replies of it are published",
    )


def _ours(figure: Figure) -> str:
    return shown(recomputed(_by_figure()[figure.benchmark, figure.model, figure.what]))


def _by_figure() -> dict[tuple[str, str, str], Published]:
    return {(f.benchmark, f.model, f.what): one for one in published() for f in [_figure(one)]}


CLINICALBENCH = Project(check="j_clinicalbench-scores", figures=_figures, ours=_ours)
