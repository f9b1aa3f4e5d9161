"""Rules for postal codes and addresses in Japan, with a prefecture or city, or by the way its parts are numbered."""

_DIGIT = "[0-9０-９]"
_KANJI = "\u4e00-\u9fff々"
_PLACE = rf"[{_KANJI}\u3041-\u30faー]"
DASHES = "-－‐‑–−ー"
_MINUS = f"[{DASHES}]"
_PREFECTURE = (
    r"(?:東京都|北海道|(?:京都|大阪)府|(?:青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|神奈川|新潟|富山|石川|福井|山梨|長野|岐阜|"
    r"静岡|愛知|三重|滋賀|兵庫|奈良|和歌山|鳥取|島根|岡山|広島|山口|徳島|香川|愛媛|高知|福岡|佐賀|長崎|熊本|大分|宮崎|鹿児島|沖縄)県)"
)
_HAN = "[一二三四五六七八九十]"
_NUMBER = rf"(?:\d{{1,4}}|{_HAN}{{1,3}})"
_GRID = rf"(?:[東西南北]?{_NUMBER}条(?:[東西南北]{_NUMBER}(?:丁目)?|{_NUMBER}丁目)?)"
"""Sapporo's and Kyoto's way: 北12条西5丁目."""
_PART = rf"(?:丁目|番地?|番|号|の\d+|{_MINUS}\d{{1,4}}|\d|{_HAN})"
_LOT = rf"(?:{_GRID}|\d{{1,4}}|{_HAN}{{1,3}}(?=丁目|番|号)){_PART}*"
_SURE_LOT = (
    rf"(?:{_GRID}{_PART}*|{_NUMBER}丁目[ 　]?{_NUMBER}(?:番地?|{_MINUS}\d|号){_PART}*|{_NUMBER}番地(?:の?\d{{1,4}})?"
    rf"|{_NUMBER}番{_NUMBER}号|(?<!\d)\d{{1,2}}{_MINUS}\d{{1,3}}{_MINUS}\d{{1,3}}(?!\d|{_MINUS}))"
)
"""What nothing but an address has."""
_NAME = (
    rf"(?:さいたま|つくば|ひたちなか|いわき|[{_KANJI}\u30a1-\u30faー]{{1,8}}?)"
    "(?:市(?![販中民])|区(?![分別域画間切])|[町村](?!立))"
)
_HOUSE = "(?:ビル|マンション|ハイツ|コーポ|アパート|荘|タワー|棟|レジデンス|メゾン|ハウス)"
_ROOM = (
    rf"(?:[ 　]?[{_KANJI}\u30a1-\u30faーA-Za-z]{{0,12}}{_HOUSE}"
    rf"[{_KANJI}\u30a1-\u30faー]{{0,8}}(?:[ 　]?\d{{1,4}}(?:号室?)?)?)?"
    rf"(?:[ 　]?(?:[{_KANJI}\u30a1-\u30faーA-Za-z]{{2,14}}[ 　]?)?\d{{1,4}}号室)?"
)

_POSTAL = rf"〒\s?{_DIGIT}{{3}}{_MINUS}?{_DIGIT}{{4}}"

ADDRESSES: tuple[str, ...] = (
    rf"(?:{_POSTAL}[ 　]*)?(?:{_PREFECTURE}|(?<![{_KANJI}])[{_KANJI}]{{1,4}}市)"
    rf"{_PLACE}{{1,7}}?[市区町村郡]{_PLACE}{{0,10}}?{_LOT}{_ROOM}",
    rf"(?:{_POSTAL}[ 　]*|(?<![{_KANJI}])){_NAME}{_PLACE}{{0,12}}?{_SURE_LOT}{_ROOM}",
    _POSTAL,
    rf"(?:{_PREFECTURE})?(?<![{_KANJI}]{{2}})[{_KANJI}]{{1,4}}市(?:[{_KANJI}]{{1,4}}区)?"
    r"(?=に(?:お住|住|在住|居住)|在住|の自宅)",
    rf"{_PREFECTURE}[{_KANJI}\u30a1-\u30faー]{{1,5}}[市町村](?=に(?:お住|住|在住|居住)|在住|の(?:自宅|実家|農家))",
    r"\b(?:(?:Flat|Apt|Unit) \d{1,4}[A-Z]?,? )?\d{1,5} (?:[A-Z][a-z]+ ){1,3}"
    r"(?:Lane|Street|Avenue|Road|Court|Drive|Boulevard|St|Ave|Rd)\b"
    r"(?:,? (?:Apt|Unit|Flat|#) ?\w{1,5})?(?:, [A-Z][a-z]+(?: [A-Z][a-z]+)?)?"
    r"(?:,? [A-Z]{2} \d{5}(?:-\d{4})?| [A-Z]{1,2}\d{1,2} \d[A-Z]{2})?",
)
