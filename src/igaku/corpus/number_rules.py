"""Rules for numbers and names of accounts that stand for one person, beside a label that says so.

A number alone is none: only My Number has a check digit that tells it from other twelve digits (``my_number``).
"""

_DIGIT = "[0-9０-９]"
_LABEL = (
    r"(?:患者番号|患者I[DＤ]|患者ＩＤ|診察券(?:番号|No\.?)|カルテ(?:番号|No\.?)|(?:被)?保険者番号|保険証番号|記号番号|受付番号"
    r"|(?:公費負担者|受給者|負担者|手帳|基礎年金|会員|社員|職員|学籍)番号|検体番号|個人番号|マイナンバー"
    r"|(?:免許証|旅券|パスポート|在留カード)(?:番号|No\.?)?|口座番号[ 　]*(?:[:：][ 　]*)?(?:普通|当座)?"
    r"|(?<![A-Za-z])(?:MRN|(?i:passport(?: no\.?| number)?))(?![A-Za-z])"
    r"|Patient ID|ID番号|(?<![A-Za-z])(?<!試験)ID(?![A-Za-z])|ＩＤ)"
)
_NO_DOSE = r"(?![0-9０-９-]*[ 　]?(?:mg|g(?![A-Za-z])|mL|ml|μ|単位|IU|kg|例|人|件|年|回|日|%|％))"
_NETWORK = "(?:LINE|X|Twitter|Instagram|Facebook|TikTok|インスタグラム|フェイスブック|ツイッター)"

_OF_THINGS = (  # noqa: SIM905
    "問題 設問 図 表 文献 試験 照合 ロット 製造 承認 電話 郵便 項目 コード 配列 変異 遺伝子 化合物 登録 推奨 部屋 病室 "
    "ベッド 型 章 列 行 株 版 分類 酵素 原子"
).split()
_ANY_NUMBER = (
    r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff\u30a1-\u30faー]{2,10}"
    + "".join(f"(?<!{thing})" for thing in _OF_THINGS)
    + "番号(?:欄)?"
)
_CODE = r"(?=[A-Za-z0-9-]*[0-9]{3})[A-Za-z]{0,4}[-]?[0-9][A-Za-z0-9-]{3,18}"
_ENGLISH = (
    r"(?i:(?<![A-Za-z])(?:accession|insurance(?: member)?|member|bank account|account|chart|ssn"
    r"|social security|driver'?s licen[cs]e"
    r"|licen[cs]e|policy|plate)(?: number| no\.?| id)?(?: on file)?:?)"
)

NUMBERS: tuple[str, ...] = (
    rf"{_ANY_NUMBER}[ 　]*(?:[:：#=＝はがに]|に、)?[ 　]*第?{_NO_DOSE}(?P<it>{_CODE}(?:[ -][0-9]{{4}}){{0,2}})",
    rf"{_ENGLISH}[ #]*{_NO_DOSE}(?P<it>[A-Z0-9]{{0,5}}-?[0-9][A-Z0-9-]{{4,18}})(?![A-Za-z0-9])",
    r"手帳[ 　]*第?(?P<it>[0-9]{4,12})号?",
    r"(?:支店|本店|口座)[ 　]*(?:普通|当座)[ 　]*(?P<it>[0-9]{5,8})",
    r"記号[ 　:：]*(?P<it>[0-9][0-9-]{1,9})[ 　・、]*番号",
    rf"記号[ 　:：]*[0-9０-９-]{{1,10}}[ 　・、]*番号[ 　:：]*(?P<it>{_DIGIT}{{1,8}})",
    r"枝番[ 　:：]*(?P<it>[0-9]{1,3})",
    r"(?:利用者|ユーザー|ログイン|職員)[ 　]?(?:ID|名)[ 　:：]*(?P<it>[A-Za-z][\w.-]{3,30})",
    r"(?<![\w.@/])(?P<it>@[A-Za-z_]\w{4,30})(?![\w.]*[@/])",
    rf"{_LABEL}[ 　]*[:：#=＝は]?[ 　]*{_NO_DOSE}(?P<it>[A-Za-z]{{0,4}}[- ]?[0-9０-９][0-9０-９-]{{3,14}}"
    r"(?:[A-Z]{2}(?![A-Za-z])|(?:[ -][0-9]{4}){0,2}))",
    rf"記号[・･·／/]番号[ 　]*[:：]?[ 　]*(?P<it>{_DIGIT}[0-9０-９・･·./-]{{2,20}}{_DIGIT})",
    rf"(?<![A-Za-z])ID-{_NO_DOSE}(?P<it>[0-9]{{4,14}})",
    rf"(?<=記号)[ 　:：]*(?P<it>{_DIGIT}{{1,8}})",
    rf"{_NETWORK}[ 　]?(?:ID|アカウント)[ 　]*[:：は]?[ 　]*(?P<it>@?[A-Za-z][\w.-]{{3,30}})",
    rf"{_NETWORK}[ 　]*[:：は]?[ 　]*(?P<it>@[A-Za-z][\w.]{{2,30}})",
    r"(?:ナンバー|車両番号|登録番号|車番)(?:プレート)?[ 　]*[:：は]?[ 　]*"
    r"(?P<it>[\u4e00-\u9fffぁ-ん]{1,4}[ 　]?[0-9A-Z]{2,3}[ 　]?[ぁ-ん][ 　]?"
    r"(?:[0-9]{2}-[0-9]{2}|[・.]{1,3}[0-9]{1,3}|[0-9]{1,4}))",
    r"(?<![A-Za-z])IP(?:アドレス| address)?[ 　]*[:：は]?[ 　]*(?P<it>(?:[0-9]{1,3}\.){3}[0-9]{1,3})(?![\d.])",
)
"""What is in ``it`` is the number."""
