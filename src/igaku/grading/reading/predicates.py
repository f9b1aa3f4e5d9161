"""What replies say of the choice they take: copulas, predicates, verbs of choosing, conclusions, pointers."""

import re

from igaku.grading.reading.plain import MENTION
from igaku.grading.reading.stance import CLOSE
from igaku.io.patterns import lazy

TIGHT_FILL = lazy(
    r"[\s\"'「『（(\[【<〈{:=\-–・.。→>#|*,、]*(?:選択肢|記号|番号|肢|the|option|choice|letter|it's|it is|therefore|"
    r"thus|so|は|の|おそらく|恐らく|たぶん|多分|ずばり|ズバリ|もちろん|当然|間違いなく|明らかに|"
    r"やはり|definitely|clearly|certainly|for sure|"
    r"probably|most likely|"
    r"likely|[\s:,、「(\"'【{\[])*",
    re.I,
)
COPULA = lazy(
    rf"{CLOSE}[ ]*(?:(?:のもの|の(?:ほう|方)|という[^。、\n]{{0,6}})?(?:です|でした)|のもの|です|"
    rf"でした|である|であろう|であり|だ(?!が|け)|"
    rf"でしょう|で(?:す|、|。|あ)|とな|に(?:なる|なり|該当|相当|当た)|と(?:考|判|い[うえ]|思|す|し|"
    rf"診断)|[。.!,、;→\n]|$|が(?:正|最|適|妥|考|疑|"
    rf"該当|選)|を(?:選|答|考|疑)|のみ|だけ|し?か|→|\bis\b|\bare\b|\bbecause\b|\bsince\b|입|이다|-|–|—|"
    rf"←|の(?:\d|[一二三])つ|に(?:限られ|尽き|他な|ほかな)|という(?:こと|もの|結論)|"
    rf"の[^。、\n{MENTION}]{{1,6}}(?:です|である|だ。))"
)
PREDICATE = lazy(
    rf"{CLOSE} ?(?:の(?:\d|[一二三])つ|の両方|の組み合わせ|のみ|だけ|こそ)?(?:"
    rf"(?:が|は|を|で|も)?、?(?:本問の|この問題の|この設問の|唯一の?|最終的な?|最も|もっとも)?(?:正解|"
    rf"正答|答え(?!ない|られ)|解答|回答)(?:で|だ|と(?!は|"
    rf"思いが)|に|。|$|\n|、|\)|】|の選択肢|であ)|"
    rf"(?:が|は)、?[^。、\n{MENTION}]{{0,14}}?(?:最も|もっとも|一番|最適|第一に|"
    rf"唯一)[^。\n{MENTION}]{{0,12}}?(?:正し|適切|適当|"
    rf"適し|妥当|考え|疑|可能性|当ては|あては|該当|合致|一致|支持|ふさわし|近い|矛盾なく|示唆|有力|説明|理にかな)|"
    rf"(?:が|は)、?(?:最適|最有力)|"
    rf"を(?:選(?:び(?!ま?せん)|ぶ|択|ん(?!だ(?:として|人|方))|ぼ)|お選び|答え(?!ない)|解答|回答|"
    rf"採(?:り|る|用)|と(?:り(?:ます|たい)|る(?:。|$|\n))|(?:私|本問|"
    rf"この問題)の[^。\n]{{0,8}}(?:解答|回答|答え)|正解|マーク|推(?:し|す))|"
    rf"(?:だ|である)?と(?:判断|結論|診断|推定)(?:し|する|でき|され)|と(?:し(?:ます|ました|たい|た(?:。|$|\n))|"
    rf"する(?:。|$|\n))|で(?:決まり|間違いな)|"
    rf"が、?(?:該当し|該当す|当てはま[りる])|以外(?:に|は)?(?:考え|あり)|と(?:解答|回答|答え(?!そう|な|"
    rf"て(?:しま|いる)|る(?:人|方|受験))|記入|マーク)|に(?:改め|軍配|"
    rf"訂正|変更|修正|差し替え|します|決め|丸)|の(?:ほう|方)(?:です|だ|で(?:す|あ)|が(?:優|適|妥|近|正|よ|良))|"
    rf"(?:が|は)(?:強く)?疑われ|(?:が|だけが|のみが)[^。、\n{MENTION}]{{0,6}}残|で問題な|が(?:これ|"
    rf"それ|設問)に(?:当た|該当|相当)|という(?:こと|結論|答え)(?:に|で)|"
    rf"と(?:考え|判断し)(?:て(?:よ|良|い)|るのが)| it is[.!]| the (?:drug of choice|best choice|answer|"
    rf"correct)\b|しか(?:残|な|あり|考え)|以外に(?:は|も)?(?:な|考え|あり|該当)|"
    rf"\s*(?:is|are|seems?(?: to be)?|appears?(?: to be)?|remains?|would be|looks|must be|"
    rf"should be)\s+(?:therefore |clearly |thus )?(?:the |also the )?(?:single |only |most |"
    rf"overall )*(?:correct|right|best|better|most|answers?|preferred|appropriate)\b|"
    rf"、(?:これ|それ)が(?:結論|答え|正解)|\s*[(（]?(?:←|<-|→|:|=|-)? ?(?:これが)?(?:正解|"
    rf"correct answer|best answer|answer)[)）。!]?|"
    rf"(?:选项|项)?(?:是|为)?(?:最)?(?:正确|合适|恰当)(?!的是|吗)|(?:가|이) (?:정답|맞)|ist (?:die )?richtig|"
    rf"est (?:la )?(?:bonne|correcte?)"
    rf")",
    re.I,
)
TURNS = lazy(
    r"で?は(?:いけ|なら|だめ|ダメ)|てはいけ|べきで|い?と?(?:する|すれ)(?:と|ば)|"
    r"[^。\n]{0,2}と?する(?:考え|意見|説|人|立場|解説|誤答|向き|受験|参考書|教科書)|"
    r"[^。\n]{0,4}?(?:では?な|とは|くな|くあ|ではあり|に(?:は|も)?な[らり]ま?[なせ]|られな|にく)|"
    r"(?:だ|です|ます|く)?(?:が|けれど|ものの)[、,]"
)
CHOSEN = lazy(
    r"(?:\bit(?:'s| is| has to be| must be| should be)|\bgo(?:ing)? with|\bgo for|\bchoose|\bselect|"
    r"\bpick|\bopt for|\bsettle on|\bselecting|\bchoosing|\bthat leaves|\bleaves|\bleaving|\bwe get|"
    r"\bi say|\bthat would be|\bfits|的是|\bthe (?:one|option|choice) that [^.\n]{1,40} (?:is|are)|\bmakes?|"
    r"\bi\.e\.,?|trifft|me quedo con|elijo|escolho|"
    r"scelgo(?: quindi)?|je choisis|ich wähle|"
    r"\bleading to|\bpoints? to|\bconsistent with|\bmost (?:likely|consistent)[^.\n]{0,30} (?:is|"
    r"with)|\bshould (?:receive|be given|be treated with|undergo)|\bmy vote is|"
    r"(?:故|应|應|本题|可|就|只能|因此|所以)选(?:择|擇|项|項)?|本题选|残(?:る|った|り)(?:の|"
    r"選択肢)?(?:は|が)?、?|選(?:ぶ|んでほしい|択する|択すべき|"
    r"ぶべき)(?:の|もの)?は、?|(?:満たす|当てはまる|あてはまる|該当する|合致する|一致する|"
    r"残る)のは、?|べき(?:なの)?は、?|settling on|我选(?:择)?|것은|"
    r"il faut|choisir|elegir|wählen|求め(?:る|られる|られている)(?:の|もの)は、?|(?:^|[。，,;\n ])选(?:择)?|(?:change|"
    r"revise|correct|switch)[^.\n]{0,20}\bto|改为|改成|更正为|应为|(?:選択肢の)?(?:記号|番号)(?:は|"
    r"なら|で(?:答える|言う|"
    r"いう)(?:なら|と)|で言うと|でいえば|に直せば|としては)、?|採点欄には|選択肢(?:では|でいえば|"
    r"で言えば|は)、?|消去法(?:で|により|から|"
    r"では)?、?|あえて選ぶ(?:なら|と)|選ぶなら|選ぶとすれば|選択するなら|"
    r"挙げるなら|正しくは|"
    r"结论是|所以是|따라서)"
    r" ?:?\s*(?:only |the |an? )?(?:options?|choices?|answers?|letter|選択肢|选项)?[\s\"'(「『（【]*$",
    re.I,
)
CONCLUDES = lazy(
    r"(?:^|[。\n、:.] ?|[^\w]|^\W+)(?:よって|だから(?!といって)|ですから|なので|そこで|したがって|"
    r"従って|ゆえに|故に|以上(?:より|から|の|を|に)|"
    r"結論(?:として|は|:)|そのため|このことから|"
    r"これら(?:より|から|の|を)|このため|総合(?:的|する|し)|総じて|故|上記(?:より|から)|以上、|"
    r"ということで|すなわち|つまり|taken together|bottom line|in short|要するに|まとめると|therefore|thus|hence|so\b|"
    r"in conclusion|overall|in summary|to conclude|ultimately|accordingly|consequently|"
    r"the(?:se)? findings (?:suggest|point)|因此|所以|综上|总之|故|따라서|daher|donc|also ist)",
    re.I,
)
CONCLUDED = lazy(
    rf"(?:^|\n)[^\w\n{MENTION}]*(?:\d[.)] ?|(?:ステップ|step) ?\d+ ?:? ?)?(?:結論|まとめ|決定|判断|"
    rf"最終判断|bottom line|"
    rf"conclusion|verdict|decision|takeaway|summary|"
    rf"recommendation)[^\n{MENTION}]{{0,12}}\n+[^\n。{MENTION}]{{0,60}}$",
    re.I,
)
CONCLUSION_AFTER = lazy(
    rf"{CLOSE} ?(?:と(?:な[るり]|考え|判断|診断|い[いえ]|思|する)|(?:が|は)(?:強く|最も|もっとも|"
    rf"、)?(?:(?!ない|ません|ず|低|困難|不要|乏|"
    rf"にく)[^。、\n{MENTION}]){{0,10}}?(?:疑|考え|示唆|妥当|適|該当|正し|正解|当ては|あては|選|強|答|"
    rf"合致|一致|有力|可能性が高|第一選択|必要|残)|"
    rf"を(?:選|考え|疑|行|投与|第一|まず|答|実施|施行|最)|である|です|であり|でしょう|で(?:あ|す)|"
    rf"だ(?!が|け)|に(?:なる|なり|該当|相当|当たる)|[。!]|$|\n|のみ|だけ)"
)
CONCLUSION_EN = lazy(
    rf"{CLOSE}[ ]*(?:[.!,;—–-]|$|\n|is|are|should|would|because|as|since|for|fits|best|first|:|번|입니다|이다)", re.I
)
POINTED = lazy(
    rf"[^\n{MENTION}]{{0,30}}(?:←|<-|⇐|★|☆|[(（])\s*(?:これ(?:が|を)?)?(?:答え|正解|選ぶ|選択|本例|"
    rf"本症例|the answer|this one)[)）]?"
)
BOTH = lazy(
    rf"{CLOSE} ?(?:の(?:両方|どちら|いずれ|\d つ|2つ|3つ))?(?:が|は|も)(?:とも|両方|どちらも|"
    rf"いずれも)?(?:正し|適切|該当|"
    rf"当てはま)[^。]{{0,3}}(?:。|$|\n|です|ため|ので|、)"
)
