"""English: "your account", "the branch where you bank": what ties a thing of the bank to the person."""

from typing import Final

from agents.guard.phrases import BRANCH, CASE, RELATIONSHIP, Phrase, phrase

PHRASES: Final[tuple[Phrase, ...]] = (
    phrase(
        RELATIONSHIP,
        "YOUR interest [rate rates charge charges payment payments earnings]",
        "owned",
    ),
    phrase(
        RELATIONSHIP,
        "YOUR <OWN_GAP>{0,3}? STAFF <NOT_HEAD>",
        "conditional",
    ),
    phrase(
        RELATIONSHIP,
        "[token login access profile registration key code record] for YOUR",
        "conditional",
        "owned",
    ),
    phrase(
        RELATIONSHIP,
        "YOUR <OWN_GAP>{0,5}? [ACCOUNT EVENT MONEY SECRET KEPT] (?! NEUTRAL)",
        "owned",
    ),
    phrase(
        RELATIONSHIP,
        "<THING> of YOURS",
    ),
    phrase(
        RELATIONSHIP,
        "HIS <GAP>{0,3}? [ACCOUNT EVENT] <NOT_HEAD>",
        "conditional",
    ),
    phrase(
        RELATIONSHIP,
        "[CAP X] S <GAP>{0,2}? [ACCOUNT EVENT] <NOT_HEAD> [BE HAVE S WILL]",
        "conditional",
    ),
    phrase(
        RELATIONSHIP,
        "YOUR (?! ~[STOP COMMA]{0,2} SAFEOWN) ~[STOP COMMA BREAK BE HAVE MODAL PREP YOU WE COND "
        "TO]{1,4}? (?= (PREP ~[STOP COMMA BE HAVE MODAL]{1,3})? ADV* [BE HAVE S MODAL])",
        "owned",
        vague=True,
    ),
    phrase(
        RELATIONSHIP,
        "YOUR (?! ~[STOP COMMA]{0,2} SAFEOWN) ~[STOP COMMA BREAK BE HAVE MODAL PREP YOU WE COND "
        "TO]{1,4}? (?= ADV* [ARRIVED went came got])",
        "owned",
    ),
    phrase(
        RELATIONSHIP,
        "YOUR ~[STOP COMMA]{0,1}? [request order submission instruction instructions] ~[STOP COND "
        "COMMA]{0,6}? [BE HAVE S went WILL came]",
        "owned",
    ),
    phrase(
        RELATIONSHIP,
        "YOUR ~[STOP COMMA]{0,1}? [loan mortgage application claim dispute case file refinance] [goes "
        "moves sits stays lands heads closes funds]",
    ),
    phrase(
        BRANCH,
        "ask for CAP",
    ),
    phrase(
        BRANCH,
        "YOUR [home usual own regular old former new]{0,2} branch",
        "owned",
    ),
    phrase(
        BRANCH,
        "branch (where|that|which|at which|WHEN)? (ADV)* YOU (?! [can could may would mean mention mentioned named "
        "describe described])",
        "conditional",
    ),
    phrase(
        BRANCH,
        "branch ~[STOP COND]{0,4} [has have holding holds got] ~[STOP]{0,2} [YOUR it EVENT ACCOUNT]",
    ),
    phrase(
        CASE,
        "[the YOUR a this that] [case ticket claim reference complaint incident] [number no id ref]",
        "conditional",
    ),
)
