"""Italian: the words by what they do in a sentence about a person and a bank (without accents)."""

from typing import Final

LEXICON: Final[dict[str, str]] = {
    "YOUR": "tuo tua tuoi tue suo sua suoi sue vostro vostra vostri vostre",
    "YOU": "lei tu voi ti le vi te",
    "ACCOUNT": "conto conti carta carte prestito prestiti mutuo mutui saldo saldi credito crediti risparmi risparmio deposito "
               "depositi profilo polizza assicurazione fido plafond estratto estratti assegno assegni investimento investimenti "
               "libretto finanziamento bancomat iban limite stipendio",
    "EVENT": "rimborso rimborsi bonifico bonifici pagamento pagamenti addebito addebiti accredito accrediti transazione "
             "transazioni acquisto acquisti prelievo prelievi commissione commissioni reclamo reclami contestazione richiesta "
             "domanda blocco scoperto interessi rata rate operazione operazioni pratica storno storni movimento movimenti "
             "sostituzione approvazione ricarica",
    "MONEY": "soldi denaro fondi importo somma",
    "STRONG": "rimborso contestazione richiesta domanda pratica storno sostituzione approvazione reclamo accredito blocco",
    "SECRET": "pin password cvv otp credenziali username",
    "STAFF": "consulente gestore filiale direttore",
    "CUSTOMER": "cliente clienti correntista correntisti titolare socio socia",
    "ONE_CUSTOMER": "cliente correntista titolare socio socia",
    "PLURALS": "rate conti carte pagamenti bonifici depositi addebiti transazioni acquisti assegni crediti prestiti commissioni "
               "prelievi accrediti interessi rate mutui operazioni",
    "WE": "noi io",
    "OUR": "nostro nostra nostri nostre",
    "US": "noi",
    "ORG": "team reparto ufficio banca sistema specialista collega direttore gestore",
    "RECORDS": "registri archivi archivio sistemi sistema dati",
    "SEE": "vediamo vedo notiamo noto confermiamo confermo risulta risultano verificato troviamo trovo constatiamo mostrano "
           "indicano indica rileviamo riscontriamo",
    "WEDID": "rimborsammo sblocchiamo",
    "WEHAVE": "abbiamo ho avevamo",
    "DONE": "cancellato cancellata eliminato rimborsato rimborsata rimborsati stornato stornata restituito restituita accreditato accreditata sbloccato sbloccata rilasciato inviato inviata spedito spedita approvato approvata annullato annullata chiuso chiusa riattivato riattivata corretto corretta rettificato risolto risolta elaborato elaborata attivato attivata rimosso rimossa aumentato depositato bloccato bloccata rifiutato rifiutata addebitato addebitata pagato pagata trasferito ricevuto ricevuta emesso emessa registrato ripristinato ripristinata sospeso sospesa completato completata eseguito eseguita contabilizzato sistemato sistemata congelato aperto aperta arrivato arrivata arrivati tornato tornati rientrato rientrati verificato trovato visto notato scadute scaduta scaduti",
    "STATE": "pronto pronta attivo attiva inattivo scaduto scaduta pendente arrivo disponibile disponibili posto sicuro sicura "
             "sicuri lavorazione corso ritardo ok valutazione indietro",
    "PASTDID": "arrivo",
    "AUX": "e sono stato stata stati state gia era erano sara saranno risulta viene vengono resta",
    "YOUARE": "e sei era siete eri",
    "YOUHAVE": "ha hai aveva avete possiede detiene",
    "YOUDID": "aperto pagato richiesto prelevato versato trasferito depositato",
    "YOUWILL": "vedra vedrai ricevera riceverai avra avrai trovera troverai potra potrai",
    "COMO": "come quale essendo",
    "THANK": "grazie ringraziamo ringrazio apprezziamo benvenuto benvenuta complimenti",
    "LOYAL": "fedelta fiducia preferenza sceglierci scelto",
    "COND": "se qualora quando chi chiunque",
    "HOWTO": "verifica verifichi verificare controlla controlli controllare chiama chiami chiamare condividere condivida "
             "condividi pubblicare pubblichi proteggi protegga proteggere mantieni tenere tieni bloccare blocca blocchi "
             "attivare attiva attivi accedi acceda accedere usa usi usare utilizza utilizzare cambia cambiare aggiorna "
             "aggiornare scarica segnala segnalare gestisci gestire vedere vedi apri apra aprire richiedi richieda richiedere "
             "fornire fornisca dare dia includere includi inviare invii congelare paga pagare visita recupera recuperare "
             "reimposta reimpostare trovare trovi chiederemo chiede chiedera chiediamo comunicare comunichi consulta consultare "
             "consulti monitora scriva scrivere rivelare",
    "CANYOU": "puo puoi possono potrebbe potresti deve devi consigliamo suggeriamo potete",
    "WECAN": "possiamo vogliamo vorremmo stiamo sto posso dobbiamo verificheremo",
    "NEVER": "mai nessuno non evita evitare senza",
    "NOT": "non mai",
    "AGAIN": "nuovamente adesso ora oggi domani ieri nuovo",
    "DEF": "il lo la i gli le questo questa quel quella",
    "CROWD": "clienti tutti tutte utenti alcuni chiunque interessati chi qualcuno",
    "TECH": "app sito pagina sportello sportelli sistema sistemi piattaforma servizio servizi portale linea rete",
    "FEELING": "frustrato frustrata deluso delusa preoccupato preoccupata problemi difficolta domanda commento messaggio "
               "esperienza come situazione disagio",
    "MESSAGED": "dm messaggio privato diretto inbox risposta",
    "PREP": "di del della dei a al alla in nel nella con per su sul da dal tra",
    "ADV": "gia molto bene anche oggi finalmente correttamente ancora attualmente presto appena",
    "TAIL": "ogni entro per se quando",
    "NAME": "nome email telefono numero",
    "LITTLE_QUE": "che",
}

LITTLE: Final = (
    "il lo la i gli le un una di del della dei e che in a al alla per con suo sua tuo tua non si ci se grazie ciao come piu "
    "gia questo questa o ma molto puo puoi messaggio nostro nostra senza quando su siamo sono nel anche da hai ho sei abbiamo"
)
