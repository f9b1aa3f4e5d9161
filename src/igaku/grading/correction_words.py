"""The words and forms in which replies say that a text holds an error, that it holds none, and where it is."""

import re

from igaku.io.patterns import lazy

_FLAGS = (
    "error error_flag has_error is_error contains_error error_detected error_found flag 誤り エラー 誤りの有無 判定"
)
_RIGHT = "correct is_correct no_error 正しい"
_PLACES = (
    "sentence sentence_id sentence_number sentence_no sentence_index error_sentence_id error_sentence_number "
    "error_sentence error_id id number line 文番号 文 番号 誤り文 誤りの文 誤りのある文 誤りを含む文 誤っている文 "
    "誤り文番号 誤りの文番号 誤りのある文番号 誤りのある文の番号 エラー文番号 該当文"
)
_CORRECTIONS = (
    "correction corrected_sentence corrected correct_sentence fixed fix revised revised_sentence replacement "
    "訂正 訂正文 訂正後 訂正案 訂正例 訂正内容 訂正した文 訂正後の文 修正 修正文 修正後 修正案 修正例 修正内容 "
    "修正した文 修正後の文 正しい文 正しい文章 訂正された文 修正された文"
)
FLAGS, RIGHT, PLACES, CORRECTIONS = (frozenset(w.split()) for w in (_FLAGS, _RIGHT, _PLACES, _CORRECTIONS))

_NO_WORDS = r"none|no|false|0|null|nil|n/?a|-1|correct|なし|無し|無|ない|いいえ|正しい|誤りなし|エラーなし|該当なし"
IS_NO = lazy(rf"\W*(?:{_NO_WORDS}|no errors?)\W*", re.I)
IS_YES = lazy(r"\W*(?:yes|true|1|present|error|incorrect|あり|有り|有|はい|誤りあり|エラーあり)\W*", re.I)
NUMBER = r"[#(\[【「<\s]*(\d{1,3})[)\]】」>]?"
NAMED = lazy(
    rf"(?:\bsentences?|\bline|\bstatement|\bitem|文番号|文|行)\s*(?:no\.?|number|id|番号)?\s*(?:is|は|[:：])?{NUMBER}"
    r"(?!\d|\s*(?:%|歳|mg|cm|kg|日))"
    r"|(\d{1,3})\s*(?:番目の文|文目|番の文|行目|つ目の文)"
    r"|第\s*(\d{1,3})\s*文"
    r"|\b(\d{1,3})(?:st|nd|rd|th) sentence",
    re.I,
)
_ANSWER = r"(?:(?:final |your )?(?:answer|output|result|conclusion)|答え|回答|解答|結論|出力|結果)"
ONE_LINE = lazy(
    rf"^\W{{0,20}}(?:{_ANSWER}\W{{1,6}})?(?:(?:the )?error(?:neous)?\s*(?:is)?\s*(?:in|:)?\s*)?"
    r"(?:(?:sentence|文番号|文|行|line|no\.?)\s*(?:number|id|番号)?\s*[:：]?\s*#?(\d{1,3})\s*[\])】」]?\s*(?:[.:：、)\-–—→]\s*)+"
    r"|#?第?(\d{1,3})\s*(?:番目の文|文目|文)?[\])】」]?\s*(?:[.:：、)\-–—→]\s*|\s+)+)(\S.*)$",
    re.I,
)
RIGHT_LINE = lazy(
    rf"\W{{0,20}}(?:{_ANSWER}\W{{1,6}})?(?:(?:the )?text is )?(?:correct|誤りなし|エラーなし)\W{{0,20}}", re.I
)
LABEL = lazy(
    r"^(?:[^:：\n]{0,200}。)?[\s\-*•・#>|\d.)]*[「【\[(]?([^\W\d][^:：\n「」]{0,28}?)[」】\])]?\s*[:：=]\s*(.*)$"
)
HEADED = lazy(r"^\W*【([^】\n]{1,28})】\s*[:：=]?\s*(.*)$")
WRONG = lazy(
    r"誤り|誤って|誤った|間違|不適切|エラー|不正確|矛盾|適切で(?:は)?な|正しくな|禁忌|"
    r"\berr(?:or|oneous)|incorrect|inaccura|wrong|mistake|inappropriate|inconsistent|contraindicated|"
    r"not (?:correct|appropriate|accurate)|should (?:be|have)",
    re.I,
)
_SUBJECT = r"(?:誤り|間違い|エラー|問題|矛盾)(?:の(?:ある|ない)文|(?:のよう)?な(?:点|記述|箇所))?"
_GAP = r"[^。、,:：\d\n]{0,12}?"
_FOUND_NOT = (
    r"(?:(?:あり|ござい|見つかり|見つけられ|見当たり|見られ|認め(?:られ)?|含まれてい|含んでい|含み|存在し|指摘でき|検出(?:され|でき))"
    r"ません|(?:見つから|見つけられ|見当たら|認め(?:られ)?|見られ|含まれ(?:てい)?|含ま|存在し)(?:な[いか]|ず))"
)
_IS_NOT = r"(?:(?<=[りいーはがもに題盾文点述所])|(?<=全く)|(?<=一切))(?:な[しいく]|無[しい]|なかった)"
_NOT = (
    r"(?:\b(?:no(?!\s*(?:doubt|question))|none|nothing|neither|without|zero)\b|(?:\bnot|n['’]t|\bcannot|\bunable to)\s+"
    r"(?:(?:appear|seem|able) to )?(?:contain|have|find|identify|detect|see|spot|notice|include|show|any|be any)\b)"
)
_FAULTS = (
    r"\b(?:errors?|errone?ous|mistakes?|mistaken|inaccura(?:cy|cies|te)|inconsisten(?:cy|cies|t)|incorrect|wrong|"
    r"inappropriate|contraindicated)\b"
)
FINE = lazy(
    rf"{_SUBJECT}(?:(?:[はがもを]{_GAP})?{_FOUND_NOT}|(?:[はがも]{_GAP})?{_IS_NOT}|"
    r"[でと]は(?:な[いく]|ありません|[言い]え(?:ない|ません)))|"
    r"(?<!不)(?:正しい|適切|正確|妥当)(?:です|である|と(?:考え|判断)|な文|[。.]|$)|"
    rf"{_NOT}[^.,;:\d\n]{{0,40}}{_FAULTS}|"
    r"error[- ]free|\b(?:is|are|looks?|seems?|appears?) (?:all |entirely |medically |factually |completely )?"
    r"(?:correct|accurate|appropriate|fine|consistent)|"
    r"^\W*correct\W*$",
    re.I,
)
OPEN = lazy(
    r"\b(?:whether|if) (?:or not )?(?:there|it|this|the|any|one)\b[^.\n]*|"
    r"(?:誤り|間違い|エラー)(?:の有無|(?:が|は)?(?:ある|含まれる|存在する)か)[^。\n]*",
    re.I,
)
"""A question that a reply leaves open: it claims nothing."""
ARROW = lazy(r"→|⇒|->|=>")
TO = lazy(
    r"(?:正しくは|(?:訂正|修正)(?:後|文|した文)?|should (?:be|read)|corrected? (?:to|version)|replaced? (?:with|by))"
    r"\s*(?:は|[:：])?\s*[「\"“]?([^「」\"”\n]{2,400})",
    re.I,
)
QUOTED = lazy(r"[「\"“]([^「」\"“”\n]{4,400})[」\"”]")
