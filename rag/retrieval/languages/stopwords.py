"""Function words per language: for the stop list and for telling languages apart.

Question words stand in the stop lists because a question's "what" and "how"
say nothing of the passage that answers it. Written for this project.
"""

_ENGLISH = """
a about above after again against all also am an and any are aren't as at be because been before being below between
both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each either else even
ever few for from further had hadn't has hasn't have haven't having he her here hers herself him himself his how i i'd
i'll i'm i've if in into is isn't it it's its itself just let's like many may me might more most much must my myself
neither no nor not of off often on once one only onto or other others ought our ours ourselves out over own per please
rather same shall she should shouldn't since so some something such tell than that that's the their theirs them
themselves then there there's these they they're this those though through to too toward towards under until up upon us
using very was wasn't we were weren't what what's whatever when whenever where whereas wherever whether which while who
who's whoever whom whose why will with within without won't would wouldn't yet you you're your yours yourself yourselves
happen happens happened mean means called kind type name explain describe give
"""

_SWAHILI = """
na ya wa za la cha vya kwa ni si katika kutoka hadi mpaka kama au lakini bali pia tu sana kuwa kwamba ili hii huyu hili
hiki hizi hivi haya hao hawa hayo hicho hivyo hizo hiyo huo huu hapo hapa huko humo ile yule lile kile zile vile yale
wale pale kule mle ambao ambaye ambayo ambalo ambacho ambazo ambavyo ambako asiye wasio usio isiyo lisilo yasiyo
kisicho visivyo zisizo pasipo je nini gani nani wapi lini vipi ipi yupi
lipi kipi zipi vipi ngapi wangapi mangapi vingapi kwanini mbona namna jinsi gani bila baada kabla wakati ndani nje juu
chini kati mbele nyuma pamoja wala ama basi sasa bado tayari tena zaidi kila wote yote zote vyote lote chote sote nyote
mimi wewe yeye sisi ninyi nyinyi wao yangu yako yake yetu yenu yao wangu wako wake wetu wenu wangu changu chako chake
chetu chenu chao langu lako lake letu lenu lao zangu zako zake zetu zenu zao vyangu vyako vyake vyetu vyao mwa pa po mo
ko kuna ina ana zina wana lina kina vina una nina tuna mna pana mna hakuna hana haina hawana sina iko yuko ziko wako
alikuwa ilikuwa walikuwa zilikuwa yalikuwa lilikuwa kilikuwa amekuwa imekuwa anakuwa inakuwa huwa itakuwa atakuwa ndio
ndiyo ndiye hapana kwenye mwenye wenye yenye lenye chenye zenye vyenye penye naweza unaweza tunaweza inaweza anaweza
wanaweza ninaweza nawezaje tafadhali nitafanyaje ninafanyaje kuhusu kupitia dhidi miongoni kulingana
akiwa yoyote yeyote wowote lolote vyovyote yupo
upi mingapi aje ameshawahi amewahi imewahi
"""

_SPANISH = """
a al algo ante antes aquel aquella como con contra cual cuales cuando cuanta cuantas cuanto cuantos de del desde donde
durante el ella ellas ellos en entre era eran es esa esas ese eso esos esta estaba estaban estas este esto estos está
están fue fueron ha había habían han hasta hay la las le les lo los mas me mi muy más ni no nos o para pero por porque
que quien quienes qué quién cuál cuáles cuándo cuánto cuántos dónde cómo se sea según ser si sin sobre son su sus sí
también tiene tienen todo todos tras tu un una unas uno unos ya y
"""

_FRENCH = """
a afin ai au aussi autre aux avec avait avant c ce ces cet cette ceux chez ci comme comment d dans de des donc dont du
elle elles en encore entre est et eu eux fait il ils j je jusque l la le les leur leurs lui là ma mais me même mes moi
mon n ne ni nos notre nous on ont ou où par pas pendant peu peut plus pour pourquoi qu quand que quel quelle quelles
quels qui quoi s sa sans se ses si son sont sous sur ta te tes toi ton tous tout toute toutes très tu un une vers vos
votre vous y à été être combien était étaient
"""

_PORTUGUESE = """
a ao aos as com como da das de do dos e ela elas ele eles em entre era eram essa esse esta este eu foi foram há isso
isto já mais mas me mesmo muito na nas nem no nos nossa nosso não o os ou para pela pelas pelo pelos por porque qual
quais quando quanto quantos que quem onde se sem ser seu seus sua suas são só também tem têm um uma você é à às está
"""

_GERMAN = """
aber als am an auch auf aus bei bin bis bist da damit das dass dem den denn der des die dies diese diesem diesen dieser
dieses doch du durch ein eine einem einen einer eines er es für hat hatte ich ihr im in ist ja kann können man mehr mit
nach nicht noch nur ob oder ohne sehr sein seine sich sie sind so über um und uns unter vom von vor war waren warum was
weil welche welcher welches wem wen wenn wer werden wie wieviel wird wo wurde wurden zu zum zur zwischen
"""

_ITALIAN = """
a ad ai al alla alle anche che chi ci come con cosa da dal dalla dei del della delle di dove e ed era erano essere fra
gli ha hanno i il in io la le lo loro ma mi ne nel nella noi non o per perché più qual quale quali quando quanti quanto
questa questo se si sia sono su sua sue sul sulla suo tra un una uno è
"""

_DUTCH = """
aan als bij dan dat de der deze die dit door een en er ge geen had heb hebben heeft het hoe hun ik in is je kan kunnen
maar met mijn na naar niet nog nu of om omdat onder ook op over te tot uit van veel voor waar waarom wanneer waren was
wat we welke werd wie wij wordt worden zij zijn zich zo zou hoeveel
"""

_TURKISH = """
acaba ama ancak bir biri bu bunlar bunu da daha de değil diye en gibi hangi hangisi hem hem her için ile ise kaç kadar
kim kimdir ki mi mı mu mü nasıl ne nedir neden nerede niçin niye o olan olarak oldu olduğu onun sonra şey şu tarafından
tüm var ve veya ya yoksa çok
"""

_INDONESIAN = """
ada adalah agar akan apa apakah atau bagaimana bahwa bagi berapa bisa dalam dan dapat dari dengan di hal harus ini itu
jika juga karena ke kepada kapan mana mengapa oleh pada saat sebagai sebuah secara seperti siapa sudah tentang tersebut
tetapi tidak untuk yang
"""

_RUSSIAN = """
а без бы был была были было быть в во вот все всех где да для до его ее если есть еще же за и из или им их к как какая
какие какой каково кем когда кого кто ли между мне может на над не него нее ни них но о об он она они от по под почему
при с сколько со так также там то только у уже чего чем что чтобы эта эти это этого этот я
"""

_ARABIC = """
ما ماذا من متى أين كيف كم هل لماذا أي أية الذي التي الذين في على إلى عن مع بين هو هي هم كان كانت يكون تكون هذا هذه
ذلك تلك قد لقد لم لن لا أن إن كل بعد قبل عند حيث أو ثم التى اى او ان الى و ف ب ل
"""

STOP_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": _ENGLISH,
        "sw": _SWAHILI,
        "es": _SPANISH,
        "fr": _FRENCH,
        "pt": _PORTUGUESE,
        "de": _GERMAN,
        "it": _ITALIAN,
        "nl": _DUTCH,
        "tr": _TURKISH,
        "id": _INDONESIAN,
        "ru": _RUSSIAN,
        "ar": _ARABIC,
    }.items()
}
