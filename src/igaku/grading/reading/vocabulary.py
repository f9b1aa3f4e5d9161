"""The words that replies use around an answer, in Japanese, English, Chinese, Korean and further languages."""

import re
from functools import lru_cache

from igaku.io.patterns import lazy

_NOUN_JA = (
    r"答\s?え|(?<![応問返])答|解答|回答|正解|正答|こたえ|コタエ|アンサー|正しい選択肢|正しい答え|"
    r"正解肢|訂正|選択肢の記号|選択記号|(?<![ァ-ヶ])記号|選ぶべき選択肢|"
    r"選択すべき選択肢|適切な選択肢"
)
_SUFFIX_JA = r"(?:の?(?:選択肢|記号|番号|肢|組み合わせ|組合せ)|となる(?:選択肢|もの|の)|となるの|候補)?(?: ?[0-9①-⑨])?"
_NOUN_EN = (
    r"(?:correct|best|right|final|my|appropriate|chosen|selected|likely) (?:answers?|options?|"
    r"choices?|selection|pick|response|letter)"
    r"|answers?|choice|selection|pick|final response"
)
_NOUN_ZH = r"(?:正确|最佳|参考|标准|最终|最合适的|正確)?(?:答案|答复|选项|選項)"
_NOUN_OTHER = (
    r"정답|답변|답|(?:die )?(?:richtigen? |korrekten? )?antwort(?:en)?|lösung|"
    r"(?:la )?(?:bonne )?réponses?(?: correctes?)?|respuestas?(?: correctas?)?|"
    r"risposta(?: corretta)?|resposta(?: correta)?|jawaban|ответ|(?:a |la )?(?:alternativa|opción|"
    r"opzione|option) (?:correta|correcta|corretta|correcte)|odpowiedź|antwoord|đáp án|คำตอบ|"
    r"الإجابة|उत्तर|cevap|svar"
)
_AFTER = (
    r"(?: to (?:this|the) question| for this question)?"
    r"(?: ?(?:は|ハ|が|に|:|=|として(?:は)?|】|\]|』|」|〉|\}|→|⇒|・|-(?!\d)|–|—|是|为|為|应为|应该是|"
    r"应选|选择?|选|은|는|"
    r"\b(?:is|are|would be|should be|must be|will be|ist|lautet|est|es|è|é|adalah)\b|のは|>))+"
)
_ONE_LINE = r"(?:^|\n)[ #>\-・]*(?:答え|こたえ|解答|回答|正解|答|answer|ans|final answer)[ ]*(?: |\n)\s*"
ANCHOR = (
    rf"(?:(?:最終(?:的な)?)?(?:{_NOUN_JA}){_SUFFIX_JA}{_AFTER}|(?:final )?\b(?:{_NOUN_EN}){_AFTER}|"
    rf"(?:{_NOUN_ZH}){_AFTER}|"
    rf"(?:{_NOUN_OTHER}){_AFTER}|<(?:answer|final_answer|final|response|verdict|result|choice|selected|"
    rf"output|conclusion|回答|解答|答え)>|\b(?:odd one out|the exception)(?: is|:)|\\boxed ?\{{|(?:正解|答え|解答|"
    rf"回答)[(（][^()（）\n]{{0,24}}[)）] ?|解答欄に?は、?|(?:가장 )?(?:적절한|옳은|알맞은|맞는) (?:것|"
    rf"치료|진단|답|선택지)(?:은|는)|"
    rf"{_ONE_LINE}|"
    rf"(?:^|\n)[ #【〔\[<＜(]*(?:結論|結果|判定|選択|解|最終|final|selected|chosen|conclusion|verdict|"
    rf"decision|ans\.?) ?[:→】〕\]＞)])"
)
"""An answer word and what leads on to the answer; the answer, or filler, follows it."""
TIGHT = (
    r"[\s\"'「『（(\[【<〈{:：＝=\-–・。→>#|*]{0,12}(?:選択肢|option|choice|letter|番号|記号|№|"
    r"no\.)? ?[\"'「『（(\[【<〈{]{0,3}"
)
"""Signs between an anchor and its answer."""
COUNTED = lazy(
    r"(?:以下|次|下記)の ?([0-9一二三四五]) ?(?:つ|個|項目)|([0-9一二三四五]) ?つ(?:です|である|となり|あり|を)"
)
FALSE_JA = (
    r"誤(?!嚥|飲|診|認|差|解|字)|間違|まちが|不適|不正|違(?:い|う|っ)|正し(?:くな|いとは(?:い|言)え|"
    r"いとはな)|正しくあ|適切で(?:は|も)?(?:な|あ)|適切とは|"
    r"適さ(?:な|ず)|妥当で(?:は|も)?な|該当し(?:な|ませ)|あては?まら|当ては?まら|[当あ]ては?まりませ|"
    r"除外|否定|考えにく|"
    r"考えづら|考え難|可能性は?(?:が)?(?:低|な|乏)|合致し(?:な|ませ)|"
    r"一致し(?:な|ませ)|矛盾|ふさわしくな|根拠(?:が|に)(?:な|乏)|支持され|×|不要|適応(?:は|が)?(?:な|外)"
)
TRUE_JA = (
    r"正し(?:い|く|かっ)|正解|正答|適切|適当|妥当|適合|(?<![にと])合致|(?<![にとが])該当(?:する|し|で|"
    r"。|$|\n)|当ては?ま(?:る|り(?!ませ))|あてはま(?:る|り(?!ませ))|最適|"
    r"ふさわし|○|(?<![改補修是校不訂公])正(?=[^常中性後味規])"
)
FALSE_EN = (
    r"incorrect|wrong|false|not (?:the )?(?:correct|right|true|best|appropriate|indicated|likely|"
    r"effective|recommended|supported|first|a\b|an\b)|"
    r"inappropriate|inferior|unlikely|less likely|ruled out|excluded?|eliminated?|contraindicated|"
    r"isn't|doesn't|NG\b|×|不正确|错误|错|不对|排除|틀린|falsch|incorrecte"
)
TRUE_EN = (
    r"correct|right|true|best|most (?:likely|appropriate)|appropriate|preferred|first-line|fits|OK\b|○|正确|"
    r"对|맞|richtig|correcte"
)
_NEGATIVE = lazy(
    r"誤っ|誤り|間違|(?:正し|適切で|ふさわし|適当で)(?:く)?(?:は)?な|不適(?:切|当)|(?:ない|にくい|"
    r"がたい|難い|低い|除く|くない|禁忌(?:とな|"
    r"で))[^。?？]{0,12}(?:はどれ|か。|のは|ものを|はどの|はない|$)|"
    r"(?-i:\bNOT\b|\bEXCEPT\b)|\bexcept\b|\bleast (?!one\b|two\b|three\b|\d)[a-z]+|"
    r"\bwhich (?:(?!if|when|who|that|whose|because)[\w-]+,? ){0,14}?(?:is/are|is|are|was|were|do|does|would|"
    r"should|can|could|has|have|may|must) (?:[\w-]+ )?not\b|"
    r"\b(?:incorrect|wrong|contraindicated|unlikely|inappropriate|untrue)\b|\bfalse\b(?![ -](?:positive|negative))|"
    r"不正确|错误|不是|不属于|不包括|除外|除了|아닌|틀린",
    re.I,
)
_SENTENCE = lazy(r"[^。．.!！?？\n]+(?:\.(?=\d)[^。．.!！?？\n]+)*[。．.!！?？]?")
_ASKS = lazy(r"どれ|どの|選[べびん]|答え|求め|もの[はを]|のは|か[。?？]?\s*$")
_NOT = lazy(r"\bnot\b(?!.*[?？]\s*$)", re.I)
"""In a stem that is a sentence to complete ("is not used in:"); a question has its "not" after which."""


@lru_cache(maxsize=4096)
def asks_for_the_wrong(stem: str) -> bool:
    """Whether a stem asks for what does not hold (誤っているのはどれか, "which is not"), by the sentences that ask.

    A "not" in the case itself ("does not respond to aspirin") changes nothing.
    """
    sentences = [s.strip() for s in _SENTENCE.findall(stem[-240:]) if s.strip()]
    asking = [s for s in sentences if _ASKS.search(s)]
    return any(_NEGATIVE.search(s) for s in [*asking, *sentences[-1:]]) or any(_NOT.search(s) for s in sentences[-1:])
