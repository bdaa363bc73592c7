"""Words that mean the same to a bank, in every language of its customers.

`_` joins the words of one term and `*` stands for any ending; case and accents do not matter. Words that
mean something else in another of the languages stay out, or stand with their neighbours.
"""

from typing import Final

CONCEPTS: Final[dict[str, str]] = {
    "CARD": (
        "card cards debit visa mastercard amex contactless tarjeta tarjetas tarjetita plastico carte carte_bleue cb "
        "karte karten bankkarte girokarte ec-karte kreditkarte* debitkarte cartao cartoes carta bancomat "
        "carta_di_credito carta_di_debito kard карта карту карты картой картe thẻ_của thẻ_bị thẻ_tôi thẻ_atm "
        "thẻ_tín_dụng कार्ड بطاقه بطاقتي 卡 信用卡 银行卡 カード 카드 card's tarjeta_de kartenzahlung kreditkarte "
        "माई_कार्ड"
    ),
    "DECLINED": (
        "declin* reject* refused denied bounced not_accepted did_not_go_through didn't_go_through won't_go_through "
        "rechaz* denegad* declina* no_pasa no_paso no_pasó negada no_funciona ne_passe_pas ne_passe_plus refuse "
        "refusee refuser rejete* abgelehnt ablehn* nicht_akzeptiert geht_nicht recusad* recusou nao_passa não_passou "
        "nao_passou negado rifiutat* non_funziona non_passa na_decline nadecline* ayaw_gumana ayaw_tanggapin "
        "hindi_tinanggap отклон* не_прошла не_работает отказ* bị_từ_chối không_được अस्वीकार डिक्लाइन decline_हो "
        "رفضت مرفوض* رفض لا_تعمل 被拒 拒绝 刷不了 不能用 刷不出 使えない 使えなかった 使えません 拒否 断られ 거절 "
        "안_되 안돼 안되 rejected rejects declines declining rebotó reboto refusée refusés refusent refuse_ma "
        "zurückgewiesen negou negaram negato rifiuta declined_na na-declined na-reject hindi_gumana ayaw_pumasok "
        "не_проходит не_прошел отклонил* từ_chối không_quẹt रिजेक्ट नहीं_चला नहीं_चल مرفوضه موقوفه توقفت لم_تقبل "
        "被锁 锁了 止められ 止まった 안_돼요 안돼요 안_됩"
    ),
    "LOST": (
        "lost stolen misplaced dropped swallowed missing perdi perdí perdio perdió robaron robada extravi* perdue "
        "vole volee verloren gestohlen geklaut perdi roubar* roubad* perso persa rubat* nawala nawawala ninakaw "
        "потерял* украл* укради bị_mất खो_गया चोरी ضاع ضاعت سرقت مسروق* 丢了 丢失 被偷 遗失 無くした なくした 盗まれ "
        "紛失 분실 잃어버 losing lose stole steals robaron_el robaron_la robó robo volé volée volés stahl klaut "
        "gestohlene levaram perder nawala_ang nanakaw nawalan perdu lost_or_stolen"
    ),
    "WALLET": (
        "wallet purse handbag cartera billetera monedero portefeuille brieftasche geldbeutel portemonnaie carteira "
        "portafoglio pitaka кошелек ví_tiền محفظه 钱包 財布 지갑"
    ),
    "BLOCK": (
        "block freeze cancel deactivate lock bloque* congelar anular bloquer* opposition sperren gesperrt* bloquear "
        "bloccare i-block ipablock заблокир* khóa_thẻ ब्लॉक حظر ايقاف 挂失 冻结 停卡 止めて 停止 정지"
    ),
    "APP": (
        "app apps application website site web_site portal online_banking mobile_banking internet_banking ibanking "
        "ebanking aplicacion aplicación banca_en_linea banca_en_línea banca_movil pagina sitio appli l'appli "
        "applicat* onlinebanking banking-app internetbanking aplicativo site internet_banking приложен* сайт "
        "онлайн-банк ứng_dụng ऐप एप تطبيق التطبيق موقع 手机银行 网银 软件 手机app アプリ サイト ネットバンキング 앱 "
        "어플 사이트 app's online-banking netbanking mobile_app banking_app app_store mobile_na la_app l_app app_do "
        "app_ng 应用程序 应用"
    ),
    "SYSTEM": (
        "system systems servers server service services sistema systeme système système* система hệ_thống सिस्टम "
        "نظام 系统 システム 시스템"
    ),
    "DOWN": (
        "down offline outage crash crashes crashed crashing unavailable not_working doesn't_work doesnt_work "
        "isn't_working isnt_working not_loading won't_load wont_load won't_open wont_open frozen freezes glitch "
        "glitches glitching glitchy buggy broken error errors spinning caida caída caido caído se_cayo se_cayó "
        "no_funciona no_abre no_carga no_sirve falla fallando fallo en_panne panne plante bug bugs ne_marche_pas "
        "ne_marche_plus ne_fonctionne_pas ne_fonctionne_plus inaccessible störung storung gestört ausgefallen "
        "abgestürzt stürzt_ab funktioniert_nicht geht_nicht lädt_nicht caiu fora_do_ar nao_abre não_abre "
        "nao_funciona não_funciona nao_carrega travando travou non_funziona non_si_apre non_va bloccata in_tilt "
        "ayaw_gumana ayaw_bumukas hindi_gumagana di_gumagana nagloloko ayaw_mag-load nag-crash nagcrash не_работает "
        "не_открывается упал* сбой вылетает bị_lỗi không_vào_được không_mở_được sập बंद काम_नहीं नहीं_खुल نزل معطل* "
        "لا_يعمل لا_يفتح متوقف* 崩溃 打不开 闪退 挂了 故障 瘫痪 用不了 落ちて 落ちた 開かない 開けない 障害 エラー "
        "繋がらない つながらない 動かない 안_열 안열 먹통 장애 오류 접속이_안 튕 isn't_loading is_down went_down "
        "goes_down stopped_working se_cierra se_traba no_entra no_puedo_entrar nagla-log_out nagsasara down_na "
        "hindi_mabuksan di_mabuksan stürzt abstürzt stürzen s'arrête se_ferme travado travada saiu_do_ar cai "
        "se_chiude non_carica 崩溃了 就挂 落ちる 落ちます 落ちすぎ 안_열려 안열려 не_грузит"
    ),
    "LOGIN": (
        "login log_in logging_in log_on logon sign_in signing_in sign_on password passwords passcode username "
        "fingerprint face_id touch_id otp authenticator iniciar_sesion iniciar_sesión contraseña contrasena clave "
        "entrar_a_mi entrar_en_mi acceder huella connecter connexion mot_de_passe identifiant* anmelden einloggen "
        "anmeldung kennwort passwort entrar_na entrar_no senha acessar acceder* accesso accedere password mag-login "
        "mag_login makapag-login makalogin maka-login makapasok войти вход пароль đăng_nhập mật_khẩu लॉगिन पासवर्ड "
        "تسجيل_الدخول الدخول كلمه_المرور 登录 登陆 登不上 登录不了 密码 验证码 ログイン パスワード 로그인 비밀번호 "
        "logging log_me sesion sesión ingresar se_connecter me_connecter mich_anmelden entrar entro entrare "
        "fazer_login accedo naka-lock pumasok 登入 登录不"
    ),
    "CANNOT": (
        "can't cannot cant can_not couldn't couldnt won't wont unable locked locked_out blocked fails failed failing "
        "forgot wrong incorrect expired reset no_puedo no_me_deja no_podemos imposible bloquead* bloqueo olvide "
        "olvidé je_ne_peux je_peux_pas impossible bloque bloqué* n'arrive_pas kann_nicht kann_mich_nicht nicht "
        "gesperrt vergessen nao_consigo não_consigo nao_posso bloquead* esqueci non_riesco non_posso bloccat* "
        "hindi_ako di_ako di_makapasok hindi_makapasok hindi_maka nalock na-lock nakalimutan не_могу заблокир* "
        "забыл* không_thể không_được नहीं_हो नहीं_कर लॉक لا_استطيع لا_اقدر ما_اقدر مش_قادر محظور مقفل 不了 不上 无法 "
        "不能 被锁 忘记 できない できません ロック 忘れ 안_돼 안돼 안_되 잠겼 못 impossibile prohibido keep_getting "
        "ne_peux ne_peut n'arrive como_faccio come_faccio không_vào कैसे keep_getting_locked unable_to wouldn't "
        "won't_let"
    ),
    "TRANSFER": (
        "transfer transfers transferred wire wires wired zelle direct_debit standing_order remittance payment "
        "payments transferencia transferencias envio envío pago virement virements prelevement überweisung* "
        "ueberweisung* lastschrift transferência* pix bonifico bonifici padala nagpadala ipinadala pagpapadala "
        "padalahan remit* перевод* платеж* chuyển_khoản chuyển_tiền ट्रांसफर भुगतान حواله تحويل التحويل حولت 转账 "
        "汇款 转帐 付款 送金 振込 振り込み 송금 이체 ach_transfer"
    ),
    "MISSING": (
        "missing lost pending stuck vanished disappeared gone not_arrived hasn't_arrived hasnt_arrived never_arrived "
        "not_received never_received didn't_receive haven't_received hasn't_shown not_showing not_there not_credited "
        "not_gone_through still_waiting where where's no_llega no_ha_llegado no_llego no_llegó no_aparece perdida "
        "perdió pendiente donde_esta dónde_está disparu n'est_pas_arrive pas_arrive pas_recu jamais_recu "
        "toujours_pas en_attente nicht_angekommen nicht_da verschwunden fehlt seit_tagen nao_chegou não_chegou "
        "nao_caiu não_caiu sumiu pendente cadê non_arrivato non_e_arrivato non_è_arrivato sparito mai_arrivato "
        "wala_pa wala_pa_rin hindi_pumasok di_pumasok hindi_dumating hindi_pa_dumating hindi_pa nawala naka-pending "
        "не_пришл* не_дош* пропал* завис* chưa_nhận_được chưa_tới chưa_vào नहीं_आया नहीं_पहुंचा अटक لم_تصل لم_يصل "
        "ما_وصل* اختفت 没到账 未到账 没到 没收到 还没 不见了 到账 着金 届かない 届いていない 反映されない まだ来ない "
        "消えた 안_왔 안왔 안_들어 안들어 사라 en_proceso en_revision en_revisión under_review sigue_en no_llegan "
        "kein_geld immer_noch_nicht nada_de_chegar não_chega non_arriva non_ancora wala_pa_po walang_dumating "
        "не_приходит chưa_đến अभी_तक 还没到 まだ 아직"
    ),
    "MONEY": (
        "money funds cash balance dinero plata saldo argent solde geld kontostand dinheiro soldi denaro pera деньги "
        "деньг* tiền पैसा पैसे فلوس مال اموال 钱 余额 お金 残高 돈 잔액"
    ),
    "DEPOSIT": (
        "deposit deposits deposited paycheck paychecks payroll salary wages check cheque cheques checks deposito "
        "depósito nomina nómina sueldo cheque salaire depot gehalt einzahlung scheck salario salário stipendio "
        "versamento assegno sweldo sahod tseke зарплат* lương वेतन सैलरी راتب ايداع 工资 存款 支票 給料 給与 入金 "
        "월급 급여 입금"
    ),
    "HOLD": (
        "hold holds held on_hold pending delayed late missing retenido retenida retenue bloqué* einbehalten "
        "bloqueado trattenut* naka-hold nakahold delayed задерж* bị_giữ रोक محجوز معلق 冻结 扣留 保留 보류"
    ),
    "FEE": (
        "fee fees surcharge overdraft overdrawn nsf comision comisión comisiones frais agios gebühr* gebuehr* "
        "kontoführungs* überziehung* tarifa* taxa taxas commissione commissioni costo costi bayad_na singil kaltas "
        "комисси* плат* phí_dịch phí_chuyển phí_rút mất_phí thu_phí शुल्क चार्ज رسوم عموله 手续费 收费 年费 手数料 "
        "수수료 sobregiro mantenimiento de_mantenimiento tenue_de_compte découvert decouvert dispo überziehung "
        "kontoführung cheque_especial anuidade manutenção canone maintenance_fee 透支费 管理费 账户管理费 透支 "
        "残高不足手数料 commission_de commissions_de commission_sur comisión_de allo_scoperto uno_scoperto "
        "di_scoperto"
    ),
    "UNFAIR": (
        "why charged charging overcharged hidden outrageous ridiculous unfair twice again refund waive hike raised "
        "increase robbery ripoff por_que porque cobraron cobran cobrarme dos_veces devolver reembolso pourquoi "
        "remboursez rembours* deux_fois abus* scandal* warum zweimal erstatt* abzock* porque cobraram cobrando "
        "duas_vezes estorno perché perche addebitat* due_volte rimborso bakit kinaltasan binawasan ibalik почему "
        "списал* верни* tại_sao bị_trừ क्यों काट ليش لماذا خصم* 为什么 扣了 多扣 退 なぜ 取られ 引かれ 二重 왜 빠져 "
        "환불"
    ),
    "RATE": (
        "rate rates apr apy interest savings_rate tasa tasas interes interés intereses taux interet zins* zinssatz "
        "juros taxa_de_juros rendimento tasso tassi interessi interes_rate interest_rate ставк* процент* lãi_suất "
        "ब्याज فائده فوائد 利率 利息 金利 利率 금리 이자"
    ),
    "SAVINGS": (
        "savings saving cd cds certificate money_market high_yield ahorro ahorros epargne livret sparen sparkonto "
        "tagesgeld festgeld poupança poupanca risparmio ipon savings вклад* tiết_kiệm बचत توفير 储蓄 存款 定期 預金 "
        "貯金 적금 예금"
    ),
    "FRAUD": (
        "fraud fraudulent unauthorized unauthorised hacked hacker hackers scam scammed scammer identity_theft "
        "stolen_identity fraude fraudulent* estafa estafaron hackear* hackeada no_reconozco desconocid* arnaque* "
        "escroqu* betrug betrüger* gehackt unbekannte* nicht_autorisiert golpe clonad* clonaram clonou nao_reconheço "
        "não_reconheço truffa truffat* frode non_riconosco non_autorizzat* na-scam nascam nahack na-hack manloloko "
        "niloko мошен* взлом* украли lừa_đảo bị_hack धोखा फ्रॉड احتيال نصب اختراق 盗刷 被盗 诈骗 骗 被骗 不正利用 "
        "不正 詐欺 身に覚えのない 사기 도용 해킹 sacando_dinero me_robaron_dinero vaciaron débit_frauduleux "
        "abgeräumt foi_clonado rubato_i_soldi nauto na-budol budol naloko piraté piratée pirater piratage"
    ),
    "CHARGE": (
        "charge charges charged transaction transactions purchase withdrawal withdrawals cargo cargos compra "
        "transaccion transacción movimiento movimientos achat debit prelevement transaction abbuchung* buchung "
        "transação transacao compra saque addebito transazione transaksyon списан* операци* giao_dịch लेनदेन "
        "ट्रांजैक्शन عمليه سحب 交易 消费 扣款 取引 請求 引き落とし 결제 거래 payment payments pago paiement zahlung "
        "pagamento"
    ),
    "NOT_MINE": (
        "didn't_make did_not_make don't_recognize don't_recognise do_not_recognize didn't_authorize "
        "did_not_authorize not_mine wasn't_me was_not_me not_me never_heard never_been don't_know i_never weird "
        "strange suspicious unknown unrecognized no_hice no_fui_yo no_es_mio no_es_mía pas_moi jamais_fait inconnu* "
        "suspect* nicht_von_mir kenne_ich_nicht nao_fiz não_fiz nao_fui_eu não_fui_eu non_ho_fatto mai_fatto "
        "sospett* hindi_ako_ang hindi_akin di_ko_ginawa не_я не_мой не_совершал* không_phải_tôi मैंने_नहीं لم_اقم "
        "مش_انا 不是我 没有消费 してない していない 覚えがない 안_했는데 하지_않은 recognizing recognising "
        "not_recognise unfamiliar uknown wasn't_done_by did_not_do didn't_do definitely_did_not never_made "
        "never_authorized by_someone_i no_idea_what unrecognised no_lo_reconozco"
    ),
    "PHISH": (
        "phishing smishing vishing spoof spoofed fake impersonat* imposter impostor suspicious sketchy falso falsa "
        "suplant* faux fausse hameconn* gefälscht* falsch* falso falsa golpe finto finta peke pekeng поддельн* "
        "фальшив* giả_mạo फर्जी नकली مزيف وهمي 假 钓鱼 冒充 偽 フィッシング なりすまし 사칭 피싱 가짜 suplantando "
        "haciéndose llamando_diciendo diciendo_que_son pide_el_codigo piden_el_codigo un_enlace es_de_ustedes "
        "de_ustedes est-ce_vous von_euch é_de_vocês siete_voi kayo_ba_ito"
    ),
    "MESSAGE": (
        "text texts sms email emails e-mail message messages link links call calls called caller website site qr "
        "letter account profile page correo correos mensaje mensajes llamada enlace mail courriel message appel lien "
        "nachricht anruf mail link mensagem ligação ligacao e-mail messaggio chiamata link tawag mensahe письм* "
        "звонок звонят сообщен* ссылк* tin_nhắn cuộc_gọi मैसेज कॉल लिंक رساله رسائل اتصال رابط 短信 电话 邮件 链接 "
        "メール 電話 リンク 문자 전화 링크"
    ),
    "DISPUTE": (
        "dispute disputed disputes disputing chargeback chargebacks reversal disputa disputar contracargo "
        "contestation contester reklamation reklamier* contestação contestacao contestar contestazione contestare "
        "i-dispute nagdispute оспор* чарджбэк khiếu_nại_giao_dịch विवाद اعتراض نزاع 争议 拒付 異議 チャージバック "
        "이의"
    ),
    "LENDING": (
        "mortgage mortgages refinance refinancing refi heloc escrow preapproval pre-approval preapproved "
        "pre-approved appraisal underwriting foreclosure loan loans auto_loan car_loan student_loan va_loan "
        "line_of_credit personal_loan hipoteca hipotecas prestamo préstamo prestamos préstamos pret prêt prets prêts "
        "hypotheque credit_immobilier emprunt hypothek* kredit baufinanzierung darlehen empréstimo* emprestimo* "
        "financiamento hipoteca mutuo mutui prestito prestiti finanziamento utang pautang loan ipoteка ипотек* "
        "кредит* vay_tiền khoản_vay thế_chấp ऋण लोन कर्ज قرض قروض رهن تمويل 贷款 房贷 车贷 按揭 ローン 住宅ローン "
        "대출 주택담보"
    ),
    "BRANCH": (
        "branch branches lobby teller tellers drive-thru drive_thru drive-through banker sucursal sucursales "
        "cajero_humano ventanilla agence agences guichet filiale filialen geschäftsstelle schalter agência agencia "
        "agências filiale filiali sportello sangay branch отделен* офис chi_nhánh शाखा ब्रांच فرع الفرع فروع 网点 "
        "分行 支行 柜台 支店 窓口 지점 창구"
    ),
    "ATM": (
        "atm atms cash_machine cashpoint cajero cajeros cajero_automatico distributeur dab geldautomat* bankomat "
        "caixa_eletrônico caixa_eletronico bancomat atm банкомат* máy_atm cây_atm एटीएم एटीएम صراف الصراف 取款机 "
        "自动取款机 ATM エーティーエム 현금인출기"
    ),
    "HOURS": (
        "hours open opens opening closed closes closing holiday saturday sunday weekend today horario horarios abren "
        "abierto abierta cierran cerrado cerrada sabado sábado domingo horaire* ouvert ouverte fermé* ferme samedi "
        "öffnungszeiten geöffnet geschlossen samstag horário horario aberta aberto abre fechada fechado fecha orari "
        "orario aperta aperto chiusa chiuso sabato bukas sarado oras_ng график открыт* закрыт* работает giờ_mở_cửa "
        "mở_cửa đóng_cửa समय खुला खुली बंद مواعيد دوام مفتوح مغلق 营业时间 几点 开门 关门 营业 営業時間 開いて "
        "閉まって 営業 영업시간 몇_시 문_열"
    ),
    "PHONE": (
        "phone call called calling line hotline hold support representative rep agent customer_service chat chatbot "
        "bot telefono teléfono llamo llamando linea línea atencion telephone service_client conseiller hotline "
        "telefon kundenservice kundendienst warteschleife telefone atendimento atendente linha telefono assistenza "
        "operatore tawag tumawag hotline linya телефон поддержк* оператор* tổng_đài điện_thoại फोन कस्टमर_केयर "
        "خدمه_العملاء هاتف اتصل* 客服 电话 热线 電話 オペレーター サポート 고객센터 전화 상담"
    ),
    "WAITING": (
        "waiting waited wait hold on_hold minutes hours queue hung_up disconnected transferred nobody no_one "
        "unanswered no_answer no_response no_reply esperando espera esperar minutos nadie contesta contestan "
        "colgaron attends attente attendre personne repond répond raccroche warte warten wartezeit stunden niemand "
        "geht_ran esperando espera ninguém ninguem atende desligaram attesa aspetto aspettare nessuno risponde "
        "naghihintay hintay antagal tagal walang_sumasagot sumasagot жду ожидан* никто не_отвечает phải_chờ chờ_mãi "
        "không_ai_trả_lời इंतजार इंतज़ार कोई_नहीं انتظر انتظار لا_احد 等了 等待 没人接 打不通 没人 排队 待たされ "
        "待って 繋がらない つながらない 出ない 기다 안_받 연결이_안"
    ),
    "BANK_ACCOUNT": (
        "account accounts checking bank cuenta cuentas banco compte comptes banque konto konten bank conta contas "
        "conto conti banca счет счёт банк tài_khoản ngân_hàng खाता बैंक حساب البنك 账户 账号 银行 口座 銀行 계좌 "
        "은행"
    ),
    "CLOSE": (
        "close closing closed closure cancel leaving switching switch moving cerrar cerrando cierro cancelar me_voy "
        "cambiarme fermer cloturer clôturer quitter changer_de kündigen kündige wechsel* encerrar encerrando fechar "
        "cancelar chiudere chiudo chiudendo lasciare isara isasara ipapasara закры* đóng_tài_khoản बंद_कर اغلاق "
        "الغاء 销户 注销 换银行 解約 やめる 乗り換え 해지 탈퇴"
    ),
    "PRIVACY": (
        "privacy gdpr ccpa data_breach breach breached leaked leak opt_out opt-out unsubscribe my_data personal_data "
        "sell_my privacidad mis_datos datos_personales filtracion filtración donnees_personnelles "
        "données_personnelles rgpd mes_données vie_privee datenschutz dsgvo meine_daten datenleck datenpanne lgpd "
        "meus_dados dados_pessoais vazamento vazaram privacidade dati_personali miei_dati violazione_dati "
        "data_privacy утечк* персональные_данные приватност* dữ_liệu_cá_nhân डेटा_लीक निजता خصوصيه بياناتي تسريب "
        "隐私 泄露 个人信息 個人情報 漏洩 流出 プライバシー 개인정보 유출"
    ),
    "ACCESS": (
        "wheelchair accessible accessibility screen_reader screen-reader voiceover talkback blind deaf braille "
        "large_print high_contrast disabled disability ramp hearing_aid sign_language silla_de_ruedas accesib* ciego "
        "ciega sordo discapacidad fauteuil_roulant accessib* aveugle sourd malvoyant handicap* rollstuhl "
        "barrierefrei* blind gehörlos sehbehindert* cadeira_de_rodas acessib* cego surdo deficient* sedia_a_rotelle "
        "non_vedente sordo disabil* bulag bingi pwd инвалид* слепой незряч* пандус xe_lăn khuyết_tật व्हीलचेयर "
        "दिव्यांग كرسي_متحرك ذوي_الاعاقه كفيف 轮椅 无障碍 盲人 残疾 車椅子 バリアフリー 視覚障害 휠체어 장애인"
    ),
    "JOB": (
        "hiring vacancy vacancies job jobs internship intern recruiter recruiting career careers apply applied "
        "interview interviewed empleo vacante vacantes entrevista trabajo emploi recrut* entretien_d'embauche "
        "offre_d'emploi candidature stellenangebot bewerbung beworben vorstellungsgespräch praktikum vaga vagas "
        "emprego entrevista estágio lavoro assunzion* colloquio tirocinio trabaho nag-apply hiring ваканси* "
        "собеседован* tuyển_dụng phỏng_vấn नौकरी इंटरव्यू وظيفه وظائف توظيف 招聘 应聘 面试 求人 採用 面接 채용 면접"
    ),
    "CAMPAIGN": (
        "campaign giveaway sweepstakes contest raffle promo promotion donate donation donated fundraiser nominate "
        "nominee charity sponsor sponsored sponsorship round-up round-ups roundup volunteers volunteering campaña "
        "campana sorteo concurso donar donacion donación nominar concours don_de parrain* collecte gewinnspiel "
        "spende* spendet sorteio doar doação campanha concorso donazione donare paligsahan donasyon конкурс розыгрыш "
        "благотвор* cuộc_thi quyên_góp दान अभियान حمله تبرع مسابقه 抽奖 捐款 公益 活动 キャンペーン 寄付 募金 이벤트 "
        "기부"
    ),
    "LEGAL": (
        "lawyer lawyers attorney attorneys lawsuit suing sue subpoena court small_claims class_action cfpb ombudsman "
        "regulator bbb better_business attorney_general occ abogado abogados demanda demandar demandare condusef "
        "profeco avocat tribunal plainte mediateur médiateur anwalt rechtsanwalt klage verklagen bafin ombudsmann "
        "advogado processar procon banco_central justiça bacen avvocato denuncia tribunale arbitro_bancario abogado "
        "kaso bsp korte юрист* адвокат* суд в_суд жалоб* luật_sư khởi_kiện वकील मुकदमा लोकपाल محامي محكمه دعوى "
        "شكوى_رسميه 律师 起诉 投诉到 银监会 弁護士 訴え 訴訟 金融庁 변호사 소송 금감원"
    ),
    "HARDSHIP": (
        "hardship laid_off layoff unemployed lost_my_job evicted eviction bankrupt bankruptcy can't_afford "
        "cannot_afford can't_pay behind_on passed_away widow widower funeral late_husband late_wife late_mother "
        "late_father power_of_attorney executor dementia flooded flood hurricane wildfire divorce perdi_mi_trabajo "
        "perdí_mi_trabajo perdi_el_trabajo perdí_el_trabajo no_puedo_pagar fallecio falleció inundo inundó desempleo "
        "chomage chômage décès décédé* surendett* arbeitslos* insolvenz verstorben* desempregad* faleceu falecimento "
        "disoccupat* decedut* deceduto nawalan_ng_trabaho namatay binaha baha потерял_работу умер* mất_việc qua_đời "
        "बेरोजगार नौकरी_चली निधन عاطل توفي وفاه 失业 去世 破产 失業 亡くなり 亡くなった 실직 돌아가 in_hospital "
        "in_the_hospital estate_of"
    ),
    "APOLOGY_BAD": (
        "terrible horrible worst awful useless incompetent rude unprofessional unhelpful disgusting disgrace "
        "disgraceful joke pathetic ridiculous unacceptable shame garbage trash appalling atrocious abysmal nightmare "
        "pesimo pésimo pesima pésima horrible malisimo malísimo fatal inutiles vergüenza asco nul nulle nuls honte "
        "honteux scandaleux catastroph* inadmissible schlecht* schrecklich katastroph* unverschämt* frechheit "
        "unfähig* schlimmste* pessimo péssimo pessima péssima horrivel horrível vergonha lixo absurdo pessimo "
        "pessima vergogna orribile scandaloso schifo peste bulok palpak walang_kwenta nakakainis ужасн* отврат* "
        "кошмар позор quá_tệ dịch_vụ_kém घटिया बेकार بدترين سيء سيئه اسوا فاشل 垃圾 太差 差劲 最差 最悪 ひどい 酷い "
        "최악 형편없"
    ),
    "SERVICE": (
        "service bank banking customer_service support staff experience company servicio atencion atención banco "
        "service banque accueil service kundenservice bank atendimento serviço servico banco servizio banca serbisyo "
        "bangko сервис обслуживан* банк dịch_vụ ngân_hàng सेवा सर्विस बैंक خدمه الخدمه بنك البنك 服务 银行 客服 "
        "サービス 対応 銀行 서비스 은행"
    ),
    "THANKS": (
        "thanks thank thx kudos shoutout shout-out shout_out bravo gracias merci danke obrigado obrigada grazie "
        "salamat спасибо cảm_ơn धन्यवाद शुक्रिया شكرا 谢谢 感谢 多谢 ありがとう 感謝 감사 mil_gracias obrigadão "
        "kudos_to props hats_off 助かりました"
    ),
    "GREAT": (
        "great awesome amazing excellent fantastic wonderful brilliant superb outstanding impressed helpful friendly "
        "lovely best love loved smooth excelente genial increible increíble maravilla amable* encanta mejor "
        "excellent super génial formidable sympa* parfait top toll super klasse großartig hervorragend freundlich* "
        "spitze begeistert excelente ótimo otimo ótima incrível maravilh* parabéns parabens adorei nota_10 ottimo "
        "ottima eccellente fantastic* bravissim* gentilissim* complimenti galing ang_galing mabilis mabait maayos "
        "отличн* прекрасн* супер лучший tuyệt_vời rất_tốt rất_nhanh शानदार बढ़िया बेहतरीन ممتاز* رائع* افضل 很棒 "
        "太棒 最好 好用 满意 赞 最高 素晴らしい 便利 助かり 助かった 丁寧 최고 친절 편리 좋 patient patience "
        "paciente paciencia felicidades chapeau patiente souriante reussie réussie rapide efficace geduldig gelöst "
        "nota_dez resolveram responderam paziente bravi bravo risposta_rapida bait ang_bait bilis ang_bilis ganda "
        "tulong спокойно понятно вежлив* tận_tình मदद حسن_التعامل احسنتم سريع 耐心 马上就回 真好 すぐ 丁寧に 빠르"
    ),
    "DELIVERY": (
        "arrive arrived arrives arriving delivery delivered mail mailed mailing track tracking ship shipped "
        "replacement new_card expire expired expiring renewal activate activation llega llegado llegar entrega envío "
        "activar arrivée livraison reçu recevoir activer ankommt zustellung geliefert neue_karte aktivieren entrega "
        "chegou chegar ativar consegna arrivata arriva attivare dumating padala i-activate доставк* выпуск "
        "перевыпуск активир* phát_hành kích_hoạt डिलीवरी सक्रिय توصيل تفعيل 寄 补办 新卡 激活 届く 届かない 再発行 "
        "有効化 배송 재발급"
    ),
    "NOT": (
        "not no never don't didn't doesn't isn't can't won't nunca jamas jamás ne pas jamais nicht nie nao não non "
        "mai hindi di wala ayaw не ни không chưa नहीं لا لم ما مش 没 不 未 ない ません 안 못"
    ),
    "ARRIVE": (
        "arrive arrives arrived come comes reach reaches receive received get llega llegan llego arrive arrivent "
        "reçois recois reçu kommt ankommt bekomme erhalte chega chegou chegam recebo arriva arrivano arrivato ricevo "
        "dumating dumarating natatanggap приходит пришел пришёл tới nhận đến आ आया يصل وصل تصل 收到 届 来な 와서 왔 "
        "오지 안_와"
    ),
    "CODE": (
        "code codes otp verification_code codigo código codigos codice kode код смс mã_xác_nhận mã_otp ओटीपी رمز "
        "الرمز 验证码 認証コード コード 인증번호 코드"
    ),
    "WORK": (
        "work works working go_through goes_through accepted pasa paso pasó funciona sirve agarra passe marche "
        "fonctionne geht funktioniert passa passou funzionano gumagana pumapasok gumana проходит работает проходят "
        "quẹt_được चला चल تعمل تشتغل يعمل 能用 可以用 使え 되 돼"
    ),
    "OPEN": (
        "open opens opening load loads abre abren carga ouvre s'ouvre öffnen öffnet lädt abrir carregar apre aprire "
        "mabuksan bumubukas nagbubukas открывается загружается mở_được खुल تفتح يفتح 打开 開 열"
    ),
    "TWICE": (
        "twice double two_times three_times dos_veces doble deux_fois zweimal doppelt duas_vezes due_volte "
        "dalawang_beses дважды hai_lần दो_बार مرتين 两次 二重 2回 두_번"
    ),
    "CHARGED": (
        "charged charge billed cobraron cobrado cobro debite débité debitée abgebucht cobraram cobrou addebitato "
        "addebitati na-charge nakaltasan kinaltasan списали bị_trừ काट خصم خصموا 扣 請求 引き落とし 결제"
    ),
    "WRONG": (
        "wrong mistake incorrect equivocada equivocado incorrecta mauvais mauvaise falsch falschen falsches errada "
        "errado sbagliato sbagliata maling mali ошиб* nhầm ग़लत गलत خاطئ الخطا 错 間違 잘못"
    ),
    "NEW_ACCOUNT": (
        "open_an_account opening_an_account new_account abrir_una_cuenta abrir_cuenta ouvrir_un_compte "
        "kontoeröffnung konto_eröffnen abrir_uma_conta abrir_conta aprire_un_conto mag-open_ng_account "
        "magbukas_ng_account открыть_счет mở_tài_khoản खाता_खोल فتح_حساب 开户 口座を開 口座開設 계좌_개설 "
        "계좌를_만들"
    ),
    "PAPERS": (
        "documents papers appointment papeles documentos cita papiers rendez-vous unterlagen termin dokumente "
        "documenti appuntamento dokumento документ* запис* giấy_tờ दस्तावेज اوراق موعد 证件 材料 预约 書類 予約 서류 "
        "예약"
    ),
    "SOMEBODY": (
        "someone somebody anyone anybody alguien quelqu'un jemand alguém alguem qualcuno may_tao кто-то ai_đó कोई "
        "احد 有人 誰か 누군가"
    ),
    "FORGOT": (
        "forgot forgotten forget lost_my lost reset resetting recover change changed unblock unlock blocked locked "
        "don't_know don't_remember unaware olvide olvidé oublié oublie vergessen esqueci dimenticato nakalimutan "
        "забыл quên भूल نسيت 忘记 忘れ 잊"
    ),
    "SECRET": (
        "passcode passcodes pin password passwords code contraseña clave mot_de_passe passwort senha mật_khẩu पिन "
        "كلمه_المرور 密码 暗証番号 パスワード 비밀번호"
    ),
    "USE": (
        "use using pay paying make buy usar pagar utiliser payer benutzen bezahlen pagar usare pagare gamitin "
        "magbayad использовать платить dùng इस्तेमाल استخدام الدفع 支付 支払"
    ),
    "UNABLE": (
        "can't cannot couldn't unable won't wouldn't not_able no_puedo no_pude je_ne_peux impossible_de kann_nicht "
        "konnte_nicht não_consigo nao_consigo non_riesco hindi_ko hindi_ako не_могу không_thể نہیں"
    ),
    "GONE": (
        "delete terminate disable discontinue remove deactivate shut_down get_rid end eliminar supprimer löschen "
        "excluir eliminare burahin удалить xóa हटा حذف 删除 削除 삭제"
    ),
    "TOP_UP": (
        "top_up topup top-up topping_up topped_up top-ups recargar recarga recharge aufladen recarregar ricarica"
    ),
}
