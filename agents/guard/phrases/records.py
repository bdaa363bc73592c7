"""English: "we see that you ...", "our records show": what only somebody with the books before them can say."""

from typing import Final

from agents.guard.phrases import RECORDS, Phrase, phrase

PHRASES: Final[tuple[Phrase, ...]] = (
    phrase(
        RECORDS,
        "WE (HAVE|ADV)* LOOKED (up|into|at|over|through)? YOUR (?! ~[STOP]{0,2} [SAFEOWN HEADS])",
        "conditional",
    ),
    phrase(
        RECORDS,
        "OUR _{0,1}? [RECORDS SCREEN] (ADV)* [has have had] [YOU YOUR]",
    ),
    phrase(
        RECORDS,
        "WE ~[STOP YOU COND]{0,3} [showing seeing show see list] ~[STOP YOU COND]{0,4} for YOU",
        "conditional",
    ),
    phrase(
        RECORDS,
        "<BANK> ~[YOU COMMA BREAK COND TO]{0,3} SEE (that|where|from)? ADV* YOU",
        "conditional",
        "feeling",
    ),
    phrase(
        RECORDS,
        "<BANK> ~[YOU COMMA BREAK COND TO]{0,4} SEE <GAP>{0,4}? [EVENT ACCOUNT MONEY AMOUNT] <NOT_HEAD>",
        "conditional",
        "crowd",
    ),
    phrase(
        RECORDS,
        "<BANK> ~[YOU COMMA BREAK COND TO]{0,3} SEE that ~[STOP]{0,3} [EVENT ACCOUNT MONEY]",
        "conditional",
        "crowd",
    ),
    phrase(
        RECORDS,
        "OUR _{0,1}? [RECORDS SCREEN] (ADV|DO|MODAL|NOT)* SAID",
    ),
    phrase(
        RECORDS,
        "[in from on per to with at] OUR ~[STOP]{0,1}? RECORDS",
    ),
    phrase(
        RECORDS,
        "[YOU ACCOUNT EVENT] ~[STOP COND]{0,6} in OUR [system systems]",
    ),
    phrase(
        RECORDS,
        "[looks seems appears appear seem] [like as that to though]* [YOU IT THEIR DEFINITE DEF INDEF "
        "there EVENT ACCOUNT MONEY] ~[STOP BREAK]{0,7} [FINACT DONE DID ARRIVED EVENT ACCOUNT "
        "CUSTOMER] <NOT_HEAD>",
        "conditional",
        "service",
        "crowd",
    ),
    phrase(
        RECORDS,
        "WE (ADV|HAVE|DO|NOT|MODAL)* have YOU (?! [a an covered back])",
        "conditional",
        "asked",
    ),
    phrase(
        RECORDS,
        "<BANK> (ADV|DO|NOT|MODAL|HAVE)* [have has see find show] (no|zero|a|an|any|the|NOT) "
        "<GAP>{0,3}? [record trace note file hold flag ticket claim dispute profile trail sign case]",
        "conditional",
    ),
    phrase(
        RECORDS,
        "[under against attached matching] [that YOUR this the] ADV* _? LABEL",
    ),
    phrase(
        RECORDS,
        (
            "[ACCOUNT EVENT CUSTOMER nobody anyone anybody person profile listed registered linked] "
            "~[STOP COND]{0,4} [with by to for on at] that ~[STOP]{0,1} LABEL"
        ),
        "conditional",
    ),
    phrase(
        RECORDS,
        "on file",
    ),
    phrase(
        RECORDS,
        (
            "<BANK> <SINCE> LOOKED (into|over|at|up|through|on|out)* [DEFINITE DEF] <GAP>{0,3}? [ACCOUNT "
            "EVENT] <NOT_HEAD>"
        ),
        "conditional",
        "crowd",
    ),
    phrase(
        RECORDS,
        "[confirm confirming confirmed] ~[STOP COND COMMA]{0,4}? [YOU EVENT ACCOUNT] <NOT_HEAD>",
        "conditional",
        "owned",
        "crowd",
        "note",
    ),
    phrase(
        RECORDS,
        "[i we] [checked looked verified] ~[STOP COND]{0,3} and ~[STOP]{0,8} [EVENT ACCOUNT MONEY FINACT DONE]",
        "service",
        "crowd",
    ),
    phrase(
        RECORDS,
        "[need needs awaiting waiting missing want require] ~[STOP COND]{0,6}? from YOU",
        "conditional",
    ),
    phrase(
        RECORDS,
        "<BANK> (ADV|HAVE|DO|NOT)* [have had has hold held keep kept] <GAP>{0,4}? [ITEM ACCOUNT EVENT "
        "CUSTOMER] [for of from under] [YOU YOUR]",
        "conditional",
    ),
    phrase(
        RECORDS,
        "[match matches matched] [that YOUR this] _? LABEL",
    ),
    phrase(
        RECORDS,
        "OUR _{0,1}? RECORDS (ADV)* [has have had] (YOU|INDEF|the)",
    ),
    phrase(
        RECORDS,
        "[ORG STAFF CAP] (ADV)* [remember remembers knows recalls] YOU",
        "conditional",
        "asked",
    ),
    phrase(
        RECORDS,
        "([WE ORG] ~[STOP YOU COND]{0,3} [need needs require]|[missing lack lacks await awaiting receipt "
        "received got]) ~[STOP COND NEVER]{0,1} "
        "YOUR (?! ~[STOP]{0,2} [SAFEOWN name])",
        "conditional",
    ),
    phrase(
        RECORDS,
        "<BANK> (ADV|DO|NOT|MODAL)* [hold holds keep keeps maintain] <GAP>{0,4}? [ACCOUNT EVENT MONEY "
        "policies] (for|in|of|with|from)? [YOU YOUR THEIR that]",
        "conditional",
    ),
    phrase(
        RECORDS,
        "[set put] aside ~[STOP COND]{0,6} for YOU",
    ),
    phrase(
        RECORDS,
        "[with given considering] YOUR ~[STOP COMMA]{0,2}? [history record income score balance situation file]",
    ),
    phrase(
        RECORDS,
        "YOUR [home work current new old] address",
        "conditional",
    ),
)
