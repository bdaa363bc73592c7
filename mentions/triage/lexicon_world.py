"""Tone words of the languages beside English, written for this project.

A word that ends in * stands for all that begin so, _ joins the words of a term; case and accents do not
matter. Weights run from -3 to 3 as in the English lexicon. Chinese and Japanese are looked for inside the
text, since nothing separates their words.
"""

from typing import Final

from mentions.triage.reading import listed

# language -> weight -> words
WORDS: Final[dict[str, dict[float, str]]] = {
    "es": {
        -2.8: (
            "odio odi* asco asquer* pesim* horribl* terribl* vergüenza verguenza espantos* desastr* basura mierda "
            "estafa* ladron* robo robar* robando robaron inutil* inaceptable* lamentabl* nefast* ineptos inepto "
            "incompetent* maldit* asesin* matar* muert* muerte guerra terror* corrupt* put* joder cabron* idiot* "
            "imbecil* estupid* patetic*"
        ),
        -1.8: (
            "mal mala malo malas malos peor peores triste* tristeza llor* llorando dolor duele* enfad* enoj* molest* "
            "rabia coraje harto harta hartos cansad* decepcion* frustr* fatal problema* queja* reclam* fall* error* "
            "errores rechaz* bloquead* caid* cae cay* cobraron cobro robad* perd* pierd* perdi enferm* miedo preocup* "
            "lento lenta demora* retras* espera esperando nadie nunca imposible dificil* injust* mentir* mentira* "
            "mentiros* fraude* falso falsa crisis sufr* pena culpa castig* feo fea aburrid* abur* soledad deprim* "
            "ansiedad estres* grave* grit* violen* golpe* protest* amenaz* fracas* critica* ridicul* tonto tonta"
        ),
        -1.0: (
            "no_funciona tarde falta faltan tampoco pobre* raro rara deuda* caro cara comision* urgente extrañ* "
            "extran* frio duda*"
        ),
        2.8: (
            "encanta* encanto amo amor adoro excelent* maravill* increibl* genial* perfect* espectacular* magnific* "
            "fantastic* felicidad feliz felices felicidades felicit* mejor mejores hermos* precios* bellisim* fabulos* "
            "estupend* brutal*"
        ),
        1.8: (
            "bueno buena buenos buenas buen bien bonit* lind* guap* gracias agradec* alegr* content* divert* rico rica "
            "ricos amable* rapido rapida rapidos facil* util* ganar* gana gano ganamos ganó exito* orgull* recomend* "
            "disfrut* gust* ilusion* sonris* sonrie* besos beso abrazo* querid* quiero te_quiero suerte fiesta* "
            "celebr* amig* interesant* cariño carino dulce* tranquil* resuelt* solucion* jaja* jeje* viva bravo "
            "bendici* bendig* emocion* emocionad* esperanza libertad"
        ),
        0.8: ("ojala claro listo nuevo nueva gran grande* mejora* ayuda apoyo hoy_es vacacion* risa* paz sueño sueno"),
    },
    "fr": {
        -2.8: (
            "deteste* haine horribl* honte* honteu* scandal* arnaque* voleur* nul nuls nulle nulles pire pires "
            "catastroph* degueu* merde merd* connard* con cons conne* salaud* pute* putain pourri* inadmissibl* "
            "inaccept* incompetent* lamentabl* minable* mort morts tuer* tue tues meurtr* guerre terror* attentat* "
            "viol violence* crime* criminel* fasci* racis* corrup* idiot* stupid* debile*"
        ),
        -1.8: (
            "mal mauvais* triste* tristesse pleur* douleur* peur* colere enerv* deçu* decu* deception deception* marre "
            "ras_le_bol probleme* panne* bug* erreur* refus* bloqu* rejet* retard* lent lente attente attend* "
            "impossible difficile* perd* perdu* malade* fatigu* fatigue ennuy* chiant* chiante inutile* faux fausse* "
            "mensong* menteu* mente* menac* crise* chomage echec* echou* injust* danger* grave* plainte* reclam* "
            "fraud* pirat* vole vol voles souffr* malheur* malheureu* critiqu* accus* condamn* polem* detruire "
            "detruit* massacre* pollution pollu* moche* laid* ridicul* bizarre manque* degout* galere* relou saoul* "
            "soule*"
        ),
        -1.0: (
            "jamais rien personne cher chers chere plus_jamais sans froid pluie dommage doute* inqui* frais pauvre* "
            "dette* tard"
        ),
        2.8: (
            "adore* j'adore magnifiqu* excellent* parfait* genial* geniale* super incroyabl* merveill* extraordinair* "
            "superb* formidabl* fantastiqu* amour meilleur* felicit* bravo heureu* bonheur sublim* top splendid* "
            "trop_bien"
        ),
        1.8: (
            "bon bonne bons bonnes bien beau belle beaux belles joli* merci* content* plaisir* sympa* aimable* gentil* "
            "rapide* facile* utile* gagn* victoire* succes reuss* fier fiere fiers recommand* aime* j'aime kiff* rire* "
            "rigol* sourir* sourire* drole* mdr lol haha* ptdr bisou* calin* cool chouette* doux douce delicieu* "
            "bienvenu* chance* fete* espoir espere* liberte paix passion* interessant* resolu* efficac* agreabl* hate "
            "impatien* enfin youpi reves rêve reve"
        ),
        0.8: ("nouveau nouvelle vacance* soleil ensemble gratuit* aide* soutien* amis ami amie mieux anniversaire"),
    },
    "de": {
        -2.8: (
            "hass* hasse* schrecklich* furchtbar* grauenhaft* scheiß* scheiss* scheisse kacke dreck* mist* betrug* "
            "betrüg* betrug abzock* frechheit unverschämt* unverschamt* katastroph* schlimmst* ekel* eklig* widerlich* "
            "arschl* arsch* idiot* dumm* bescheuert* unfähig* unfahig* tot tote toten tod mord* töt* totet krieg* "
            "terror* nazi* rassis* vergewaltig* schande* peinlich* inakzeptabel* miserab*"
        ),
        -1.8: (
            "schlecht* schlimm* traurig* wein* heul* schmerz* angst wut wütend* wutend* sauer genervt* nervt nervig* "
            "nerv* enttäusch* enttausch* ärger* arger* aerger* problem* fehler* störung* storung* gestört* gestort* "
            "kaputt* abgelehnt* gesperrt* blockiert* langsam* wart* verloren verlier* verlor* krank* müde mude "
            "langweil* unmöglich* unmoglich* leider schuld* lüge* luge* lügner* gelogen falsch* krise* versag* gefähr* "
            "gefahr* kritik* drohen* droht* bedroh* gestohlen* geklaut* beschwer* unfair* ungerecht* hässlich* "
            "hasslich* doof* blöd* blod* fail* verzweif* stress* anstreng* mies* ohnmächt* verletz* opfer* streit* "
            "protest* skandal* chaos stau"
        ),
        -1.0: (
            "nie niemand kein_ teuer* gebühr* gebuhr* zu_spät kalt regen schade komisch* seltsam* ohne schwer* "
            "schwierig* montag"
        ),
        2.8: (
            "liebe* lieb lieben geliebt* großartig* grossartig* ausgezeichnet* perfekt* wunderbar* wunderschön* "
            "wunderschon* fantastisch* genial* hervorragend* super spitze klasse toll* best* mega geil* hammer "
            "traumhaft* begeister* herrlich* glücklich* glucklich* glück* gluck* awesome"
        ),
        1.8: (
            "gut gute guten guter gutes sehr_schön wie_schön hübsch* danke* dank bedank* freu* freude* freundlich* "
            "nett* schnell* einfach_gut hilfreich* gewinn* gewonnen sieg* erfolg* stolz* empfehl* spaß* spass* lach* "
            "lustig* witzig* haha* hehe* lol süß* suss* süss* lecker* cool* prima zufrieden* hoff* willkommen genieß* "
            "geniess* interessant* spannend* gelungen* endlich jubel* yeah yay party feier* gratul* glückwunsch* "
            "knuddel* kuss umarm* geschafft* entspann* gefällt* gefallt* mag bestanden"
        ),
        0.8: (
            "neu neue neuen urlaub ferien sonne sonnig* wochenende gratis kostenlos* freiheit frieden geburtstag* "
            "besser freunde"
        ),
    },
    "pt": {
        -2.8: (
            "odei* odio nojo nojent* horrivel horriveis terrivel pessim* vergonha* desgraç* desgrac* merda porra "
            "caralho lixo golpe* golpista* ladra* ladrao ladroes roub* inutil inaceitav* lamentav* incompetent* "
            "idiota* burro burra estupid* imbecil* ridicul* morte* morr* mort* matar* assassin* guerra corrupt* "
            "corrup* puta* foda-se fdp maldit* desastr* ruim ruins"
        ),
        -1.8: (
            "mal mau ma maus pior* triste* tristeza chor* dor dores raiva chatead* chato chata chatic* irrit* "
            "decepcion* frustr* cansad* cansei problema* erro erros falha* falh* caiu fora_do_ar recus* negad* bloque* "
            "demora* demor* atras* espera esperando lento lenta impossivel dificil dificeis perd* doente* medo "
            "preocup* saudade* fraude* clonar* clonad* mentir* mentiros* injust* reclam* sofr* solidao depre* culpa "
            "feio feia ruim* crise* violen* ameac* protest* critica* absurd* palhaç* palhac* tedio enjo* azar ferrad* "
            "fudid* odiei pqp vsf aff"
        ),
        -1.0: (
            "nunca ninguem nada caro cara tarifa* taxa* tarde falta sem_ frio chuva pena duvida* sono fome pobre* "
            "estranh* segunda"
        ),
        2.8: (
            "amo amei amor amando adoro adorei adoravel excelent* maravilh* incrivel incriveis perfeit* otimo otima "
            "otimos otimas sensacional* espetacular* fantastic* feliz felizes felicidade parabens melhor* linda lindo "
            "lindos lindas lindao lindeza genial show top demais_bom"
        ),
        1.8: (
            "bom boa bons boas bem bonit* obrigad* grat* gratidao alegr* content* divertid* diverti* legal gostos* "
            "gost* curti* curto rapido rapida facil facei* util ganh* vitoria* venc* sucesso* orgulh* recomend* sorri* "
            "sorriso* kkk* haha* rsrs* hehe* beijo* bjs bj abraç* abrac* querid* fofo fofa fofos sorte festa* comemor* "
            "amig* interessant* resolv* resolvid* eficient* arras* deus ansios* delicia* esperanç* esperanc* paz"
        ),
        0.8: ("ferias sexta nov* grande sonho* sonhar* apoi* ajud* viva abencoad* bencao musica"),
    },
    "it": {
        -2.8: (
            "odio odi* schifo schif* orribil* orrend* terribil* pessim* vergogn* vergogna merda cazzo stronz* "
            "vaffanculo truff* ladr* rubat* rubano rubare inutil* inaccettabil* incompetent* idiot* stupid* imbecill* "
            "cretin* ridicol* mort* morire morto uccis* uccid* guerra terror* corrott* corruz* disastr* fallit* "
            "fallimento puttan* coglion* infam* maledett* peggior* assassin*"
        ),
        -1.8: (
            "male peggio brutt* cattiv* triste* tristezza piang* pianto dolor* paura rabbia arrabbiat* incazz* delus* "
            "delusion* frustr* stanc* stufo stufa problem* error* guast* rifiutat* bloccat* blocc* ritard* lent* "
            "attes* aspettand* impossibil* difficil* perd* perso persa malat* frode* bugi* bugiard* ingiust* reclam* "
            "lament* soffr* crisi colp* tass* debit* spread disoccup* protest* sciopero* minacc* accus* condann* "
            "scandal* vergog* violen* noia noios* annoi* ansia stress* purtroppo povero povera poveri fatic* cad* "
            "crollo sprec* follia pazz* dimission* dimett* austerity rigore tagli"
        ),
        -1.0: (
            "mai nessuno niente caro cara commission* tardi manca mancan* freddo pioggia peccato dubbi* lunedi senza "
            "sonno governo politici"
        ),
        2.8: (
            "amo amore adoro ador* eccellent* meravigli* incredibil* perfett* ottim* fantastic* stupend* splendid* "
            "favolos* magnific* felic* felicita miglior* bellissim* auguri complimenti congratul* bravissim* geniale "
            "genial* spettacol* super top"
        ),
        1.8: (
            "buon buona buono buoni buone bene bello bella belli belle bell* grazie ringrazi* contento contenta "
            "contenti divert* rapid* veloc* facil* util* vinc* vittoria vint* success* orgoglios* consigli* piac* "
            "sorris* sorrid* haha* ahah* bacio baci abbracci* car* dolc* fortun* festa fest* amic* interessant* "
            "risolt* gentil* simpatic* brav* figo figa evviva viva speranz* sperare spero emozion* gioia delizios* "
            "sogno sogni goal"
        ),
        0.8: ("nuov* grand* aiut* vacanz* estate weekend liberta pace mare sole ridere rido"),
    },
    "tl": {
        -2.8: (
            "putangina tangina punyeta leche bwisit buwisit gago tanga bobo ulol scam scammer* magnanakaw ninakaw "
            "nanakaw pangit* walang_kwenta kurakot nakakadiri kadiri peste galit_na_galit inutil pahirap"
        ),
        -1.8: (
            "galit nakakagalit nakakainis inis naiinis naiinis* asar nakakaasar malungkot lungkot nakakalungkot iyak "
            "naiyak umiyak masakit sakit takot natatakot problema* problem error* declined ayaw mali hirap mahirap "
            "mabagal bagal matagal tagal antagal ang_tagal hindi_gumagana sira nasira nawala nawawala nawalan "
            "nakaltasan kinaltasan binawas kaltas utang delay* down pagod nakakapagod sayang reklamo disappointed "
            "disappoint* stress* nakakastress hay naku haynako hays grabe_naman bulok palpak nalocked naka-lock lugi "
            "dismaya nadismaya nakakadismaya hassle abala naabala perwisyo naperwisyo"
        ),
        -1.0: ("wala walang bakit paasa kulang ano_ba hirap"),
        2.8: (
            "mahal_kita galing ang_galing napakagaling magaling napakaganda ganda maganda saya ang_saya masaya "
            "napakasaya astig lodi petmalu the_best love mahal"
        ),
        1.8: (
            "salamat maraming_salamat thank thanks tnx ty ok okay ayos mabuti mabait bait mabilis bilis ang_bilis "
            "madali tulong natulungan nakatulong natuwa tuwa nakakatuwa sulit panalo nanalo good great nice happy "
            "gusto convenient buti haha* hehe* wow sana_all swerte ingat congrats yey yehey approved"
        ),
        0.8: ("sana pogi pasalamat"),
    },
    "ar": {
        -2.8: (
            "كره اكره حقير* حقد وسخ زباله قذر* سيء سيئ سيئه اسوا اسوء فاشل* فشل نصب نصاب* حرامي* سرق* سرقه كذب كذاب* "
            "خيانه قتل يقتل مقتل قتلى ارهاب* جريمه مجزره الموت موت وفاه توفي شهيد شهداء حرب لعن* العنه غبي* اغبياء "
            "مقرف قرف عار فضيحه دماء دم انفجار تفجير كارثه"
        ),
        -1.8: (
            "حزن حزين* حزينه زعل* زعلان بكي* بكاء ابكي دموع الم وجع تعب تعبان* مرض مريض خوف خايف غضب غاضب مشكله مشاكل "
            "خطا اخطاء عطل معطل مرفوض* رفض* متوقف بطيء تاخر* تاخير انتظار ظلم ظالم مظلوم فساد فاسد* خسر* خساره ضعيف "
            "ازمه للاسف مستحيل صعب صعبه ملل زفت طفش قهر مقهور ضياع ندم جرح فراق وحيد وحده اسف محتال احتيال هجوم اعتقال "
            "سجن خطير خطر تهديد ضحايا ضحيه كئيب كابه سلبي مؤسف موسف"
        ),
        -1.0: ("لماذا ليش ابدا غالي رسوم بدون نقص فقر شكوى"),
        2.8: (
            "احب احبك حب الحب حبيبي حبيبتي رائع* رايع* روعه ممتاز* جميل* الجمال اجمل افضل احسن عظيم مذهل سعيد* سعاده "
            "السعاده فرح* الفرح مبروك مبارك* تهانينا ابداع مبدع* عشق اعشق خرافي فخور* فخر كفو بطل ابطال"
        ),
        1.8: (
            "شكرا شكر مشكور* مشكورين يعطيك العافيه طيب طيبه خير الخير حلو* حلوه لطيف سريع سهل مفيد نجاح ناجح* فوز فاز "
            "يفوز هههه* ضحك ابتسام* ابتسامه امل الامل تفاول سلام السلام الحمدلله الحمد بركه نعمه جنه الجنه ورد "
            "صباح_الخير مساء_الخير صديق اصدقاء هديه عيد اتمنى بالتوفيق توفيق موفق راقي تحيه ايجابي يارب"
        ),
        0.8: ("جديد مجاني دعم ايمان قلب قلبي نور قمر"),
    },
    "zh": {
        -2.5: (
            "垃圾 骗子 骗钱 诈骗 盗刷 被盗 恶心 太差 差劲 最差 可恶 混蛋 坑人 坑爹 无耻 愤怒 气死 讨厌 恨 崩溃 倒闭 "
            "白痴 糟糕 糟透 去死 騙子 詐騙 盜刷 被盜 噁心 憤怒 氣死 討厭"
        ),
        -1.5: (
            "失望 失败 故障 错误 出错 被拒 拒绝 无法 不能 登不上 登录不了 打不开 不到账 没到账 没收到 扣款 多扣 冻结 "
            "锁 慢 等了 投诉 问题 麻烦 难过 伤心 哭 烦 生气 担心 害怕 可怜 痛 病 死 烂 坑 卡住 闪退 不好 不行 不满 "
            "倒霉 失敗 錯誤 拒絕 無法 凍結 鎖 慢死 問題 麻煩 難過 傷心 煩 生氣 擔心 爛"
        ),
        -0.8: ("为什么 怎么回事 没人 还没 贵 為什麼 怎麼回事 沒人"),
        2.5: (
            "太棒 很棒 最好 超好 喜欢 爱 完美 优秀 厉害 赞 感动 幸福 开心 快乐 高兴 喜歡 愛 優秀 厲害 讚 感動 開心 "
            "快樂 高興 給力 给力"
        ),
        1.5: (
            "谢谢 感谢 多谢 不错 很好 好用 方便 满意 推荐 顺利 解决了 快速 很快 支持 恭喜 祝贺 可爱 哈哈 美 加油 靠谱 "
            "贴心 耐心 謝謝 感謝 不錯 滿意 推薦 順利 解決了 可愛 點贊"
        ),
    },
    "ja": {
        -2.5: (
            "最悪 詐欺 ふざけるな ひどい 酷い 許せない クソ くそ 死ね 嫌い 大嫌い 腹立つ 怒り 不正利用 盗まれ 最低 "
            "ゴミ ムカつく むかつく 二度と うざい キモい"
        ),
        -1.5: (
            "できない できません 使えない 使えません つながらない 繋がらない エラー 障害 不具合 止められ 拒否 ロック "
            "届かない 届いていない 遅い 遅すぎ 待たされ 困っ 困る 不安 心配 残念 がっかり 悲しい つらい 辛い 痛い 怖い "
            "疲れ 面倒 高すぎ 手数料 引かれ 二重 ログインできない 開けない 開かない 落ちる 落ちた 不便 不満 問題 ダメ "
            "だめ 無理 泣 悔しい まだ来ない まだか"
        ),
        -0.8: ("なぜ どうして なんで いつまで"),
        2.5: (
            "最高 大好き 素晴らしい すばらしい 神対応 完璧 感動 嬉しい うれしい 楽しい 幸せ 好き 愛し 素敵 すごい 凄い"
        ),
        1.5: (
            "ありがとう 感謝 助かり 助かっ 便利 使いやすい 良い 良かった よかった いいね おめでとう 丁寧 親切 早い "
            "速い おすすめ 満足 安心 かわいい 可愛い 面白い おいしい 美味しい 笑 頑張 楽しみ 解決"
        ),
    },
}

NEGATORS: Final[dict[str, frozenset[str]]] = {
    "es": listed("no ni nunca jamas sin tampoco nada ningun ninguna"),
    "fr": listed("pas ne n jamais rien aucun aucune sans ni plus"),
    "de": listed("nicht kein keine keinen keiner keinem nie niemals ohne weder nix nichts"),
    "pt": listed("nao n nem nunca jamais sem nenhum nenhuma"),
    "it": listed("non ne mai senza nessun nessuna neanche nemmeno"),
    "tl": listed("hindi di wala walang huwag wag ayaw"),
    "ar": listed("لا لم لن ليس ليست ما مو مش غير بدون ولا مافي"),
    "zh": listed("不 没 沒 別 别 未"),
    "ja": listed(""),
}

BOOSTERS: Final = listed(
    "muy tan super mucho mucha demasiado bastante tres trop tellement vraiment si sehr so echt total voll richtig "
    "muito tao demais bem molto tanto troppo davvero cosi sobrang napaka ang grabe talaga جدا كثير مره"
)
