"""Rules for names of persons beside a label or a title.

What stands behind a label such as 主治医 is often no person but what was ordered or done: 主治医 CT所見, 術者：PCI施行.
A word in Latin letters is a name there only behind a colon or at the end of a line, in title case and with nothing
behind it; 薬の名前 and 病気の名前 are no labels.
"""

_KANJI = "\u4e00-\u9fff々"
_KANA = r"\u30a1-\u30faー"
_GIVEN = rf"[{_KANJI}]{{1,3}}|[\u3041-\u309f]{{2,4}}|[{_KANA}]{{2,5}}"
_KANA_NAME = rf"[{_KANA}]{{1,10}}(?:[ 　・][{_KANA}]{{1,10}}){{1,3}}"
_STAFF = r"担当医|主治医|執刀医|術者|紹介医|記載者"
_OF_PERSON = "(?:(?<!の)|(?<=[者人方親子父母妻夫]の))"
LABEL = (
    rf"(?:(?:患者氏名|患者名|氏名|{_OF_PERSON}お?名前|フリガナ|ふりがな|{_STAFF}|看護師名|医師名"
    r"|続柄者名|保護者|代表者)(?:[(（](?:カナ|フリガナ|ふりがな|漢字)[)）])?)"
)
_TITLE = (
    r"(?:様(?![症所変顔皮病])|殿|氏(?!名|族|病)|さん|先生|医師|医長|教授|部長|院長|看護師長?|技師|師長|薬剤師|くん|君"
    "|ちゃん)"
)
_DONE = (
    "(?:術|検査|心電図|写真|画像|造影|撮影|採血|採取|穿刺|切除|移植|透析|輸血|療法|治療|投与|処方|中止|開始|依頼|施行|確認|説明|相談|診断|所見"
    "|病|症|症候群|炎|癌|腫|薬|剤|(?<![保仁明])科|不明|未定|同上|交代|変更|不在)"
)
_END = r"(?:$|[ 　\t\n、。，,（(\[／/])"
_NO_NAME = rf"(?![{_KANJI}\u3041-\u309f{_KANA}]{{0,10}}{_DONE}{_END})"
_NO_STAFF = rf"(?!(?<=[医者][:：は\t])[{_KANA}]+{_END})(?!(?<=[医者][:：は] )[{_KANA}]+{_END})"
_DISEASE = (
    r"(?!(?:[A-Z][\w'’-]{0,30} ){0,3}(?:[Dd]isease|[Ss]yndrome|[Dd]isorder|[Aa]ngina|[Ff]ailure|[Ii]nfarct\w*|[Ss]troke"
    r"|[Tt]est|[Mm]onitor|[Ss]core|[Cc]lass|[Ss]cale|[Ss]ign|[Pp]rocedure|[Oo]peration|[Ss]urgery|[Ii]njury|[Ss]epsis|[Aa]sthma"
    r"|[Mm]ellitus|\w{1,30}(?:itis|osis|\w{3}oma|emia|pathy|ectomy|scopy))\b)"
)
_TITLE_CASE = r"[A-Z][a-z'’-]+(?:[A-Z][a-z]+)?"
_TWO = rf"{_DISEASE}{_TITLE_CASE}(?:,? {_TITLE_CASE}){{1,2}}"
_NO_DOCTOR = r"(?!(?:Dr|Prof)\b)"
_DOING = rf"(?![A-Za-z]| [a-z]| ?(?:を|で|が必要|病|症|術|{_DONE}|手術|後))"
_NAMED = "(?:患者氏名|患者名|氏名|看護師名|医師名|お名前)"

_ENGLISH_NAME = "[A-Z](?:['’][A-Z])?[a-z]+(?:[-'’][A-Z][a-z]+)?"
_KIN = "wife|husband|mother|father|son|daughter|brother|sister|partner|aunt|uncle|niece|nephew|grandson|granddaughter"

