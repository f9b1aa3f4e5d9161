"""Did a reply choose to abstain, where its prompt offered it: わからない or "I don't know" as the final answer?

What was offered beside the choices is read as one more of them, by the same grammar: an answer word, a heading, a
field, a line of its own, words of correction. So the answer stands that the reply ends with. A hedge ("I don't know for
sure, but c") or a mention in the reasoning (発症時期はわからない) is no answer. Where the grammar rests on weaker signs
or finds nothing, a sentence has to say of the answer itself that it is not known.
"""

import re

from msgspec.structs import replace

from igaku.grading.letter import read_letters
from igaku.grading.reading.decide import read_statements
from igaku.grading.reading.plain import plain
from igaku.grading.reply_text import sections, spoken
from igaku.io.patterns import lazy
from igaku.question import Choices, Question, without_count

_WORD = "わからない"
_KNOWS_NOT = (
    r"(?:わか|分か|判|解)(?:らない|りません|らん)(?:です)?(?![^\s、。.,!」』()}\]\"'をとにで])|"
    r"\b(?:i(?:'m| am)? )?(?:(?:really|simply|honestly) )?(?:do not|don'?t|don’t) know"
    r"(?: the (?:correct |right )?answer)?"
    r"(?! ?(?:which|what|how|if|whether|why|when|where|for|about|that|the|this|exactly|much|any|enough)\b)|\bIDK\b"
)
_WHICH = r"(?:i )?(?:do not|don'?t|don’t) know (?:which|what) (?:\w+ ){1,8}?(?:correct|right|answer(?: is)?|true)"
_PHRASE = lazy(_KNOWS_NOT, re.I)
_HINT = lazy(rf"{_KNOWS_NOT}|{_WHICH}", re.I)
_OTHER_WORDS = (
    r"不明|未回答|無回答|棄権|パス|回答しない|回答を控え(?:る|ます)|保留|"
    r"(?:i )?abstain(?:ed)?|abstention|unknown|unsure|(?:i(?:'m| am) )?not sure|no answer|pass|skip(?:ped)?"
)
_ANSWER_LINE = lazy(
    r"((?:^|\n)[^\w\n]*(?:(?:最終)?(?:答え|解答|回答)|(?:the |my )?(?:final )?answer)"
    r"(?: ?(?:は|:|=| is))+[\s\"'「『(\[{]*)"
    rf"(?:{_OTHER_WORDS})(?=[\s\"'」』)\]}}]*(?:[(（][^()（）\n]{{0,80}}[)）])?(?:です|とします|する|します)?[\s。.!]*(?:\n|$))",
    re.I,
)
_ALONE = lazy(rf"[\W_]*(?:{_OTHER_WORDS})(?:です|とします|する|します)?[\W_]*", re.I)
_STRONG = ("anchor", "field", "heading", "last line", "first line", "list")
"""Rules of the grammar that name an answer; a predicate or the only statement may speak of something else."""
_OPENING = (
    r"(?:(?:大変)?(?:申し訳(?:ありません|ございません)(?:が)?|すみません(?:が)?|残念ながら|正直(?:に言うと)?|"
    r"以上より|したがって|よって|そのため)|sorry|unfortunately|honestly|therefore|so|thus)[\s、。,.]*"
)
_ABOUT = (
    r"(?:私(?:に)?は|この(?:問題|設問)(?:の(?:答え|正解))?(?:に(?:ついて|関して))?(?:は|が)?|(?:答え|正解|解答)(?:は|が)|"
    r"どれ(?:が(?:正解|正しい|適切))?(?:なの)?か(?:は)?|for this question,?|"
    r"(?:i|my) (?:would |will |'ll )?(?:choose|select|pick|answer|go with|answer is))?"
)
_CHOSEN = (
    r"(?:(?:と(?:回答|解答)?(?:いたし|し|答え)ます|(?:を|と)選(?:び|択し)ます|を選(?:ぶ|択する)|とする)|"
    r"\([^()]{0,80}\))?"
)
_SAYS = lazy(rf"\W*(?:{_OPENING}){{0,3}}{_ABOUT}\W*(?:{_KNOWS_NOT}|{_WHICH})\W?{_CHOSEN}\W*", re.I)
_REASON = lazy(r"(?:ため|ので|から|ゆえ|以上|\b(?:so|therefore|hence))[、, ]{1,2}")
TAIL = 2_000
"""Characters at the end of a reply in which such a sentence is looked for."""
FEW_WORDS = 200
"""Characters below which a reply is one statement, however many sentences it has."""
_FIELD = lazy(r"[\"'](?:abstain(?:s|ed)?|skip(?:ped)?|棄権)[\"']\s*:\s*(?:true|1|[\"'](?:yes|true)[\"'])", re.I)
_IDK = r"i (?:do not|don'?t|don’t) know"
_DECIDES = lazy(
    r"(?:わからない|分からない|判らない|不明)」?、?(?:と(?:回答|解答|お?答え)(?:し|いたし)?ます|を選(?:び|択し)ます"
    r"|でお願いします)\W*\Z"
    rf"|(?:^|\b(?:so|and|,) )i(?:'ll|’ll| will| would)? (?:just |rather )?"
    rf"(?:say|answer|choose|go with)[:, ]+[\"“]?{_IDK}\W*\Z"
    r"|\bi(?:'ll|’ll| will| choose to| prefer to)? abstain(?: rather than guess(?:ing)?)?\W*\Z"
    r"|\A\W*abstain(?:ing)?\W*\Z"
    rf"|\bi (?:choose|prefer|have) to (?:say|answer) [\"“]?{_IDK}\W*\Z"
    rf"|<answer>\s*(?:わからない|{_IDK})\s*</answer>"
    r"|結論(?:として|は)、?わからない\W*\Z|(?:回答|解答)を控えます\W*(?:わからない\W*)?\Z"
    r"|(?:答え|回答|解答)(?:は|[:：])\s*(?:棄権|保留|パス)(?:します|とします)?\W*\Z"
    r"|(?:\A|\n)\W?(?:回答|解答|答)[)）]\s*わからない\W*(?:\n|\Z)"
    rf"|\A\W*(?:no answer|unsure)\b[^\n]{{0,80}}\b{_IDK}\b"
    rf"|\b{_IDK} the answer(?: to this (?:question|one))?\W*\Z"
    r"|(?:答え|正解)は(?:存じ上げません|わかりかねます)\W*\Z|解答(?:不能|できません)(?:です)?\W*\Z",
    re.I,
)
"""A last sentence that gives not knowing as the answer, whatever was weighed: b は選ばず、わからないと答えます."""
_STOP = lazy(r"[。\n.!！]\s*")


