"""English: "we refunded", "our team lifted the hold": what the bank did, in public, for one person."""

from typing import Final

from agents.guard.phrases import ACTION, Phrase, phrase

PHRASES: Final[tuple[Phrase, ...]] = (
    phrase(
        ACTION,
        "<BANK> (ADV|HAVE|S|AND|gone|went|ahead|NOT|been)* DONE",
        "conditional",
        "crowd",
    ),
    phrase(
        ACTION,
        "<BANK> did (NOT|ADV)* FINBASE",
        "conditional",
        "crowd",
    ),
    phrase(
        ACTION,
        "<BANK> (ADV|HAVE|S|AND|gone|went|ahead|NOT)* (?! [raised donated] ~[STOP]{0,2} AMOUNT) [DID "
        "LIGHT] [up off out back through over down in on]? <GAP>{0,4}? [ACCOUNT EVENT MONEY AMOUNT] "
        "<NOT_HEAD>",
        "conditional",
        "crowd",
    ),
    phrase(
        ACTION,
        "<BANK> (ADV|HAVE|S|AND|gone|went|ahead)* DID [up off out back through over down in]? [IT YOU] (?! "
        "[to along on over])",
        "conditional",
        "service",
        "note",
    ),
    phrase(
        ACTION,
        "i (ADV|HAVE|AND)* [fixed resolved handled sorted squared patched arranged] [IT things YOU]",
        "service",
    ),
    phrase(
        ACTION,
        "<BANK> <SINCE> [DONE DID LIGHT ED made did done] ~[STOP COND]{0,5} for YOU",
        "service",
        "note",
    ),
    phrase(
        ACTION,
        "<BANK> <SINCE> [took taken] care of",
        "service",
    ),
    phrase(
        ACTION,
        "<BANK> (BE|S|ADV|HAVE|been)* [BE S] ADV* DOING <GAP>{0,4}? [ACCOUNT EVENT MONEY YOU AMOUNT] <NOT_HEAD>",
        "conditional",
        "crowd",
        "note",
    ),
    phrase(
        ACTION,
        "<BANK> (ADV|HAVE|S|AND|DO|NOT)* CALLED YOU",
        "note",
    ),
    phrase(
        ACTION,
        "[tried trying attempted] (to)? [call reach calling contact phone email get reaching] (a|hold|of|ahold)* YOU",
        "conditional",
    ),
    phrase(
        ACTION,
        "<BANK> <SINCE> [sent left gave given mailed emailed texted] YOU <GAP>{0,4}? [PAPERS EVENT "
        "ACCOUNT voicemail message link code]",
        "conditional",
        "note",
    ),
    phrase(
        ACTION,
        "<BANK> <SINCE> [sent mailed emailed received got reviewed LOOKED] (out)? [the YOUR a all "
        "that] <GAP>{0,3}? PAPERS <NOT_HEAD>",
        "conditional",
        "service",
    ),
    phrase(
        ACTION,
        "[exception courtesy goodwill] ~[STOP COND]{0,3} (for YOU|refund|credit|waiver|on the EVENT)",
    ),
    phrase(
        ACTION,
        "as a ~[STOP]{0,3}? [courtesy goodwill]",
    ),
    phrase(
        ACTION,
        "<BANK> (ADV|HAVE|AND|S)* [ED PAST LIGHT LOOKED] ~[STOP COND COMMA]{0,6}? [ITEM YOU PAPERS "
        "KEPT sure underwriting lending collections mortgage disputes claims alert alarm file fraud]",
        "conditional",
        "note",
        "crowd",
        "service",
        "safe",
        vague=True,
    ),
    phrase(
        ACTION,
        "STOP (ADV|BREAK|COMMA|CAP|ok|okay)* [LIGHT PAST ED] (up|out|off|over)? "
        "(with|into|to|at|IT|the|YOUR|that|a|an|back|on)",
        "conditional",
        "crowd",
        "safe",
        "note",
        "service",
        "question",
        vague=True,
    ),
    phrase(
        ACTION,
        "<BANK> (ADV|HAVE|AND|S)* [ED PAST LIGHT] YOUR (?! ~[STOP]{0,2} [HEADS SAFEOWN idea ideas words "
        "suggestion suggestions comments concern concerns reply kindness story review] (?! [DETAILS LABEL]))",
        "conditional",
        "safe",
    ),
    phrase(
        ACTION,
        "[was were been being] (ADV|NOT)* [ED PAST LIGHT] (ADV|out|off|over|back)* (to|for|with) YOU",
        "conditional",
        "safe",
        "note",
    ),
    phrase(
        ACTION,
        "[went go goes going gone sent mailed emailed paid shipped delivered] (ADV|out|off|over|back)* to YOU",
        "conditional",
        "note",
    ),
    phrase(
        ACTION,
        "WE (WILL|ADV|BE|going|to)* (?! [NEVER recommend suggest advise encourage]) ~[STOP NEVER "
        "COND YOU PAST]{1,2}? YOUR (?! "
        "~[STOP]{0,2} [SAFEOWN HEADS data personal name]) _",
        "conditional",
        "owned",
        vague=True,
    ),
    phrase(
        ACTION,
        "[BE S] (ADV)* DOING YOUR (?! ~[STOP]{0,2} [SAFEOWN HEADS])",
        "conditional",
    ),
    phrase(
        ACTION,
        "[sign signing] (the|YOUR) ~[STOP]{0,2}? [papers paperwork documents document forms form "
        "contract agreement loan mortgage note deed]",
        "conditional",
    ),
)
