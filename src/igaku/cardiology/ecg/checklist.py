"""What a report of a prediction model owes its readers, after TRIPOD+AI (Collins et al., BMJ 2024), in our own words.

Each line says where the report answers it, or that the authors have to: igaku knows the numbers, not the hospital.
"""

from typing import Literal, NamedTuple


class Item(NamedTuple):
    """One line of the checklist."""

    section: str
    en: str
    ja: str
    where: str
    """A part of the report; empty where the authors write it."""


ITEMS = (
    Item(
        "Title",
        "Title names the kind of model, the outcome and the population",
        "表題にモデルの種類・予測対象・対象集団",
        "",
    ),
    Item("Abstract", "Summary with the main numbers and their intervals", "主要な数値と信頼区間を含む要旨", ""),
    Item(
        "Background", "Clinical setting, intended users, known inequalities", "臨床の背景、想定利用者、既知の格差", ""
    ),
    Item("Objectives", "Development, validation, or both", "開発か検証か、その両方か", "Records"),
    Item("Data", "Sources, dates and setting of each set", "各データの出典・期間・施設", ""),
    Item("Participants", "Who was eligible, and how many were lost where", "適格基準、除外の理由と人数", "Records"),
    Item(
        "Data preparation",
        "Signal form, filter, gaps, faults left out",
        "信号の形式、フィルタ、欠測、除外した品質不良",
        "Signal",
    ),
    Item(
        "Outcome",
        "How the label was defined and by whom; doubted labels",
        "ラベルの定義と判定者、疑い病名の扱い",
        "labels",
    ),
    Item("Predictors", "Which leads, length and rate the model reads", "入力する誘導・長さ・サンプリング", "Signal"),
    Item("Sample size", "Events per part, and why that many", "各群のイベント数とその根拠", "Patients by part"),
    Item(
        "Missing data",
        "Leads and labels that were missing, and what became of them",
        "欠けた誘導・ラベルとその扱い",
        "Patients by part",
    ),
    Item(
        "Analysis", "Kind of network, initialisation, tuning, seeds", "モデルの種類、初期化、調整、乱数の種", "Repeats"
    ),
    Item(
        "Class imbalance",
        "Whether classes were weighed, and recalibration after it",
        "不均衡への対処と再較正",
        "labels",
    ),
    Item("Fairness", "Performance by sex, age and origin", "性別・年齢・施設ごとの性能", "labels"),
    Item("Model output", "Probability or class; how thresholds were set", "出力は確率か分類か、閾値の決め方", "labels"),
    Item("Training and evaluation", "Differences between the sets", "学習と評価のデータの違い", "Records"),
    Item("Ethics", "Approval, consent, data protection", "倫理審査、同意、個人情報の保護", ""),
    Item("Funding", "Money and interests", "資金と利益相反", ""),
    Item("Protocol", "Registered plan, and what was changed", "事前登録と変更点", ""),
    Item("Data and code", "Where data, code and model can be had", "データ・コード・モデルの入手先", ""),
    Item("Patient involvement", "Whether patients took part in the design", "患者・市民の参画", ""),
    Item(
        "Results: participants",
        "Table of characteristics by part and outcome",
        "群とラベルごとの患者背景表",
        "Patients by part",
    ),
    Item(
        "Results: model",
        "Enough to use it: weights, contract, thresholds",
        "再現に足る情報：重み、入力形式、閾値",
        "models/",
    ),
    Item(
        "Results: performance",
        "Discrimination, calibration, net benefit with intervals",
        "識別能・較正・純便益と区間",
        "labels",
    ),
    Item("Results: updating", "Recalibration on local patients", "再較正の有無", "labels"),
    Item("Interpretation", "What the numbers mean for the intended use", "結果の臨床的な意味", ""),
    Item("Limitations", "Bias, transport, what was not tested", "偏り、一般化の限界、未検証の点", ""),
)


def checklist(lang: Literal["en", "ja"]) -> str:
    """The checklist as Markdown."""
    head = {
        "en": ("TRIPOD+AI: what this report answers, and what its authors have to", "topic", "what", "where"),
        "ja": ("TRIPOD+AI：この報告書が答えていること、著者が書くこと", "項目", "内容", "場所"),
    }[lang]
    author = {"en": "to be written by the authors", "ja": "著者が記載"}[lang]
    rows = [f"| {i.section} | {i.en if lang == 'en' else i.ja} | {i.where or author} |" for i in ITEMS]
    return "\n".join([f"## {head[0]}", "", f"| {head[1]} | {head[2]} | {head[3]} |", "| --- | --- | --- |", *rows, ""])
