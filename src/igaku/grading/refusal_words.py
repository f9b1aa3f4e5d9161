"""Words of refusal in English and Japanese: in the first person, of what a writer may do, of a service's limits."""

VERBS = (
    r"help\w*|assist\w*|provid\w*|fulfil\w*|comply|complying|support|offer|giv\w*|writ\w*|creat\w*|draft\w*|generat\w*|"
    r"answer\w*|"
    r"do (?:that|this|so)|shar\w*|condone|participat\w*|engag\w*|proceed|explain|"
    r"endors\w*|promot\w*|respond|facilitat\w*|discuss|justify|accommodate|continue|carry out|"
    r"produc\w*|prepar\w*|describ\w*|outlin\w*|devis\w*|design|guid\w*|disclos\w*|reveal|list|make|craft|compos\w*|"
    r"approv\w*|perform\w*|process|advis\w*|choos\w*|select\w*|calculat\w*|interpret\w*|summari[sz]\w*|translat\w*|complet\w*|"
    r"tell you|look at|comment on|do it|take part|attempt|get into"
)
_NOT = (
    r"(?:can(?:no|['’]|)t|can not|could(?:n['’]t| not)|won['’]t|will not|wouldn['’]t|would not|unable to|not able to|"
    r"not (?:comfortable|going|allowed|permitted|willing|qualified|authori[sz]ed|licensed)(?: to)?|"
    r"(?:must|have to|need to)(?: respectfully)? (?:decline|refuse|refrain)|(?:respectfully )?(?:decline|refuse))"
)
_SOFTLY = r"(?:,? (?:ethically|morally|in good conscience|be able to|be|knowingly|legally|possibly|to),?){0,2}"
ENGLISH = (
    r"\b(?:i|we)(?:['’]m| am| are|['’]re)? (?:(?:really|truly|just|simply|therefore|unfortunately|very|so) )*"
    rf"{_NOT}(?: to| with| from)*{_SOFTLY} (?:{VERBS})\b",
    r"\b(?:i|we) do(?:n['’]t| not) (?:condone|endorse|provide|engage|participate|answer|offer|give|discuss|handle|help"
    r"|share)\b",
    r"\b(?:i|we) do(?:n['’]t| not) (?:do medical|feel (?:able|comfortable)|have the expertise)",
    r"\bhave no way of helping\b|\Arequest denied\b",
    r"\b(?:not|n['’]t) (?:something|a question|a request) (?:that )?(?:i|we)(?: can| do|['’]m able| am able)",
    r"\bi(?:['’]d| would) prefer not to\b",
    r"\bhave to say no\b|\birresponsible of me to\b|(?:\bnot|n['’]t) appropriate for me to\b|\bi am withholding\b",
    rf"\b(?:ai|assistant|model) (?:and|that|which) (?:do(?:es)?(?:n['’]t| not)|can(?:['’]t|not)) (?:{VERBS})\b",
    r"\b(?:i|we) do(?:n['’]t| not) (?:have (?:the )?(?:ability|permission|authority)|think i should be the one)\b",
    r"\bi (?:therefore )?(?:will |would )?(?:must|have to|need to) (?:respectfully )?(?:decline|refuse|pass on|withhold"
    r"|leave it there)\b",
    r"\bi(?:['’]m| am) going to (?:decline|refuse|pass|withhold)\b|\bi(?:['’]d| would) rather not\b",
    r"(?:^|[.,!] ?)(?:no|nope|sorry)?,? ?(?:can['’]t|cannot|won['’]t|unable to) (?:help|assist|do)(?: you)?(?: with)? "
    r"(?:that|this)\b",
    r"\b(?:falls?|is|are|lies) (?:outside|beyond) (?:of )?(?:what (?:i|we)\b|my\b|our\b|the scope\b)",
    r"\b(?:my|our) (?:\w+ )?(?:guidelines|polic(?:y|ies)|instructions|rules) "
    r"(?:prevent|prohibit|forbid|do(?:es)? not (?:allow|permit))",
    r"\bagainst (?:my|our) (?:\w+ )?(?:polic|guideline|rule|principle)",
    r"\b(?:isn['’]t|is not) (?:something (?:i|we) (?:can|do)|possible for me)\b",
    r"\binappropriate for me to\b|\bpracti[sc]ing medicine without\b|\A(?:declined|refused)\b",
)
_JA_OTHERS = r"(?![^。\n]{0,60}(?:患者|本人|家族|医師|相手|子ども|妊婦)(?:さん|様|の方)?(?:は|が|も))"
_JA_DO = (
    r"(?:お?応じ|お?答え|お?手伝い|ご?回答|解答|ご?協力|ご?案内|ご?提供|ご?説明|ご?支援|ご?対応|お?応え|お?教え|ご?紹介|作成|執筆"
    r"|代筆|助言|関与"
    r"|お?伝え|お渡し|お話し?|お出し|お受け|お?引き受け|お示し|要約|コメント)"
)
_JA_NOT = (
    r"(?:する(?:こと|の))?(?:は|が|も|を)?(?:いた|し|致)?(?:でき(?:ません|かね|ない(?:仕様|決まり|こと(?:に|と)))|(?<=答え)られない(?=。|$)|られません|しません|いたしません|致しません"
    r"|(?:し|いた)?(?:し)?かねます|する(?:こと|わけ)(?:は|が|には)(?:でき|いき)ません|えません|ません(?=。|$)|控え|差し控え|見送|辞退|拒否)"
)
_JA_MYSELF = r"(?:私|AI|言語モデル|申し訳|恐れ入り|すみません|残念|力になりたい|倫理的|ご(?:要望|依頼|相談))"
_JA_DOING = (
    r"(?:選ぶ|示す|述べる|申し上げる|書く|教える|続ける|話す|勧める|答える|判断する|診断する|診断を行う"
    r"|判断や説明をする)"
)
JAPANESE = (
    rf"(?:^|[。\n！!]){_JA_OTHERS}[^。\n]{{0,80}}?{_JA_DO}{_JA_NOT}",
    rf"(?:^|[。\n！!]){_JA_OTHERS}[^。\n]{{0,80}}?{_JA_DOING}(?:こと|わけ)(?:は|が|に|には)?(?:でき(?:ません|かね)|いきません|いたしかね)"
    r"(?:ます)?(?=[。、が]|$)(?<!診断することができません)",
    r"(?:回答|お答え|提供|作成|説明|推測)(?:を|は|することは)(?:差し)?(?:控え|遠慮)|(?:お手伝い|依頼|回答)は遠慮|回答不可|できない相談",
    r"(?:提供|判断|助言|回答|要約|代筆)(?:は|を)?行(?:え|い|って(?:おり|い))ません|(?:お?引き受け|お受け|回答|提供)して(?:おり|い)ません",
    r"お答えする(?:の|こと)は適切では|許可されていない|(?:私|当方)[^。]{0,30}(?:立場に(?:あり|ござい)ません|行えません|行わないように|能力を超え)",
    r"答えられないんだ|答えを出せません|しないことと(?:し|いた)|を生成することができません",
    rf"{_JA_MYSELF}[^。]{{0,60}}[\u3040-\u9fff][うくすつぬむるぐぶ]こと(?:は|が)(?:絶対に|決して)?でき(?:ません|かね)",
    r"(?:依頼|要求|要望|リクエスト|ご相談)(?:に|を)は?[^。]{0,12}(?:断|辞退|拒否)|お断り(?:し|いた|致)",
    r"(?:私|AI|当サービス)[^。]{0,40}(?:適切では(?:ない|ありません)|許可されて(?:おり|い)ません"
    r"|資格が(?:あり|ござい)ません|行いません|申し上げられません)",
    r"(?:回答|サポート|質問|相談|対応)[^。]{0,6}対象外|対応範囲(?:外|を超え)|(?:相談|質問)(?:は|を)[^。]{0,6}承って(?:おり|い)ません",
    r"(?:ガイドライン|ポリシー|規約)(?:で|に|により)[^。]{0,12}(?:禁じ|禁止|反する)",
    r"答えてはいけない|答えないこと(?:に|と)|ノーコメント|お力になれず",
    r"(?:助言|回答|判断)をする権限が|回答を拒否|何も申し上げられません|(?:^|。)無理です。",
)
QUOTED = r"[\"“][^\"“”\n]{6,200}[\"”]|「[^「」\n]{6,200}」"
"""What is quoted is somebody else's: 「お答えできません」という医師の返答は."""
ANSWERED = (
    r"(?i:\b(?:answer|correct (?:choice|option))\b(?: is|:)?|(?:正解|正答|答え|解答)(?:は|：|:))"
    r"[ \"'*(（「]{0,3}(?:choice |option )?[a-jａ-ｊ①-⑨]"
    r"(?![A-Za-z])|(?i:\bchoice [a-h]\b)"
)
"""A reply that names its choice answers, whatever stands around it."""
