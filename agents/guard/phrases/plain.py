"""How Spanish, Portuguese, Italian, French, German and Tagalog tell the same, read more coarsely than English.

One set of forms for all six: the languages differ in their words (see `languages`), hardly in what it takes
to tell that somebody is a customer. Where a language has no word for a tag, the form cannot match in it.
"""

from typing import Final

from agents.guard.phrases import ACTION, BRANCH, HISTORY, RECORDS, RELATIONSHIP, STATUS, THANKS, Phrase, phrase

PHRASES: Final[tuple[Phrase, ...]] = (
    phrase(
        RELATIONSHIP,
        "YOUR <PLAIN_GAP>{0,3}? [ACCOUNT EVENT MONEY SECRET STAFF]",
        "owned",
    ),
    phrase(
        RELATIONSHIP,
        "[ACCOUNT EVENT MONEY SECRET] (ADV)* YOURS_AFTER",
        "owned",
    ),
    phrase(
        RELATIONSHIP,
        "(DEF)? (ADV)* [suya tuya suyo tuyo sayo]",
    ),
    phrase(
        RECORDS,
        "[SEE] (NOT|ADV|YOU|WEHAVE|COMMA)* LITTLE_QUE",
        "conditional",
        "crowd",
        "feeling",
    ),
    phrase(
        RECORDS,
        "[SEE] ~[STOP COMMA COND PREP]{0,4}? <PLAIN_THING>",
        "conditional",
        "crowd",
        "owned",
    ),
    phrase(
        RECORDS,
        "OUR ~[STOP]{0,1}? RECORDS",
    ),
    phrase(
        RECORDS,
        "YOUR NAME",
        "owned",
    ),
    phrase(
        STATUS,
        "[NUM dos due duas deux zwei tre drei trois tres] ~[STOP COMMA]{0,1} PLURALS ~[STOP]{0,2}? "
        "[STATE scadute rechazados offen atraso vencidas rejetes]",
        "conditional",
    ),
    phrase(
        ACTION,
        "WEDID",
        "conditional",
        "crowd",
        "service",
        "note",
    ),
    phrase(
        ACTION,
        "[ya le te les os yo] (YOU|ADV)* IDID",
        "conditional",
    ),
    phrase(
        ACTION,
        "[WE ORG] ~[STOP COMMA COND]{0,2} WEHAVE ~[STOP COMMA COND]{0,9}? DONE",
        "conditional",
        "crowd",
        "service",
        "note",
    ),
    phrase(
        ACTION,
        "WEHAVE (ADV|YOU|NOT)* [WE YOU ADV]{0,2} ~[STOP COMMA COND]{0,6}? DONE",
        "conditional",
        "crowd",
        "service",
        "note",
    ),
    phrase(
        ACTION,
        "[na in ni] ENGVERB",
        "conditional",
        "crowd",
        "service",
        "note",
    ),
    phrase(
        STATUS,
        "<PLAIN_THING> ~[STOP COMMA COND]{0,5}? AUX (ADV|NOT|AUX|PREP|DEF|AGAIN|YOU)* [DONE STATE]",
        "conditional",
        "crowd",
        "general",
    ),
    phrase(
        STATUS,
        "AUX (ADV|NOT|AUX|YOU)* DONE (YOU|DEF|ADV|YOUR)* <PLAIN_THING>",
        "conditional",
        "crowd",
        "general",
    ),
    phrase(
        STATUS,
        "<PLAIN_THING> (ADV|YOU|NOT|se|s|PREP|AGAIN)* PASTDID",
        "conditional",
        "crowd",
        "general",
    ),
    phrase(
        STATUS,
        "[ya ja gia deja bereits schon na finalmente] (YOU|se|ADV)* [PASTDID WEDID]",
        "conditional",
        "crowd",
        "service",
    ),
    phrase(
        STATUS,
        "[se le te] (YOU)* AUX ADV* DONE",
        "conditional",
        "crowd",
        "service",
        "general",
    ),
    phrase(
        STATUS,
        "STOP (ADV|BREAK|COMMA|NOT|listo|pronto|bueno|buenas|noticias)* <PLAIN_THING> (PREP ~[STOP "
        "COMMA]{1,3})? (ADV)* DONE",
        "conditional",
        "crowd",
        "general",
    ),
    phrase(
        STATUS,
        "STOP (ADV|BREAK|COMMA)* DONE [STOP BREAK COMMA]",
        "service",
    ),
    phrase(
        STATUS,
        "(YOU)? YOUWILL ~[STOP COMMA COND]{0,6}? <PLAIN_THING>",
        "conditional",
        "owned",
        "place",
    ),
    phrase(
        STATUS,
        "DEF <PLAIN_THING> (ADV|YOU|NOT|se)* YOUWILL",
        "conditional",
        "crowd",
        "general",
    ),
    phrase(
        STATUS,
        "YOUWILL (ADV)* [DONE reflejado acreditado abonado accreditato creditado]",
        "conditional",
        "crowd",
        "general",
    ),
    phrase(
        STATUS,
        "[SEE AUX gibt liegt] (ADV|NOT|DEF|un|una|uma|um|eine|ein|une|may)* [STRONG]",
        "conditional",
        "crowd",
        "general",
    ),
    phrase(
        HISTORY,
        "[YOU YOUARE] ~[STOP COMMA COND WESEE PREP]{0,5}? ONE_CUSTOMER",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "ONE_CUSTOMER ~[STOP COMMA COND WE]{0,4}? [YOU YOUARE]",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "NOT ~[STOP COMMA COND]{0,4}? ONE_CUSTOMER ~[STOP COMMA]{0,3}? [US OUR]",
        "conditional",
        "asked",
        "crowd",
    ),
    phrase(
        HISTORY,
        "ONE_CUSTOMER (OUR|de|da|di|bei|chez|con|seit|desde|depuis|dal|von)",
        "conditional",
        "asked",
        "crowd",
    ),
    phrase(
        HISTORY,
        "(YOU)? YOUHAVE "
        "(NOT|ADV|DEF|un|una|uma|um|ein|eine|einen|une|o|a|pas|de|die|keine|kein|keinen|ng|ka)* "
        "<PLAIN_THING>",
        "conditional",
        "asked",
        "crowd",
    ),
    phrase(
        HISTORY,
        "YOUHAVE ~[STOP COMMA COND]{0,3}? <PLAIN_THING> ~[STOP COMMA COND]{0,3}? [kayo kayong ka kang mo ninyo niyo]",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "YOU [haben hatten besitzen fuhren] ~[STOP COMMA COND]{0,6}? [ACCOUNT EVENT]",
        "conditional",
        "asked",
        "general",
    ),
    phrase(
        HISTORY,
        "[YOU compter contar contarla tenerte tenerlo contare zahlen averti averla] ~[STOP COMMA "
        "COND]{0,6}? OUR ~[STOP]{0,2}? CUSTOMER",
        "conditional",
    ),
    phrase(
        HISTORY,
        "(parte|part|membro|miembro|teil|bahagi) [de della da von unserer ng] OUR ~[STOP]{0,1}? "
        "[familia famille famiglia familie pamilya]",
    ),
    phrase(
        HISTORY,
        "<PLAIN_THING> ~[STOP COMMA COND]{0,4} [con chez bei conosco connosco amin] [nosotros nous "
        "uns noi namin amin]?",
        "conditional",
        "asked",
        "crowd",
    ),
    phrase(
        HISTORY,
        "(YOU|YOUHAVE|AUX)* YOUDID ~[STOP COND]{0,4}? [ACCOUNT EVENT MONEY AMOUNT]",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "[desde depuis seit dal dall since mula] ~[STOP]{0,3}? NUM",
        "crowd",
        "service",
    ),
    phrase(
        THANKS,
        "THANK ~[STOP COMMA]{0,9}? [CUSTOMER LOYAL]",
        "crowd",
    ),
    phrase(
        THANKS,
        "YOUR ~[STOP COMMA]{0,2}? [LOYAL]",
    ),
    phrase(
        THANKS,
        "[COMO en in na em ser sein essere etre pagiging] "
        "(OUR|tant|DEF|ADV|que|qualite|de|un|una|um|valioso|ein|valued|mahalagang|bon|bom|buen)* "
        "(OUR)? ONE_CUSTOMER",
        "conditional",
    ),
    phrase(
        BRANCH,
        "YOUR ~[STOP COMMA]{0,1}? [sucursal agencia filiale agence oficina]",
        "owned",
    ),
    phrase(
        HISTORY,
        "YOUHAVE ~[STOP COMMA COND]{0,2}? (ninguna|ningun|nenhuma|nenhum|nessuna|nessun|aucun|aucune) <PLAIN_THING>",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "NOT [tiene tenemos hay figura existe] ~[STOP COMMA]{0,3}? [registro registros constancia] de [YOU YOUR]",
        "conditional",
    ),
    phrase(
        HISTORY,
        "([nos] YOUDID|YOUDID con nosotros)",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "[aparece figura aparecen figuran consta] ~[STOP]{0,2}? como ~[STOP]{0,1}? [CUSTOMER cotitular beneficiario]",
        "conditional",
        "asked",
    ),
    phrase(
        STATUS,
        "[ya ja gia deja] [AUX YOUARE esta] (ADV)* [STATE DONE] [STOP BREAK COMMA]",
        "conditional",
        "service",
        "crowd",
        "general",
    ),
    phrase(
        ACTION,
        "WEDID ~[STOP COMMA]{0,3}? [acceso acesso limite]",
        "conditional",
        "crowd",
    ),
)
