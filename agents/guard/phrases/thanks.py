"""English: "thanks for banking with us", "as our customer": greetings that only a customer gets."""

from typing import Final

from agents.guard.phrases import THANKS, Phrase, phrase

PHRASES: Final[tuple[Phrase, ...]] = (
    phrase(
        THANKS,
        "[trust loyalty confidence faith] (that)? YOU (HAVE|ADV)* ~[STOP]{0,2} US",
    ),
    phrase(
        THANKS,
        "THANK ~[COMMA BREAK STOP]{0,6} YOUR ~[STOP COMMA]{0,2} [loyalty business patronage custom "
        "trust membership relationship]",
    ),
    phrase(
        THANKS,
        "YOUR continued [trust business loyalty support partnership patronage membership custom confidence]",
    ),
    phrase(
        THANKS,
        "fellow ~[STOP]{0,3} CUSTOMER",
        "crowd",
    ),
    phrase(
        THANKS,
        "YOUR ~[STOP COMMA]{0,1}? [loyalty patronage]",
    ),
    phrase(
        THANKS,
        "[THANK JOY] ~[COMMA BREAK STOP]{0,6} for ADV* [banking choosing staying sticking switching "
        "trusting borrowing financing investing refinancing] ~[STOP COMMA]{0,2}? "
        "[US OUR CAP here]",
        "service",
    ),
    phrase(
        THANKS,
        "THANK ~[COMMA BREAK STOP]{0,6} for ADV* STAYING <GAP>{0,3}? <THING>",
    ),
    phrase(
        THANKS,
        "joining (OUR|the) ~[STOP]{0,2}? [bank family]",
    ),
    phrase(
        THANKS,
        "being (ADV|such|a|an|OUR|one|of)* ~[STOP COND]{0,2} CUSTOMER",
        "conditional",
    ),
    phrase(
        THANKS,
        "being (ADV)* with US",
        "conditional",
    ),
    phrase(
        THANKS,
        "as (ADV|such)* [a an OUR YOUR one the] ~[STOP COND COMMA]{0,3}? ONE_CUSTOMER",
        "conditional",
    ),
    phrase(
        THANKS,
        "[loyal valued longtime longstanding dear esteemed existing faithful preferred favorite "
        "favourite] (ADV)* CUSTOMER",
        "conditional",
        "crowd",
    ),
    phrase(
        THANKS,
        "welcome (back|YOU)* (aboard|on board|as a|back (?! [from in on after]))",
    ),
    phrase(
        THANKS,
        "[welcome part member in join joined] (back|YOU)* (to|of)? [the OUR] ~[STOP]{0,2}? family",
    ),
    phrase(
        THANKS,
        "[serving helping having serve] YOU ~[STOP]{0,4} [YEARS since]",
    ),
    phrase(
        THANKS,
        "WE ~[STOP]{0,4} [love value appreciate enjoy proud] ~[STOP]{0,2} YOU (as|with|banking)",
    ),
    phrase(
        THANKS,
        "[count consider counting] YOU (among|as|one of|part of)",
    ),
    phrase(
        THANKS,
        "(among|amongst) OUR ~[STOP]{0,2} CUSTOMER",
    ),
    phrase(
        THANKS,
        "[congrats congratulations] ~[STOP]{0,3} (becoming|joining)",
    ),
    phrase(
        THANKS,
        "[happy satisfied proud good great wonderful fantastic amazing lovely nice] ONE_CUSTOMER",
        "conditional",
        "crowd",
    ),
    phrase(
        THANKS,
        "[banking membership customer client account member card] anniversary",
    ),
    phrase(
        THANKS,
        "continuing to [bank save trust choose be work stay do]",
        "conditional",
    ),
    phrase(
        THANKS,
        "THANK ~[STOP COMMA BREAK]{0,4} for (ADV)* [ING GERUND] YOUR (?! ~[STOP]{0,2} [SAFEOWN HEADS])",
    ),
)
