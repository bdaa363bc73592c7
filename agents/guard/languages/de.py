"""German: the words by what they do in a sentence about a person and a bank (umlauts without their dots)."""

from typing import Final

LEXICON: Final[dict[str, str]] = {
    "YOUR": "ihr ihre ihrem ihren ihrer ihres dein deine deinem deinen deiner deines euer eure eurem euren eurer",
    "YOU": "sie ihnen du dir dich euch ihr",
    "ACCOUNT": "konto konten girokonto sparkonto tagesgeldkonto karte karten kreditkarte debitkarte girocard kredit kredite darlehen "
               "hypothek baufinanzierung saldo kontostand guthaben depot sparbuch profil versicherung limit rahmen kreditrahmen "
               "dispo kontoauszug kontoauszuge auszug scheck schecks ersatzkarte gehalt dauerauftrag onlinezugang zugang bausparvertrag",
    "EVENT": "erstattung erstattungen ruckerstattung uberweisung uberweisungen zahlung zahlungen abbuchung abbuchungen "
             "buchung buchungen transaktion transaktionen kauf abhebung abhebungen gebuhr gebuhren reklamation beschwerde "
             "antrag antrage sperre sperrung zinsen rate raten lastschrift lastschriften gutschrift gutschriften storno fall "
             "vorgang belastung belastungen umsatz umsatze kreditantrag bewilligung kontogebuhr einzahlung einzahlungen",
    "MONEY": "geld betrag summe",
    "STRONG": "erstattung ruckerstattung antrag kreditantrag reklamation fall vorgang gutschrift bewilligung sperre sperrung "
              "ersatzkarte storno",
    "SECRET": "pin tan passwort zugangsdaten kennwort benutzername login",
    "STAFF": "berater beraterin filiale kundenberater bankberater ansprechpartner",
    "CUSTOMER": "kunde kundin kunden kundinnen kontoinhaber kontoinhaberin karteninhaber mitglied",
    "ONE_CUSTOMER": "kunde kundin kontoinhaber kontoinhaberin karteninhaber mitglied",
    "PLURALS": "konten karten zahlungen uberweisungen abbuchungen buchungen transaktionen gebuhren schecks kredite raten "
               "lastschriften gutschriften einzahlungen umsatze zinsen abhebungen",
    "WE": "wir ich",
    "OUR": "unser unsere unserem unseren unserer unseres",
    "US": "uns",
    "ORG": "team abteilung bank system spezialist spezialistin kollege kollegin kollegen berater filialleiter",
    "RECORDS": "unterlagen system systemen systeme akten aufzeichnungen datenbank",
    "SEE": "sehen sehe bestatigen bestatige finden finde erkennen erkenne stellen zeigt zeigen weist fuhren liegt ersichtlich",
    "WEDID": "erstatteten",
    "WEHAVE": "haben habe hatten hat wurde",
    "DONE": "erstattet gutgeschrieben entsperrt freigegeben freigeschaltet verschickt versendet versandt gesendet geschickt "
            "genehmigt bewilligt storniert geschlossen reaktiviert korrigiert berichtigt behoben bearbeitet aktiviert entfernt "
            "erhoht eingezahlt gesperrt abgelehnt abgebucht belastet bezahlt uberwiesen erhalten ausgestellt registriert "
            "wiederhergestellt ausgefuhrt gebucht verbucht zuruckgebucht zuruckuberwiesen zuruckgezahlt eingegangen angekommen "
            "aufgehoben erlassen ersetzt eroffnet gepruft gefunden geloscht gekundigt zuruckerstattet geklart erledigt "
            "angefordert eingezogen gedeckt freigestellt",
    "STATE": "bereit aktiv inaktiv fallig unterwegs verfugbar zuruck sicher ordnung prufung bearbeitung da frei wieder offen "
             "uberzogen verzug drauf",
    "PASTDID": "kam ging",
    "AUX": "ist sind wurde wurden war waren wird werden bereits sei bleibt hat haben",
    "YOUARE": "sind bist waren warst seid",
    "YOUHAVE": "hast hattest besitzt",
    "YOUDID": "eroffneten uberwiesen",
    "YOUWILL": "erhalten bekommen erhaltst bekommst",
    "COMO": "als",
    "THANK": "danke dank danken schatzen willkommen gluckwunsch freuen",
    "LOYAL": "treue vertrauen loyalitat",
    "COND": "wenn falls sofern sobald wer ob sollten",
    "HOWTO": "prufen prufe uberprufen uberprufe rufen ruf teilen teile veroffentlichen schutzen schutze bewahren sperren sperre aktivieren nutzen nutze verwenden verwende andern andere aktualisieren laden melden melde verwalten sehen einsehen offnen beantragen geben gib angeben nennen nenne schicken schicke senden sende bezahlen besuchen kontaktieren zurucksetzen abrufen finden fragen frage fragt verlangen einrichten weitergeben preisgeben halten behalten kontrollieren eingeben mitteilen bitten anmelden loggen schreiben herausgeben",
    "CANYOU": "konnen kannst konnten konntest sollten solltest empfehlen mussen durfen",
    "WECAN": "mochten wollen werden wurden gerne mussen schauen",
    "NEVER": "nie niemals niemand kein keine keinem keinen nicht ohne",
    "NOT": "nicht nie kein keine",
    "AGAIN": "erneut jetzt heute morgen gestern wieder nun",
    "DEF": "der die das den dem des dieser diese dieses diesen",
    "CROWD": "kunden kundinnen alle allen nutzer einige betroffene betroffenen jeder wer personen niemand",
    "TECH": "app webseite website seite automat automaten geldautomat geldautomaten system systeme plattform dienst dienste "
            "portal banking leitung netz storung",
    "FEELING": "frustriert verargert enttauscht besorgt probleme schwierigkeiten frage kommentar nachricht erfahrung wie warum "
               "arger unmut",
    "MESSAGED": "dm nachricht pn direktnachricht privatnachricht antwort",
    "PREP": "von vom zu zum zur in im an am auf aus bei mit fur uber nach um per",
    "ADV": "bereits schon sehr gut auch heute endlich erfolgreich noch aktuell bald soeben gerade inzwischen eben nun",
    "TAIL": "jeweils innerhalb pro wenn falls",
    "NAME": "namen mail email telefonnummer nummer",
    "LITTLE_QUE": "dass",
}

LITTLE: Final = (
    "der die das ein eine einen dem den des und dass in im am an auf zu zum zur mit ihr ihre ihnen sie wir uns nicht sich "
    "wenn danke hallo wie mehr bereits dieser diese oder aber sehr ist sind nachricht unser unsere ohne bei fur von konnen "
    "bitte ich es haben wird auch gerne"
)