def abstains(reply: str, question: Question, finish: str = "stop") -> bool:
    """Whether the answer that a reply ends with is that it does not know.

    Args:
        reply: as the model gave it, thoughts included.
        question: as it was shown. Where one of its own choices says so, choosing that is an answer like any other.
        finish: ``length`` for a reply that was cut off, of which only what had been answered before counts.
    """
    body = spoken(reply)
    if body.cut or any(_PHRASE.search(choice) or _ALONE.fullmatch(choice) for choice in question.choices):
        return False
    cut, text = finish == "length", plain(body.text)
    return any(_chosen(section, question, cut) for section in sections(text)[:1])


def _chosen(text: str, question: Question, cut: bool) -> bool:
    if not cut and (_ALONE.fullmatch(text) or _FIELD.search(text) or _decides(text)):
        return True
    text = _ANSWER_LINE.sub(lambda m: m[1] + _WORD, text)
    if not _HINT.search(text):
        return False
    offered = replace(
        question, choices=(*question.choices, _WORD), stem=without_count(question.stem), key=Choices(((0,),))
    )
    found = read_statements(_PHRASE.sub(_WORD, text), offered, cut)
    if found.positions and found.positions != (len(question.choices),):
        return False
    return found.rule in _STRONG or (not cut and _says(text) and read_letters(text, question).outcome is not None)


def _decides(text: str) -> bool:
    """Whether the last sentence gives not knowing as the answer, or a reply of a few words as a whole."""
    sentences, whole = _sentences(text), text.strip()
    return any(map(_DECIDES.search, [*sentences[-1:], *([whole] if len(whole) < FEW_WORDS else [])]))


def _sentences(text: str) -> list[str]:
    return [part for part in _STOP.split(text[-TAIL:]) if part.strip()]


def _says(text: str) -> bool:
    """Whether a sentence says of the answer itself that it is not known; the last one may give its reason first."""
    sentences = _sentences(text)
    last = _REASON.split(sentences[-1])[-1] if sentences else ""
    return any(map(_SAYS.fullmatch, [*sentences, last]))