NAMES: tuple[str, ...] = (
    rf"{LABEL}[ 　\t]*(?:[:：は\t])[ 　]*{_NO_NAME}{_NO_STAFF}"
    rf"(?P<it>[{_KANJI}\u3041-\u309f{_KANA}]{{1,6}}(?:[ 　]?(?:{_GIVEN}))?)"
    rf"(?={_END}|様|殿|先生|医師)",
    rf"{LABEL}[ 　\t]*[:：\t][ 　]*{_NO_DOCTOR}(?P<it>{_TWO}){_DOING}",
    rf"{LABEL}[ 　]+{_NO_DOCTOR}(?P<it>{_TWO})(?=[ 　]*$)",
    rf"{_NAMED}[ 　\t]*[:：\t][ 　]*{_NO_DOCTOR}{_DISEASE}(?P<it>{_TITLE_CASE})(?=[ 　]*$)",
    rf"患者(?:さん)?[ 　]*[:：][ 　]*(?P<it>{_TWO})(?=[ 　]*(?:$|[、,（(][ 　]*[\d男女]|氏|様|さん))",
    r"\b(?P<it>[A-Z][a-z]+(?: [A-Z][a-z]+)?)(?=-(?:san|sama|sensei|kun|chan)\b)",
    rf"(?P<it>{_KANA_NAME})[ 　]?{_TITLE}",
    rf"(?:患者|妻|夫|母|父|兄|弟|姉|妹|息子|娘|孫|[長次]男|[長次]女|祖[父母])[のは：:、 　]?"
    rf"(?P<it>[{_KANA}]{{2,10}}(?:・[{_KANA}]{{1,10}}){{1,3}})",
    rf"(?P<it>[{_KANA}]{{2,8}}[ 　][{_KANA}]{{2,8}})(?=[ 　]?[/／][ 　]?(?:[MF男女]|[12]?\d{{1,2}}歳))",
    r"(?:患者氏名|患者名|氏名)[ 　:：]+(?P<it>[A-Z]{2,}(?:,? [A-Z]{2,}){1,2})(?![A-Za-z0-9])",
    rf"(?<![A-Za-z ])(?<![A-Za-z] )(?P<it>{_TITLE_CASE})(?=(?:先生|医師|さん|氏(?!名)))",
    rf"\b(?=[A-Z]){_DISEASE}(?P<it>[A-Z][a-z]+ [A-Z][a-z]+)(?=[ 　]?(?:氏(?!名)|さん|様(?![症所変顔皮病])|先生|殿))",
    rf"\b(?:Mr|Mrs|Ms|Dr|Prof)(?:\.|(?= )) ?(?P<it>{_ENGLISH_NAME}(?: {_ENGLISH_NAME})?)(?!'s (?:disease|syndrome))",
    rf"(?P<it>{_ENGLISH_NAME}(?: {_ENGLISH_NAME})?)(?=, (?:MD|RN|NP|PA-C|DO|PharmD|PhD|LCSW|DDS)\b)",
    rf"\b(?:[Nn]urse|[Ss]ocial worker|[Pp]harmacist|[Cc]oordinator|[Ii]nterpreter|[Ss]urgeon|[Aa]ssistant"
    r"|[Aa]ttention|[Nn]ext[- ]of[- ]kin"
    rf"|[Ss]incerely|(?:[Hh]is|[Hh]er|patient's) (?:{_KIN}))(?:,|:| \(|) ?"
    rf"{_DISEASE}(?P<it>{_ENGLISH_NAME}(?: {_ENGLISH_NAME})?)"
    r"(?=[,.)]|$| (?:noted|reported|said|spoke|called|saw|is|was|will|can|at|for)| \()",
    rf"\b(?:read|reviewed|reported|dictated|signed|seen|written|interpreted|transcribed) by "
    rf"{_DISEASE}(?P<it>{_ENGLISH_NAME}(?: {_ENGLISH_NAME})?)",
    rf"\b[Pp]atient(?: [Nn]ame)?: ?{_DISEASE}(?P<it>[A-Z][a-z]+ [A-Z][a-z]+)\b",
)
"""What is in ``it`` is the name."""
