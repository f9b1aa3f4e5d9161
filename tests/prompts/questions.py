"""Questions of every form that an exam has, in both languages, for the lint of the templates."""

from igaku.keys import Choices, Key, Number, Ordering
from igaku.question import Question

FIVE = {
    "ja": ("低ナトリウム血症", "高カリウム血症", "低血糖", "代謝性アルカローシス", "好酸球減少"),
    "en": ("Hyponatremia", "Hyperkalemia", "Hypoglycemia", "Metabolic alkalosis", "Eosinopenia"),
}
CASE = {
    "ja": "52歳の女性。2か月前からの全身倦怠感と色素沈着を主訴に来院した。",
    "en": "A 52-year-old woman has had fatigue and darkening of the skin for two months.",
}
STEMS: dict[str, dict[str, tuple[str, Key]]] = {
    "ja": {
        "single": ("この疾患でみられるのはどれか。", Choices.letters("b")),
        "negative": ("副腎皮質機能低下症の所見として誤っているのはどれか。", Choices.letters("d")),
        "two": ("副腎皮質機能低下症でみられるのはどれか。2つ選べ。", Choices.letters("ab")),
        "negative two": ("副腎皮質機能低下症でみられないのはどれか。2つ選べ。", Choices.letters("de")),
        "three": ("副腎皮質機能低下症でみられるのはどれか。3つ選べ。", Choices.letters("abc")),
        "all": ("副腎皮質機能低下症でみられるのはどれか。すべて選べ。", Choices.letters("abc")),
        "silent": ("副腎皮質機能低下症でみられる所見を示せ。", Choices.letters("ab")),
        "order": ("頻度の高い順に並べよ。", Ordering((0, 1, 2, 3, 4))),
        "boxes": ("投与量を求めよ。ただし、小数第2位を四捨五入すること。解答：①②.③ mg", Number(("12.5",))),
        "number": ("不足量を求めよ。ただし、小数点以下は四捨五入すること。", Number(("40",))),
    },
    "en": {
        "single": ("Which of the following is seen in this disease?", Choices.letters("b")),
        "negative": ("All of the following are seen in adrenal insufficiency EXCEPT:", Choices.letters("d")),
        "two": ("Which of the following are seen in adrenal insufficiency? Select two.", Choices.letters("ab")),
        "negative two": ("Which two of these are NOT seen in adrenal insufficiency?", Choices.letters("de")),
        "three": ("Which of the following are seen in adrenal insufficiency? Select three.", Choices.letters("abc")),
        "all": ("Which are seen in adrenal insufficiency? Select all that apply.", Choices.letters("abc")),
        "silent": ("What is seen in adrenal insufficiency?", Choices.letters("ab")),
        "order": ("Arrange these findings in order of frequency.", Ordering((0, 1, 2, 3, 4))),
        "boxes": ("Calculate the dose, to one decimal place. Answer: ①②.③ mg", Number(("12.5",))),
        "number": ("Calculate the deficit, rounded to the nearest whole number.", Number(("40",))),
    },
}
COUNTS = {"two": 2, "negative two": 2, "three": 3}
NUMBERS = ("boxes", "number")
FORMS = tuple(STEMS["ja"])


def question(form: str, lang: str, n_choices: int = 5, with_case: bool = False) -> Question:
    """One question; ``with_case`` puts the text of a case before it, as linked questions have."""
    stem, key = STEMS[lang][form]
    if isinstance(key, Choices):
        key = Choices((tuple(i - (max(key.first) >= n_choices) for i in key.first),))
    if isinstance(key, Ordering):
        key = Ordering(tuple(range(n_choices)))
    return Question(
        id=form,
        lang=lang,
        stem=stem,
        key=key,
        choices=() if form in NUMBERS else FIVE[lang][:n_choices],
        context=CASE[lang] if with_case else "",
        documents=("文書の甲", "文書の乙"),
    )
