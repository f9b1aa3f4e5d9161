"""What stands before and behind the name of a person: titles, offices, roles, relatives, what persons do."""

import re

_TITLE = r"(?:様|殿|氏(?![名族病])|さん|先生|くん|君|ちゃん)"
_OFFICE = (
    r"(?:副?(?:院長|部長|医長|医局長|師長|看護師長|技師長|薬局長|理事長)|医師(?![会国免法不数間等ら側の])|准?教授|講師|助教"
    r"|看護師|技[師士]|薬剤師|医員|研修医|専攻医|助産師|保健師|療法士|栄養士|通訳士|福祉士|ソーシャルワーカー|ケアマネ"
    r"|Dr\b|Ns(?![A-Za-z])|記(?:[）)：:]|$))"
)
_ACTS = r"(?:が|は)(?:記載|記録|説明|執刀|診察|担当|施行|来院|入院|受診|訴え|同席|同行)|の(?:容体|容態|家族|主治医)"
AFTER = re.compile(rf"[ 　]?(?:{_TITLE}|{_OFFICE})|{_ACTS}")
"""Behind a word that the dictionary takes for a name in this sentence."""
AFTER_ANY = re.compile(rf"[ 　]?{_TITLE}")
"""Behind any word that may be a name."""
AFTER_FAMILY = re.compile(rf"[ 　]?{_OFFICE}")
"""Behind a word that may be a family name."""
_RELATED = r"本人|妻|夫|母|父|兄|弟|姉|妹|息子|娘|孫|[長次二三][男女]|祖[父母]|叔[父母]|伯[父母]|実[兄弟姉妹父母]"
_STAFF = (
    r"(?:担当|指導|主治|執刀|紹介|麻酔科|研修|専攻|当直|依頼|処方|施行|指定|判定|産業|病理|放射線科|読影|嘱託|かかりつけ)医(?:師)?"
    r"|担当(?:者|看護師|薬剤師)?(?:[ 　]?(?:PT|OT|ST|ME|CE|MSW|Ns\.?))?|術者|助手|執刀|医師|看護師|看護助手|薬剤師"
    r"|技[師士]|助産師|保健師|療法士|栄養士|福祉司|相談員|リーダー|委員長|隊長|司会|講師|(?:院|部|師|課|科|局)長"
    r"|(?:記載|報告|発見|確認|作成|取得|通報|代表|保護|受領|実施|責任)者|(?:受領)?確認|作成|名義|クライエント|付き添い"
)
BEFORE = re.compile(rf"(?:患者|氏名|患者名|名前|{_RELATED}|{_STAFF})[ 　・：:はの]+\Z|(?:Dr|Prof|Ns)\. ?\Z")
"""Before a word that the dictionary takes for a name in this sentence."""
BEFORE_FAMILY = re.compile(
    rf"(?:{_STAFF})(?:[ 　]?[：:][ 　]?|は|[ 　])\Z|(?<![A-Za-z])(?:PT|OT|ST|ME|CE|MSW|CGC|Ns\.?|Dr\.?)[ 　]?\Z"
    r"|(?:看護助手|リーダー|委員長|隊長|産業医|病理医|保健師)\Z"
)
"""Before a word that may be a family name, if a name ends behind it."""
ENDS = re.compile(r"[ 　]?(?:[、。，,）)（(／/\[]|$)|[ 　]|(?:[がはへもを]|より|から)(?=.)")
"""What stands behind a name."""
FACILITY = re.compile(
    r"(?:小児|内|外|眼|皮膚|整形|産婦人|耳鼻|歯|脳神経)科|医院|病院|クリニック|診療所|薬局|堂|大学|会"
)
"""Behind a name that is an institution's."""
NO_FAMILY = frozenset("本 当 同 各 前 現 元 新 副 男 女 両 主 正 大 小 上 下 左 右 内 外 中 高 低 何 誰 某 他".split())  # noqa: SIM905
"""Words of one character that are family names too, and mostly something else."""
