"""How Spanish, Portuguese, Italian, French, German and Tagalog tell the same, read more coarsely than English.

One set of forms for all six: the languages differ in their words (see `languages`), hardly in what it takes
to tell that somebody is a customer. Where a language has no word for a tag, the form cannot match in it.
"""

from typing import Final

from agents.guard.phrases import ACTION, BRANCH, HISTORY, RECORDS, RELATIONSHIP, STATUS, THANKS, Licence, Phrase

_THING: Final = "[ACCOUNT EVENT MONEY]"
_GAP: Final = "~[STOP COMMA AUX SEE WEDID COND HOWTO PREP]"
_IF: Final[tuple[Licence, ...]] = ("conditional",)
_STATED: Final[tuple[Licence, ...]] = ("conditional", "crowd", "general")

PHRASES: Final[tuple[Phrase, ...]] = (
    Phrase(RELATIONSHIP, f"YOUR {_GAP}{{0,3}}? [ACCOUNT EVENT MONEY SECRET STAFF]", ("owned",)),
    Phrase(RELATIONSHIP, "[ACCOUNT EVENT MONEY SECRET] (ADV)* YOURS_AFTER", ("owned",)),
    Phrase(RELATIONSHIP, "(DEF)? (ADV)* [suya tuya suyo tuyo sayo] "),
    # "vemos que usted ...", "nuestros registros", "a su nombre"
    Phrase(RECORDS, "[SEE] (NOT|ADV|YOU|WEHAVE|COMMA)* LITTLE_QUE", ("conditional", "crowd", "feeling")),
    Phrase(RECORDS, f"[SEE] ~[STOP COMMA COND PREP]{{0,4}}? {_THING}", ("conditional", "crowd", "owned")),
    Phrase(RECORDS, "OUR ~[STOP]{0,1}? RECORDS"),
    Phrase(RECORDS, "YOUR NAME", ("owned",)),
    Phrase(STATUS, "[NUM dos due duas deux zwei tre drei trois tres] ~[STOP COMMA]{0,1} PLURALS ~[STOP]{0,2}? [STATE scadute rechazados offen atraso vencidas rejetes]", _IF),
    # "le hemos devuelto", "reembolsamos", "wir haben Ihnen ... erstattet", "na-refund na namin"
    Phrase(ACTION, "WEDID", ("conditional", "crowd", "service", "note")),
    Phrase(ACTION, "[WE ORG] ~[STOP COMMA COND]{0,2} WEHAVE ~[STOP COMMA COND]{0,9}? DONE", ("conditional", "crowd", "service", "note")),
    Phrase(ACTION, "WEHAVE (ADV|YOU|NOT)* [WE YOU ADV]{0,2} ~[STOP COMMA COND]{0,6}? DONE", ("conditional", "crowd", "service", "note")),
    Phrase(ACTION, "[na in ni] ENGVERB", ("conditional", "crowd", "service", "note")),
    # "la transferencia ya fue acreditada", "das Geld ist wieder da"
    Phrase(STATUS, f"{_THING} ~[STOP COMMA COND]{{0,5}}? AUX (ADV|NOT|AUX|PREP|DEF|AGAIN|YOU)* [DONE STATE]", _STATED),
    Phrase(STATUS, f"AUX (ADV|NOT|AUX|YOU)* DONE (YOU|DEF|ADV|YOUR)* {_THING}", _STATED),
    Phrase(STATUS, f"{_THING} (ADV|YOU|NOT|se|s|PREP|AGAIN)* PASTDID", _STATED),
    Phrase(STATUS, "[ya ja gia deja bereits schon na finalmente] (YOU|se|ADV)* [PASTDID WEDID]", ("conditional", "crowd", "service")),
    Phrase(STATUS, "[se le te] (YOU)* AUX ADV* DONE", ("conditional", "crowd", "service", "general")),
    Phrase(STATUS, f"STOP (ADV|BREAK|COMMA|NOT|listo|pronto|bueno|buenas|noticias)* {_THING} (PREP ~[STOP COMMA]{{1,3}})? (ADV)* DONE", _STATED),
    Phrase(STATUS, "STOP (ADV|BREAK|COMMA)* DONE [STOP BREAK COMMA]", ("service",)),
    Phrase(STATUS, f"(YOU)? YOUWILL ~[STOP COMMA COND]{{0,6}}? {_THING}", ("conditional", "owned", "place")),
    Phrase(STATUS, "[SEE AUX gibt liegt] (ADV|NOT|DEF|un|una|uma|um|eine|ein|une|may)* [STRONG]", ("conditional", "crowd", "general")),
    # "usted no es cliente", "tiene una cuenta con nosotros"
    Phrase(HISTORY, "[YOU YOUARE] ~[STOP COMMA COND WESEE PREP]{0,5}? ONE_CUSTOMER", ("conditional", "asked")),
    Phrase(HISTORY, "ONE_CUSTOMER ~[STOP COMMA COND WE]{0,4}? [YOU YOUARE]", ("conditional", "asked")),
    Phrase(HISTORY, "NOT ~[STOP COMMA COND]{0,4}? ONE_CUSTOMER ~[STOP COMMA]{0,3}? [US OUR]", ("conditional", "asked", "crowd")),
    Phrase(HISTORY, "ONE_CUSTOMER (OUR|de|da|di|bei|chez|con|seit|desde|depuis|dal|von)", ("conditional", "asked", "crowd")),
    Phrase(HISTORY, f"(YOU)? YOUHAVE (NOT|ADV|DEF|un|una|uma|um|ein|eine|einen|une|o|a|pas|de|die|keine|kein|keinen|ng|ka)* {_THING}",
           ("conditional", "asked", "crowd")),
    Phrase(HISTORY, f"YOUHAVE ~[STOP COMMA COND]{{0,3}}? {_THING} ~[STOP COMMA COND]{{0,3}}? [kayo kayong ka kang mo ninyo niyo]", ("conditional", "asked")),
    Phrase(HISTORY, "YOU [haben hatten besitzen fuhren] ~[STOP COMMA COND]{0,6}? [ACCOUNT EVENT]", ("conditional", "asked", "general")),
    Phrase(HISTORY, "[YOU compter contar contarla tenerte tenerlo contare zahlen averti averla] ~[STOP COMMA COND]{0,6}? OUR ~[STOP]{0,2}? CUSTOMER", _IF),
    Phrase(HISTORY, "(parte|part|membro|miembro|teil|bahagi) [de della da von unserer ng] OUR ~[STOP]{0,1}? [familia famille famiglia familie pamilya]"),
    Phrase(HISTORY, f"{_THING} ~[STOP COMMA COND]{{0,4}} [con chez bei conosco connosco amin] [nosotros nous uns noi namin amin]?", ("conditional", "asked", "crowd")),
    Phrase(HISTORY, "(YOU|YOUHAVE|AUX)* YOUDID ~[STOP COND]{0,4}? [ACCOUNT EVENT MONEY AMOUNT]", ("conditional", "asked")),
    Phrase(HISTORY, "[desde depuis seit dal dall since mula] ~[STOP]{0,3}? NUM", ("crowd", "service")),
    # "gracias por ser cliente", "como cliente nuestro", "Danke für Ihre Treue"
    Phrase(THANKS, "THANK ~[STOP COMMA]{0,9}? [CUSTOMER LOYAL]", ("crowd",)),
    Phrase(THANKS, "YOUR ~[STOP COMMA]{0,2}? [LOYAL]", ()),
    Phrase(THANKS, "[COMO en in na em ser sein essere etre pagiging] (OUR|tant|DEF|ADV|que|qualite|de|un|una|um|valioso|ein|valued|mahalagang|bon|bom|buen)* "
                   "(OUR)? ONE_CUSTOMER", _IF),
    Phrase(BRANCH, "YOUR ~[STOP COMMA]{0,1}? [sucursal agencia filiale agence oficina]", ("owned",)),
)  # fmt: skip
