"""English: "you opened", "you are not a customer": what was, is or never was between the person and the bank."""

from typing import Final

from agents.guard.phrases import HISTORY, Phrase, phrase

PHRASES: Final[tuple[Phrase, ...]] = (
    phrase(
        HISTORY,
        "CUSTOMER of ~[STOP]{0,3} YEARS",
        "crowd",
    ),
    phrase(
        HISTORY,
        "YOUR [visit appointment meeting call stop] ~[STOP]{0,3} [yesterday last today earlier BYTHEN]",
        "conditional",
    ),
    phrase(
        HISTORY,
        "YOU [BE BEPAST] (ADV|NOT)* [affected impacted included spared]",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "YOU (ADV|HAVE)* [asked told wanted requested instructed] (US|OUR)? ~[STOP]{0,1}? to [HOWTO FINBASE] "
        "[it them the YOUR that]",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "YOUR ~[STOP]{0,2} [history past record years time] (with|at|here|from) (US|OUR|CAP)",
    ),
    phrase(
        HISTORY,
        "YOU (BE|S|HAVE|ADV|NOT|WILL|DO)* FINACT",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "YOU (BE|S|HAVE|ADV|NOT|DO)* ACTED <GAP>{0,4}? [ACCOUNT EVENT MONEY AMOUNT] <NOT_HEAD>",
        "conditional",
        "asked",
        "owned",
    ),
    phrase(
        HISTORY,
        "YOU ~[COND STOP COMMA BREAK LINK WE]{0,6} ONE_CUSTOMER",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "one of OUR ~[STOP COND]{0,2} CUSTOMER",
        "conditional",
    ),
    phrase(
        HISTORY,
        "YOU (BE|HAVE|ADV|NOT)* (part of|among|in|one of) the CROWD",
        "conditional",
    ),
    phrase(
        HISTORY,
        "YOU ~[STOP COND]{0,3} [bank trust trusted stayed started financed invest joined grew belong "
        "borrow borrowed saved save] ~[STOP COND BREAK]{0,4}? [with to at from by] US",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "YOU (HAVE|ADV|S)* been (ADV|NUM|NUMBER|YEARS|here|INDEF|for|over|banking|loyal)* with US",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "YOU (BE|ADV|NOT|S)* with US",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "YOU (DO|ADV|NOT|WILL|still)* [have has hold owned had carry held own] (NOT|any|no|ADV)* "
        "<GAP>{0,4}? [ACCOUNT EVENT MONEY AMOUNT] <NOT_HEAD>",
        "conditional",
        "asked",
        "crowd",
    ),
    phrase(
        HISTORY,
        "YOU (BE|ADV|NOT|S|HAVE|been)* (in good standing|set up|signed up|locked out|past due|all "
        "set|good to go|back in|good now|in the clear|overdrawn|pre approved|on the list|logged in|in "
        "line|enrolled|eligible|up to date|in luck|next in)",
        "conditional",
        "asked",
        "service",
    ),
    phrase(
        HISTORY,
        (
            "[YOU US banking CUSTOMER together member loyal STAYING] ~[STOP]{0,4} since (way|back|at|"
            "least|ADV)* [NUM the]"
        ),
    ),
    phrase(
        HISTORY,
        "YEARS (ADV|now)* (with US|together|of [banking loyalty membership business trust]|as)",
    ),
    phrase(
        HISTORY,
        "[for over all past last many after these] ~[STOP WE]{0,3} YEARS ~[STOP WE]{0,5} [CUSTOMER banking loyal US]",
        "crowd",
    ),
    phrase(
        HISTORY,
        "[no never not] (longer|been|yet|ADV)* (a|an|OUR|one)* (of)? CUSTOMER",
        "conditional",
        "crowd",
    ),
    phrase(
        HISTORY,
        "no longer [bank with banking has have hold holds service own]",
        "conditional",
    ),
    phrase(
        HISTORY,
        "(one of ours|[YOU HIS they he she] ~[STOP COND]{0,3} ours)",
    ),
    phrase(
        HISTORY,
        "YOU ~[STOP]{0,5} [elsewhere another different] ([bank institution lender provider])?",
        "conditional",
    ),
    phrase(
        HISTORY,
        "CUSTOMER (like|such as) [YOU YOURS]",
    ),
    phrase(
        HISTORY,
        "([see lose losing seeing miss] YOU ([go leave leaving])|[lose losing] YOU|YOU (BE|S)? leaving|YOU left US)",
        "conditional",
    ),
    phrase(
        HISTORY,
        "[having have had keep keeping win] YOU (ADV|back)* (with US|as|on board|aboard|in the|back)",
    ),
    phrase(
        HISTORY,
        "as (WE|i|ADV|HAVE)* (SPOKE|explained)",
    ),
    phrase(
        HISTORY,
        "[per after from during following on in] OUR ~[STOP]{0,2}? [call conversation chat discussion "
        "meeting visit phone appointment letter email]",
    ),
    phrase(
        HISTORY,
        "WE (ADV|HAVE)* SPOKE (to|with)? YOU",
        "conditional",
    ),
    phrase(
        HISTORY,
        "YOU (ADV|HAVE)* SPOKE (to|with) (?! [the a an your])",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "[talking speaking chatting meeting talk speak] (to|with) YOU ~[STOP]{0,3} [today yesterday "
        "earlier this last phone BYTHEN]",
    ),
    phrase(
        HISTORY,
        "[when since after] YOU (ADV|HAVE)* [called phoned rang came visited] (?! [the a an])",
    ),
    phrase(
        HISTORY,
        "YOU (ADV|HAVE)* [called phoned rang] (US|in|OUR|yesterday|earlier)",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "wrong bank",
    ),
    phrase(
        HISTORY,
        "YOU (HAVE|ADV|S|NOT|been|was|were)* [ED PAST LIGHT]",
        "conditional",
        "asked",
        "safe",
        "crowd",
        vague=True,
    ),
    phrase(
        HISTORY,
        "YOU (HAVE|ADV)* been ~[STOP COND]{0,5} [CUSTOMER YEARS]",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "[bank banks banked banking] (ADV)* (with US|here|with OUR)",
        "conditional",
        "asked",
        "crowd",
    ),
    phrase(
        HISTORY,
        "[WE OUR proud happy glad honored honoured privileged love pleasure] ~[STOP]{0,6} "
        "(be|being|as|been|are|am|S) NOT? YOUR [bank lender banker]",
    ),
    phrase(
        HISTORY,
        "YOUR business [has have is was]",
        "conditional",
    ),
    phrase(
        HISTORY,
        "YOU (ADV|HAVE)* [have keep owe hold saved put] in [ACCOUNT MONEY]",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "YOU HAVE (ADV)* been with CAP",
        "conditional",
    ),
    phrase(
        HISTORY,
        "(YOU [HAVE BE] ~[STOP COND COMMA KIND PREP]{0,4}|[nothing anything something everything more much]) with US",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "[underwriting escrow underwriter collections collection appraiser] ~[STOP COND]{0,6} [YOU YOUR]",
        "conditional",
    ),
    phrase(
        HISTORY,
        "YOU (BE|S|HAVE|ADV|NOT|WILL|DO)* [bank banks]",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "YOU (BE|HAVE|ADV|been)* [a the] victim",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "YOU (DO|NOT|ADV)* [appear seem look] (NOT)? to (NOT)? [have hold own be bank use keep] "
        "~[STOP COND]{0,5}? [ACCOUNT EVENT MONEY CUSTOMER with]",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "YOU (ADV|HAVE)* [sent paid transferred wired deposited moved] [it them money the]",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "YOU [BE S] (ADV|NOT|BE)* [listed named registered recorded marked flagged down shown noted]",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "[meet meets match fulfil fulfill satisfy] OUR ~[STOP]{0,2} [criteria requirements standards]",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "[they he she CAP] (S|ADV|HAVE|been|BE)* with US",
        "conditional",
        "asked",
    ),
    phrase(
        HISTORY,
        "it [S was is] (ADV|indeed)* (US|OUR team) (who|that|calling|texting)",
    ),
)
