"""English: "the transfer has been posted", "it went through": how something of the person's stands."""

from typing import Final

from agents.guard.phrases import STATUS, Phrase, phrase

PHRASES: Final[tuple[Phrase, ...]] = (
    phrase(
        STATUS,
        "[STRONG ITEM] ~[STOP COND]{0,4} on (IT S|the|THEIR) WAY",
        "conditional",
        "crowd",
        "general",
    ),
    phrase(
        STATUS,
        "without ~[STOP COMMA]{0,2} [payments payment debt mortgage loan]",
        "conditional",
        "owned",
        vague=True,
    ),
    phrase(
        STATUS,
        "<SUBJECT> [HAVE S] (ADV|NOT|BE)* [DONE DID LIGHT ARRIVED STATE gone come hit been]",
        "conditional",
        "crowd",
        "general",
        "repair",
    ),
    phrase(
        STATUS,
        "<SUBJECT> BEPAST (ADV|NOT)* [DONE DID LIGHT STATE ARRIVED DOING for from because triggered caused]",
        "conditional",
        "crowd",
        "general",
    ),
    phrase(
        STATUS,
        "<SUBJECT> [BENOW S] (ADV|NOT|being|still)* (STATE|DOING|DONE|DID|on (IT S|the|THEIR) WAY|in "
        "the WAY|off|in|ARRIVE)",
        "conditional",
        "crowd",
        "general",
    ),
    phrase(
        STATUS,
        "<SUBJECT> [WILL must] (ADV|NOT|be|have|get|been|being)* [DONE DID ARRIVE STATE be]",
        "conditional",
        "crowd",
        "general",
    ),
    phrase(
        STATUS,
        "<SUBJECT> (did NOT)? ARRIVED",
        "conditional",
        "crowd",
        "general",
    ),
    phrase(
        STATUS,
        "<SUBJECT> did NOT ADV* [ARRIVE FINBASE]",
        "conditional",
        "crowd",
        "general",
    ),
    phrase(
        STATUS,
        "(?<! [WE YOU HAVE]) IT (ADV|HAVE|S|BE|MODAL|NOT|got|get)* DONE",
        "conditional",
        "general",
        "service",
        "crowd",
    ),
    phrase(
        STATUS,
        "(?<! [WE YOU HAVE]) IT (ADV|HAVE|S|BE|MODAL|NOT)* (went through|gone through|go "
        "through|going through|came (ADV)* through|come through|[show showed shown shows showing] "
        "up|landed|hit|hits|arrive|arrived|arrives|be there|be in there|in there|back in|[drop "
        "dropped fall fell drops falls] off|clear|clears|cleared|post|posted|posts|on (IT S|the) "
        "WAY|in the WAY|with YOU|reach YOU|back where|land|lands|reflected|reflect|in YOUR|sorted for "
        "YOU|taken care of|returned|released|lifted|reversed)",
        "conditional",
        "service",
        "general",
    ),
    phrase(
        STATUS,
        "STOP (ADV|AND|done|yes|good|news|great|BREAK|COMMA|JOY|DEF|NEVER|CAP|new|full)* [EVENT "
        "ACCOUNT MONEY AMOUNT] <NOT_HEAD> (PREP ~[STOP COMMA]{1,4})? ADV* [DONE DID LIGHT]",
        "conditional",
        "crowd",
        "general",
    ),
    phrase(
        STATUS,
        "STOP (ADV|AND|done|yes|good|news|great|BREAK|COMMA|JOY|new|full)* [EVENT ACCOUNT MONEY "
        "AMOUNT KEPT SECRET] <NOT_HEAD> ADV* [STATE available DONE DID LIGHT] [STOP BREAK COMMA AND]",
        "conditional",
        "crowd",
        "general",
    ),
    phrase(
        STATUS,
        "STOP (ADV|AND|yes|BREAK|COMMA|JOY|good|news|great|fully|done|STOP)* [DONE DID] "
        "(ADV|AND|DONE|DID|STATE)* [STOP BREAK COMMA]",
        "service",
    ),
    phrase(
        STATUS,
        "there (ADV|S|BE|HAVE|MODAL|NOT|appears|seems|to|no)* [S BE] (ADV|NOT|been)* "
        "(a|an|no|any|NUM|NUMBER|DEFINITE|ADV|some)* ~[PREP STOP COMMA BREAK TO BE]{0,2}? HOLD "
        "<NOT_HEAD>",
        "conditional",
        "crowd",
        "general",
    ),
    phrase(
        STATUS,
        "SORRY ~[STOP]{0,5} [for about over that] ~[STOP PREP]{0,1}? [DEFINITE DEF] <GAP>{0,3}? "
        "[EVENT ACCOUNT] <NOT_HEAD>",
        "crowd",
    ),
    phrase(
        STATUS,
        "SORRY ~[STOP COMMA]{0,4} [for about] ADV* DOING <GAP>{0,3}? [EVENT ACCOUNT MONEY YOU]",
    ),
    phrase(
        STATUS,
        "[congrats congratulations enjoy] ~[STOP WE]{0,4} [on the YOUR] <GAP>{0,3}? [ACCOUNT EVENT "
        "MONEY off closing approved approval] <NOT_HEAD>",
        "owned",
    ),
    phrase(
        STATUS,
        "JOY ~[STOP COMMA]{0,4}? [the DEFINITE] <GAP>{0,3}? <THING> <NOT_HEAD> ADV* [ARRIVED STATE HAVE S BE works]",
        "conditional",
    ),
    phrase(
        STATUS,
        "[the that those both this HIS] ~[STOP PREP BE COMMA]{0,1}? AMOUNT (?! [minimum limit bonus "
        "offer gift threshold monthly daily opening annual fee per HEADS])",
        "conditional",
    ),
    phrase(
        STATUS,
        "AMOUNT ~[STOP COND BREAK]{0,4} [back refunded credited returned reversed waived]",
        "conditional",
        "crowd",
        "general",
    ),
    phrase(
        STATUS,
        "YOU WILL (ADV|NOT|be|able|to|going|have)* [see get receive have notice got received seeing "
        "getting] [it them that money]",
        "conditional",
        "service",
    ),
    phrase(
        STATUS,
        "YOU WILL (ADV|NOT)* find [it them that]",
        "conditional",
        "service",
        "place",
    ),
    phrase(
        STATUS,
        "YOU WILL (ADV|NOT|be|able|to|going|have|been)* [see get receive have notice got received "
        "find seeing getting] <GAP>{0,4}? [EVENT ACCOUNT MONEY AMOUNT PAPERS] <NOT_HEAD>",
        "conditional",
        "place",
        "general",
        "note",
    ),
    phrase(
        STATUS,
        "[expect await] (to|see|ADV|receive|get|a|an|the|YOUR|IT|some|one)* ~[STOP COND]{0,2}? [EVENT "
        "ACCOUNT MONEY PAPERS call it them]",
        "conditional",
    ),
    phrase(
        STATUS,
        "(watch|look|lookout|eye) (out)? [for on] [IT the YOUR a an that some DEFINITE] <GAP>{0,2}? "
        "[EVENT MONEY PAPERS call mailbox mail card envelope letterbox]",
        "conditional",
        "owned",
    ),
    phrase(
        STATUS,
        "[check watch] YOUR ~[STOP]{0,1}? [mailbox mail email letterbox emails]",
        "conditional",
    ),
    phrase(
        STATUS,
        "YOU (can|may|will|should|could) (ADV|NOT|be|able|to|have|start|go)* [log sign get access use "
        "transact withdraw spend shop swipe] ~[STOP COND]{0,6} [now again shortly]",
        "service",
    ),
    phrase(
        STATUS,
        "YOU (can|may|will|should|could) (now|again) (ADV|be|able|to)* [log sign get access use "
        "transact withdraw spend shop swipe see]",
        "service",
    ),
    phrase(
        STATUS,
        "[try retry] (IT|the <GAP>{0,2}? [EVENT ACCOUNT]|logging|signing|using|in|IT) ~[STOP]{0,2}? [now again]",
        "service",
        "conditional",
    ),
    phrase(
        STATUS,
        "[that this it] (S|was|is|BE|ADV)* (from US|OUR [team fraud "
        "system]|legit|legitimate|genuine|really US|US (calling|texting|trying))",
        "asked",
    ),
    phrase(
        STATUS,
        "[the that this those both] <GAP>{0,3}? ITEM (?! S? [HEADS TECH DETAILS PLURALS calculator "
        "officer officers between goes]) (?! in [that this])",
        "owned",
        "product",
        vague=True,
    ),
    phrase(
        STATUS,
        "([HAVE S] (ADV|NOT)* been|[was were] being) (ADV|NOT)* [ED PAST LIGHT]",
        "conditional",
        "crowd",
        "safe",
        "repair",
        "general",
        vague=True,
    ),
    phrase(
        STATUS,
        "all (ADV)* [sorted set done fixed taken cleared squared settled straightened handled resolved patched]",
        "service",
        "repair",
    ),
    phrase(
        STATUS,
        "all good [now on with here]",
        "service",
        "repair",
    ),
    phrase(
        STATUS,
        "DONE",
        "conditional",
        "crowd",
        "general",
        "asked",
        "service",
        "typical",
        vague=True,
    ),
    phrase(
        STATUS,
        "YOU WILL NOT (ADV|be|have|to)* [lose liable owe pay charged billed responsible penalized]",
        "conditional",
        "general",
    ),
    phrase(
        STATUS,
        "[PAST STATE ED] ~[STOP]{0,2} on YOUR [end side]",
        "conditional",
    ),
    phrase(
        STATUS,
        "(?<! [WE YOU HAVE]) IT [S BE HAVE] (ADV|NOT|AND|IT)* "
        "(there|back|in|through|done|gone|sorted|handled|approved|set|ready|active) (ADV|AND)* [STOP "
        "BREAK COMMA for]",
        "conditional",
        "service",
        "asked",
        "repair",
    ),
    phrase(
        STATUS,
        (
            "[the that THEIR] <GAP>{0,2}? [PAPERS limit] [BE S HAVE] (ADV|NOT|been)* [PAST ED AMOUNT set "
            "ready in back higher lower up down gone]"
        ),
        "conditional",
        "general",
        "crowd",
    ),
    phrase(
        STATUS,
        "<SUBJECT> [BENOW S] now",
    ),
    phrase(
        STATUS,
        "owe YOU ~[STOP]{0,5} AMOUNT",
    ),
    phrase(
        STATUS,
        "[text call email message letter sms phone] (ADV)* [BE S] (ADV)* (from "
        "US|OUR|ours|US|legit|legitimate|genuine|real)",
        "asked",
        "conditional",
    ),
    phrase(
        STATUS,
        "that was ~[STOP NOT]{0,3} ORG [ING GERUND]",
    ),
    phrase(
        STATUS,
        "YOUR ~[STOP COMMA]{0,1}? [mailbox letterbox doorstep]",
    ),
    phrase(
        STATUS,
        "[YOUR the THEIR] ~[STOP]{0,2} ITEM (another|a) [try go shot whirl]",
    ),
    phrase(
        STATUS,
        "(is|are|went|gone|put|popped|dropped|stuck|sent|placed|S) ~[STOP COND]{0,5} in the [mail post]",
        "conditional",
        "crowd",
        "general",
    ),
    phrase(
        STATUS,
        "[ITEM PLURALS AMOUNT] (BE|S|ADV)* ours",
        "conditional",
        "asked",
    ),
    phrase(
        STATUS,
        "[NUMBER both] <GAP>{0,2}? PLURALS (?! [HEADS TECH])",
        "conditional",
        "general",
        "crowd",
        vague=True,
    ),
    phrase(
        STATUS,
        "[IT MONEY EVENT] ~[STOP COND]{0,2} [left leave leaves] US",
    ),
    phrase(
        STATUS,
        "[EVENT ACCOUNT KEPT SECRET] [works work working] [again now fine]",
        "conditional",
        "service",
        "plainly",
    ),
    phrase(
        STATUS,
        "[the that] (ADV|X)* amount [BENOW was S]",
        "conditional",
        "crowd",
        "general",
        vague=True,
    ),
    phrase(
        STATUS,
        "YOU WILL ~[STOP NOT]{0,2} [get have receive see] ~[STOP COND]{0,4} back",
        "conditional",
    ),
    phrase(
        STATUS,
        "[underwriting underwriter underwriters appraisal escrow] (ADV|HAVE|S|BE|NOT)* [PAST ED came STATE]",
        "conditional",
        "crowd",
        "general",
    ),
    phrase(
        STATUS,
        "[YOUR the THEIR] <GAP>{0,2}? [ACCOUNT EVENT bond cd policy term] [matures renews expires "
        "closes ends completes resets opens lapses]",
        "conditional",
    ),
    phrase(
        STATUS,
        "[a an] (yes|no|go) from [ORG]",
    ),
    phrase(
        STATUS,
        "[left owed due outstanding remaining] (on|for) (the|YOUR) [ITEM ACCOUNT car house home]",
        "conditional",
    ),
    phrase(
        STATUS,
        "[get got getting have had having] the <GAP>{0,2}? ITEM [ED PAST]",
    ),
    phrase(
        STATUS,
        "check YOUR [texts emails email mail phone post voicemail]",
        "conditional",
    ),
)
