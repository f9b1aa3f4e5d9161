"""What the stem asks for, said again in a reply.

``最も考えられるのは c``, ``IgA が最も多く含まれます``, ``誤っているもの：c``.
"""

import re
from functools import lru_cache

from igaku.grading.reading.plain import MENTION
from igaku.grading.reading.predicates import TURNS
from igaku.grading.reading.stance import CLOSE
from igaku.grading.reading.vocabulary import FALSE_EN, FALSE_JA, TRUE_EN, TRUE_JA
from igaku.io.patterns import lazy

IS_THE = lazy(r"のは、?[「『(（\"' ]*$")
_TRUE_BEFORE = lazy(
    rf"(?:{TRUE_JA}|\b(?:{TRUE_EN}))(?:もの|の|選択肢|記述|文|組合せ|組み合わせ|statement|option)?(?:は|:|=|が| is|"
    rf" are)+[^。\n{MENTION}]{{0,12}}$",
    re.I,
)
_FALSE_BEFORE = lazy(
    rf"(?:{FALSE_JA}|{FALSE_EN})[^。\n{MENTION}、]{{0,14}}?(?:もの|の|選択肢|記述|文|statement|option)(?:は|:|=|"
    rf" is| are)+[^。\n{MENTION}]{{0,12}}$",
    re.I,
)


_BUT = lazy(
    rf"{CLOSE} ?以外(?:の(?:選択肢|記述|もの))?(?:は|が)、?(?:すべて|全て|全部|いずれも|"
    rf"どれも)?[^。、\n{MENTION}]{{0,6}}?"
    rf"(?:(?P<no>{FALSE_JA})|(?P<yes>{TRUE_JA}))"
)


def all_but(after: str, negative: bool) -> bool:
    """``c 以外は正しい`` where the stem asks for the wrong one, ``c 以外は誤り`` where it asks for the right one."""
    found = _BUT.match(after)
    return bool(found and (found["yes"] is not None) == negative)


_HEADED = rf"(?:もの|の|選択肢|記述|記載|文|statements?|options?)[^\n{MENTION}]{{0,8}}\n+[\s#>\-・*+•]*$"
_TRUE_HEADING = lazy(rf"(?:^|\n)[^\n{MENTION}]{{0,8}}(?:{TRUE_JA}|{TRUE_EN})[^\n{MENTION}]{{0,4}}{_HEADED}", re.I)
_FALSE_HEADING = lazy(rf"(?:^|\n)[^\n{MENTION}]{{0,8}}(?:{FALSE_JA}|{FALSE_EN})[^\n{MENTION}]{{0,6}}{_HEADED}", re.I)


def headed_by(window: str, negative: bool) -> bool:
    """Whether a line above says that what the stem asks for follows: 誤りの選択肢, where it asks for the wrong one."""
    wrong = _FALSE_HEADING.search(window)
    return bool(wrong) if negative else not wrong and bool(_TRUE_HEADING.search(window))


_WRONG_ONES = lazy(rf"\b(?:{FALSE_EN}|except(?: for)?)(?: ?:| is| are)?\s*[\"'(]*$", re.I)


def polar(before: str, negative: bool) -> bool:
    """``正しいのは c`` where the stem asks for the right one, ``誤っているのは c`` where it asks for the wrong one."""
    wrong = _FALSE_BEFORE.search(before[-60:]) or _WRONG_ONES.search(before[-30:])
    return bool(wrong) if negative else not wrong and bool(_TRUE_BEFORE.search(before[-60:]))


_ASKS = lazy(
    r"([^。\n?？]{2,80}?)(?:は|として|で|に)?(?:どれ|何|なに|いずれ|だれ|誰|いくつ|どの)(?:か|です|で|"
    r"。|$|[^。\n]{0,12}か)"
)
_ASKING = lazy("どれ|何|なに|いずれ|だれ|誰|いくつ|どの")
_NEGATION = lazy(r"ない|なく|ず(?=に|、|$)|誤|不適|不正|弱|低|にく|除|禁忌|少な|間違")
_LEADS_ON = lazy(
    r"(?:として(?:は)?|の?とは|は|が|:|→|=|、|[〉》】\]])+[\s「『(（【\"']*(?:やはり|まさに|このうち|"
    r"この中で|この|その|"
    r"ずばり)?、?[\s「『(（【\"']*$"
)
_TRIMMED = lazy(r"(?:もの|こと|な?の|である|となる|な|だ|選択肢|疾患|病態|項目)$")


@lru_cache(maxsize=4096)
def requested(stem: str) -> str:
    """What a stem asks for: ``最も考えられるの`` of 最も考えられるのはどれか; "" where it asks in another form."""
    found = _ASKS.findall(stem[-240:]) if _ASKING.search(stem[-240:]) else []
    return found[-1].strip(" 」、") if found else ""


_QUANTITY = lazy(
    r"([^。、\n]{2,40}?)(?:[(（][^()（）]{1,12}[)）])?(?:(?:を|は)[^。、\n]{0,12}?(?:求め|計算|算出|"
    r"答え|記せ|示せ)|(?:は|"
    r"が)[^。、\n]{0,12}?(?:いくら|いくつ|何|どれ))|"
    r"(?:what is|calculate|compute|find|estimate|determine|give) (?:the |his |her |this |patient's )*([^?.,(\n]{2,60}?)"
    r"(?= (?:in|of|for|to|at|with|using|from)\b|[?.,(\n]|$)",
    re.I,
)


@lru_cache(maxsize=4096)
def requested_quantity(stem: str) -> str:
    """The quantity that a stem asks for (アニオンギャップ of …のアニオンギャップを求めよ); "" if unclear."""
    found = _QUANTITY.findall(stem[-240:])
    phrase = next((a or b for a, b in reversed(found) if a or b), "")
    return re.split(r"の(?=[^の]{2,}$)|ときの|における", phrase)[-1].strip(" 「」") if phrase else ""


def asks_again(before: str, asks: str) -> bool:
    """Whether a sentence's topic before a choice is what the stem asks for."""
    lead = _LEADS_ON.search(before)
    if not lead:
        return False
    topic = re.split(r"[。、,\n:]", before[: lead.start()])[-1].strip("「『(（【\"' 」』→・-*#〈《")
    core = _TRIMMED.sub("", _TRIMMED.sub("", topic))
    if bool(_NEGATION.search(topic)) != bool(_NEGATION.search(asks)) or len(core) < 2:
        return False
    if len(core) <= 6 and len(asks) >= 2 and asks[-2:] in core and re.search("[一-龠]{2}$", asks):
        return True
    longest = next((n for n in range(min(len(core), 24), 1, -1) if core[-n:] in asks), 0)
    return longest >= 4 or longest == len(core) or (longest == 3 and len(core) <= 8)


_NAMED = lazy(r" ?[:は=] ?([^\n。、:]{2,20}?)(?:\n|$|です|である|。)")
_PREDICATIVE = lazy(rf"{CLOSE} ?(?:が|は)、?([^。、\n{MENTION}]{{4,40}})")


def repeats(after: str, asks: str) -> bool:
    """Whether what is said of a choice are the stem's own words: IgA が最も多く含まれます."""
    if (named := _NAMED.match(after)) and named[1].strip() in asks:
        return True
    found = _PREDICATIVE.match(after)
    if not found or found[1][:4] not in asks:
        return False
    n = next(n for n in range(min(len(found[1]), 24), 3, -1) if found[1][:n] in asks)
    verb = len(re.findall("[ぁ-ん]", found[1][:n])) >= 2
    return (
        n >= 5 and verb and not TURNS.match(found[1], n) and not re.match(r"[^。]{0,3}(?:ない|ません|ず)", found[1][n:])
    )
