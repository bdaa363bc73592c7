"""How English tells that somebody is, was or is not a customer."""

from typing import Final

from agents.guard.phrases import (
    ACTION,
    BRANCH,
    CASE,
    HISTORY,
    RECORDS,
    RELATIONSHIP,
    STATUS,
    THANKS,
    Licence,
    Phrase,
)

# Words that may stand between a determiner and its noun; with "'s" for "your mother's account".
GAP: Final = "~[WE YOU BE S HAVE MODAL PREP COND WHEN TO COMMA BREAK OTHERS DO]"
OWN_GAP: Final = "~[WE YOU BE HAVE MODAL PREP COND WHEN TO BREAK OTHERS DO]"
THING: Final = "[ACCOUNT EVENT MONEY]"
NOT_HEAD: Final = "(?! S? [HEADS TECH])"
# "the transfer [to your brother] [that you made on Monday]"
TAIL: Final = "(PREP ~[STOP COMMA BREAK BE HAVE MODAL S]{1,5})? ((that|which)? [YOU WE] ~[STOP COMMA BREAK BE S]{1,4})?"
SUBJECT: Final = f"[ACCOUNT EVENT MONEY AMOUNT] {NOT_HEAD} (?! DETAILS) {TAIL} ADV*"
BANK: Final = "[WE ORG]"
SINCE: Final = "(ADV|HAVE|S|AND)*"

_IF: Final[tuple[Licence, ...]] = ("conditional",)
_ASKED: Final[tuple[Licence, ...]] = ("conditional", "asked")
_STATED: Final[tuple[Licence, ...]] = ("conditional", "crowd", "general")
_SERVICE: Final[tuple[Licence, ...]] = ("conditional", "service")

PHRASES: Final[tuple[Phrase, ...]] = (
    # "your account", "your mother's savings", "an account of yours", "her mortgage"
    Phrase(RELATIONSHIP, f"YOUR {OWN_GAP}{{0,5}}? [ACCOUNT EVENT MONEY SECRET STAFF KEPT] (?! NEUTRAL)", ("owned",)),
    Phrase(RELATIONSHIP, "[ACCOUNT EVENT MONEY] of YOURS"),
    Phrase(RELATIONSHIP, f"HIS {GAP}{{0,3}}? [ACCOUNT EVENT] {NOT_HEAD}", ("owned",)),
    Phrase(RELATIONSHIP, f"[CAP X] S {GAP}{{0,2}}? [ACCOUNT EVENT] {NOT_HEAD} [BE HAVE S WILL]", _IF),
    Phrase(RELATIONSHIP, "YOUR (?! ~[STOP COMMA]{0,2} SAFEOWN) ~[STOP COMMA BREAK BE HAVE MODAL PREP YOU WE COND TO]{1,4}? (?= (PREP ~[STOP COMMA BE HAVE MODAL]{1,3})? ADV* "
                         "[BE HAVE S WILL must])", ("owned",), vague=True),
    Phrase(RELATIONSHIP, "YOUR (?! ~[STOP COMMA]{0,2} SAFEOWN) ~[STOP COMMA BREAK BE HAVE MODAL PREP YOU WE COND TO]{1,4}? (?= ADV* [ARRIVED went came got])", ("owned",)),
    Phrase(HISTORY, "YOUR ~[STOP]{0,2} [history past record years time] (with|at|here|from) (US|OUR|CAP)"),
    # "we see that you ...", "I see a hold", "our records show", "on file", "under that name"
    Phrase(RECORDS, f"{BANK} ~[YOU COMMA BREAK COND TO]{{0,3}} SEE (that|where|from)? ADV* YOU", ("conditional", "feeling")),
    Phrase(RECORDS, f"{BANK} ~[YOU COMMA BREAK COND TO]{{0,4}} SEE {GAP}{{0,4}}? [EVENT ACCOUNT MONEY AMOUNT] {NOT_HEAD}",
           ("conditional", "crowd")),
    Phrase(RECORDS, f"{BANK} ~[YOU COMMA BREAK COND TO]{{0,3}} SEE that ~[STOP]{{0,3}} [EVENT ACCOUNT MONEY]", ("conditional", "crowd")),
    Phrase(RECORDS, "OUR _{0,1}? [RECORDS SCREEN] (ADV|DO|MODAL|NOT)* SAID"),
    Phrase(RECORDS, "[in from on per to with at] OUR ~[STOP]{0,1}? RECORDS"),
    Phrase(RECORDS, "[YOU ACCOUNT EVENT] ~[STOP COND]{0,6} in OUR [system systems]"),
    Phrase(RECORDS, f"[looks seems appears appear seem] [like as that to though]* "
                    f"[YOU IT THEIR DEFINITE DEF INDEF there EVENT ACCOUNT MONEY] ~[STOP BREAK]{{0,7}} [FINACT DONE DID ARRIVED EVENT ACCOUNT CUSTOMER] {NOT_HEAD}",
           ("conditional", "service", "crowd")),
    Phrase(RECORDS, "WE (ADV|HAVE|DO|NOT|MODAL)* have YOU (?! [a an covered back])", ("conditional", "asked")),
    Phrase(RECORDS, f"{BANK} (ADV|DO|NOT|MODAL|HAVE)* [have has see find show] (no|zero|a|an|any|the|NOT) {GAP}{{0,3}}? "
                    "[record trace note file hold flag ticket claim dispute profile trail sign case]", _IF),
    Phrase(RECORDS, "[under against attached matching] [that YOUR this the] ADV* _? LABEL"),
    Phrase(RECORDS, "[with by to for on at] that ~[STOP]{0,1} LABEL", _IF),
    Phrase(RECORDS, "on file"),
    Phrase(RECORDS, f"{BANK} {SINCE} LOOKED (into|over|at|up|through|on|out)* [DEFINITE DEF] {GAP}{{0,3}}? [ACCOUNT EVENT] {NOT_HEAD}",
           ("conditional", "crowd")),
    Phrase(RECORDS, f"[confirm confirming confirmed] ~[STOP COND COMMA]{{0,4}}? [YOU EVENT ACCOUNT] {NOT_HEAD}",
           ("conditional", "owned", "crowd", "note")),
    Phrase(RECORDS, "[i we] [checked looked verified] ~[STOP COND]{0,3} and ~[STOP]{0,8} [EVENT ACCOUNT MONEY FINACT DONE]",
           ("service", "crowd")),
    # "you opened", "you are not a customer", "you bank with us", "you have a loan"
    Phrase(HISTORY, "YOU (BE|S|HAVE|ADV|NOT|WILL|DO)* FINACT", ("conditional", "asked", "general")),
    Phrase(HISTORY, f"YOU (BE|S|HAVE|ADV|NOT|DO)* ACTED {GAP}{{0,4}}? [ACCOUNT EVENT MONEY AMOUNT] {NOT_HEAD}", ("conditional", "asked", "owned")),
    Phrase(HISTORY, "YOU ~[COND STOP COMMA BREAK LINK WE]{0,6} ONE_CUSTOMER", _ASKED),
    Phrase(HISTORY, "one of OUR ~[STOP COND]{0,2} CUSTOMER", _IF),
    Phrase(HISTORY, "YOU (BE|HAVE|ADV|NOT)* (part of|among|in|one of) the CROWD", _IF),
    Phrase(HISTORY, "YOU ~[STOP COND]{0,3} [bank trust trusted stayed started financed invest joined grew belong borrow borrowed saved save] "
                    "~[STOP COND BREAK]{0,4}? [with to at from by] US", _ASKED),
    Phrase(HISTORY, "YOU (HAVE|ADV|S)* been (ADV|NUM|NUMBER|YEARS|here|INDEF|for|over|banking|loyal)* with US", _ASKED),
    Phrase(HISTORY, "YOU (BE|ADV|NOT|S)* with US", _ASKED),
    Phrase(HISTORY, f"YOU (DO|ADV|NOT|WILL|still)* [have has hold owned had carry held own] (NOT|any|no|ADV)* {GAP}{{0,4}}? "
                    f"[ACCOUNT EVENT MONEY AMOUNT] {NOT_HEAD}", ("conditional", "asked", "crowd")),
    Phrase(HISTORY, "YOU (BE|ADV|NOT|S|HAVE|been)* (in good standing|set up|signed up|locked out|past due|all set|good to go|back in|"
                    "good now|in the clear|overdrawn|pre approved|on the list|logged in|in line|enrolled|eligible|up to date|in luck|next in)",
           ("conditional", "asked", "service")),
    Phrase(HISTORY, "[YOU US banking CUSTOMER together member loyal STAYING] ~[STOP]{0,4} since (way|back|at|least|ADV)* [NUM the]"),
    Phrase(HISTORY, "YEARS (ADV|now)* (with US|together|of [banking loyalty membership business trust]|as)"),
    Phrase(HISTORY, "[for over all past last many after these] ~[STOP WE]{0,3} YEARS ~[STOP WE]{0,5} [CUSTOMER banking loyal US]", ("crowd",)),
    Phrase(HISTORY, "[no never not] (longer|been|yet|ADV)* (a|an|OUR|one)* (of)? CUSTOMER", ("conditional", "crowd")),
    Phrase(HISTORY, "no longer [bank with banking has have hold holds service own]", _IF),
    Phrase(HISTORY, "(one of ours|[YOU HIS they he she] ~[STOP COND]{0,3} ours)"),
    Phrase(HISTORY, "YOU ~[STOP]{0,5} [elsewhere another different] ([bank institution lender provider])?", _IF),
    Phrase(HISTORY, "[CUSTOMER folks people someone somebody] (like|such as) [YOU YOURS]"),
    Phrase(HISTORY, "([see lose losing seeing miss] YOU ([go leave leaving])|[lose losing] YOU|YOU (BE|S)? leaving|YOU left US)", _IF),
    Phrase(HISTORY, "[having have had keep keeping win] YOU (ADV|back)* (with US|as|on board|aboard|in the|back)"),
    Phrase(HISTORY, "as (WE|i|ADV|HAVE)* (SPOKE|explained)"),
    Phrase(HISTORY, "[per after from during following on in] OUR ~[STOP]{0,2}? [call conversation chat discussion meeting visit phone appointment letter email]"),
    Phrase(HISTORY, "WE (ADV|HAVE)* SPOKE (to|with)? YOU", _IF),
    Phrase(HISTORY, "YOU (ADV|HAVE)* SPOKE (to|with) (?! [the a an your])", _ASKED),
    Phrase(HISTORY, "[talking speaking chatting meeting talk speak] (to|with) YOU ~[STOP]{0,3} [today yesterday earlier this last phone BYTHEN]"),
    Phrase(HISTORY, "[when since after] YOU (ADV|HAVE)* [called phoned rang came visited] (?! [the a an])", ()),
    Phrase(HISTORY, "YOU (ADV|HAVE)* [called phoned rang] (US|in|OUR|yesterday|earlier)", _ASKED),
    Phrase(HISTORY, "wrong bank"),
    # "as our customer", "thanks for banking with us", "your loyalty", "welcome to the family"
    Phrase(THANKS, "THANK ~[COMMA BREAK STOP]{0,6} YOUR ~[STOP COMMA]{0,2} [loyalty business patronage custom trust membership continued relationship]"),
    Phrase(THANKS, "YOUR ~[STOP COMMA]{0,1}? [loyalty patronage]"),
    Phrase(THANKS, "[THANK JOY] ~[COMMA BREAK STOP]{0,6} for ADV* [banking choosing staying sticking switching trusting continuing "
                   "borrowing financing investing refinancing] (?! [up an calm safe informed tuned home well to kind patient strong positive])", ("service",)),
    Phrase(THANKS, f"THANK ~[COMMA BREAK STOP]{{0,6}} for ADV* STAYING {GAP}{{0,3}}? [ACCOUNT EVENT MONEY]"),
    Phrase(THANKS, "joining (OUR|the) ~[STOP]{0,2}? [bank family]"),
    Phrase(THANKS, "being (ADV|such|a|an|OUR|one|of)* ~[STOP COND]{0,2} CUSTOMER", _IF),
    Phrase(THANKS, "being (ADV)* with US", _IF),
    Phrase(THANKS, "as (ADV|such)* [a an OUR YOUR one the] ~[STOP COND COMMA]{0,3}? ONE_CUSTOMER", _IF),
    Phrase(THANKS, "[loyal valued longtime longstanding dear esteemed existing faithful preferred favorite favourite] (ADV)* CUSTOMER", ("conditional", "crowd")),
    Phrase(THANKS, "welcome (back|YOU)* (aboard|on board|as a|back)"),
    Phrase(THANKS, "[welcome part member in join joined] (back|YOU)* (to|of)? [the OUR] ~[STOP]{0,2}? family"),
    Phrase(THANKS, "[serving helping having serve] YOU ~[STOP]{0,4} [YEARS since]"),
    Phrase(THANKS, "WE ~[STOP]{0,4} [love value appreciate enjoy proud] ~[STOP]{0,2} YOU (as|with|banking) "),
    # "I've refunded you", "our team lifted the hold", "we've mailed a new card"
    Phrase(ACTION, f"{BANK} (ADV|HAVE|S|AND|gone|ahead|NOT|been)* DONE", ("conditional", "crowd")),
    Phrase(ACTION, f"{BANK} did (NOT|ADV)* FINBASE", ("conditional", "crowd")),
    Phrase(ACTION, f"{BANK} (ADV|HAVE|S|AND|gone|ahead|NOT)* (?! [raised donated] ~[STOP]{{0,2}} AMOUNT) [DID LIGHT] [up off out back through over down in on]? {GAP}{{0,4}}? "
                   f"[ACCOUNT EVENT MONEY AMOUNT] {NOT_HEAD}", ("conditional", "crowd")),
    Phrase(ACTION, f"{BANK} (ADV|HAVE|S|AND|gone|ahead)* DID [up off out back through over down in]? [IT YOU] (?! [to along on over])",
           ("conditional", "service", "note")),
    Phrase(ACTION, "i (ADV|HAVE|AND)* [fixed resolved handled sorted squared patched arranged] [IT things YOU]", ("service",)),
    Phrase(ACTION, f"{BANK} (ADV|HAVE|S|AND)* [DONE DID LIGHT ED made did done] ~[STOP COND]{{0,5}} for YOU", ("service", "note")),
    Phrase(ACTION, f"{BANK} (ADV|HAVE|S|AND)* [took taken] care of", ("service",)),
    Phrase(ACTION, f"{BANK} (BE|S|ADV|HAVE|been)* [BE S] ADV* DOING {GAP}{{0,4}}? [ACCOUNT EVENT MONEY YOU AMOUNT] {NOT_HEAD}",
           ("conditional", "crowd", "note")),
    Phrase(ACTION, f"{BANK} (ADV|HAVE|S|AND|DO|NOT)* CALLED YOU", ("note",)),
    Phrase(ACTION, "[tried trying attempted] (to)? [call reach calling contact phone email get reaching] (a|hold|of|ahold)* YOU", _IF),
    Phrase(ACTION, f"{BANK} (ADV|HAVE|S|AND)* [sent left gave given mailed emailed texted] YOU {GAP}{{0,4}}? "
                   "[PAPERS EVENT ACCOUNT voicemail message link code]", ("conditional", "note")),
    Phrase(ACTION, f"{BANK} (ADV|HAVE|S|AND)* [sent mailed emailed received got reviewed LOOKED] (out)? [the YOUR a all that] {GAP}{{0,3}}? PAPERS {NOT_HEAD}",
           ("conditional", "service")),
    Phrase(ACTION, "[exception courtesy goodwill] ~[STOP COND]{0,3} (for YOU|refund|credit|waiver|on the EVENT)"),
    Phrase(ACTION, "as a ~[STOP]{0,3}? [courtesy goodwill]"),
    # "the transfer has been posted", "the hold is off", "it went through", "refund issued"
    Phrase(STATUS, f"{SUBJECT} [HAVE S] (ADV|NOT|BE)* [DONE DID LIGHT ARRIVED STATE gone come hit been]", _STATED),
    Phrase(STATUS, f"{SUBJECT} BEPAST (ADV|NOT)* [DONE DID LIGHT STATE ARRIVED DOING for from because triggered caused]", _STATED),
    Phrase(STATUS, f"{SUBJECT} [BENOW S] (ADV|NOT|being|still)* (STATE|DOING|DONE|DID|on (IT S|the|THEIR) WAY|in the WAY|off|in|ARRIVE)", _STATED),
    Phrase(STATUS, f"{SUBJECT} [WILL must] (ADV|NOT|be|have|get|been|being)* [DONE DID ARRIVE STATE be]", _STATED),
    Phrase(STATUS, f"{SUBJECT} (did NOT)? ARRIVED", _STATED),
    Phrase(STATUS, f"{SUBJECT} did NOT ADV* [ARRIVE FINBASE]", _STATED),
    Phrase(STATUS, "(?<! [WE YOU HAVE]) IT (ADV|HAVE|S|BE|MODAL|NOT|got|get)* DONE", ("conditional", "general", "service", "crowd")),
    Phrase(STATUS, "(?<! [WE YOU HAVE]) IT (ADV|HAVE|S|BE|MODAL|NOT)* (went through|gone through|go through|going through|came (ADV)* through|come through|"
                   "[show showed shown shows showing] up|landed|hit|hits|arrive|arrived|arrives|be there|be in there|in there|back in|"
                   "[drop dropped fall fell drops falls] off|clear|clears|cleared|post|posted|posts|on (IT S|the) WAY|in the WAY|with YOU|reach YOU|"
                   "back where|land|lands|reflected|reflect|in YOUR|sorted for YOU|taken care of|returned|released|lifted|reversed)",
           ("conditional", "service", "general")),
    Phrase(STATUS, f"STOP (ADV|AND|done|yes|good|news|great|BREAK|COMMA|JOY|DEF|NEVER|CAP|new|full)* [EVENT ACCOUNT MONEY AMOUNT] {NOT_HEAD} "
                   "(PREP ~[STOP COMMA]{1,4})? ADV* [DONE DID LIGHT]", _STATED),
    Phrase(STATUS, f"STOP (ADV|AND|done|yes|good|news|great|BREAK|COMMA|JOY|new|full)* [EVENT ACCOUNT MONEY AMOUNT KEPT SECRET] {NOT_HEAD} ADV* "
                   "[STATE available DONE DID LIGHT] [STOP BREAK COMMA AND]", _STATED),
    Phrase(STATUS, "STOP (ADV|AND|yes|BREAK|COMMA|JOY|good|news|great|fully|done|STOP)* [DONE DID] (ADV|AND|DONE|DID|STATE)* [STOP BREAK COMMA]", ("service",)),
    Phrase(STATUS, "there (ADV|S|BE|HAVE|MODAL|NOT|appears|seems|to|no)* [S BE] (ADV|NOT|been)* (a|an|no|any|NUM|NUMBER|DEFINITE|ADV|some)* "
                   f"~[PREP STOP COMMA BREAK TO BE]{{0,2}}? HOLD {NOT_HEAD}", ("conditional", "crowd", "general")),
    Phrase(STATUS, f"SORRY ~[STOP]{{0,5}} [for about over that] ~[STOP PREP]{{0,1}}? [DEFINITE DEF] {GAP}{{0,3}}? [EVENT ACCOUNT] {NOT_HEAD}", ("crowd",)),
    Phrase(STATUS, f"SORRY ~[STOP COMMA]{{0,4}} [for about] ADV* DOING {GAP}{{0,3}}? [EVENT ACCOUNT MONEY YOU]"),
    Phrase(STATUS, f"[congrats congratulations enjoy] ~[STOP WE]{{0,4}} [on the YOUR] {GAP}{{0,3}}? [ACCOUNT EVENT MONEY off closing approved approval] {NOT_HEAD}",
           ("owned",)),
    Phrase(STATUS, f"JOY ~[STOP COMMA]{{0,4}}? [the DEFINITE] {GAP}{{0,3}}? {THING} {NOT_HEAD} ADV* [ARRIVED STATE HAVE S BE works]", _IF),
    Phrase(STATUS, "[the that those both this HIS] ~[STOP PREP BE COMMA]{0,1}? AMOUNT (?! [minimum limit bonus offer gift threshold monthly daily opening annual fee per HEADS])",
           _IF),
    Phrase(STATUS, "AMOUNT ~[STOP COND BREAK]{0,4} [back refunded credited returned reversed waived]", _STATED),
    Phrase(STATUS, "YOU WILL (ADV|NOT|be|able|to|going|have)* [see get receive have notice got received seeing getting] [it them that money]",
           ("conditional", "service")),
    Phrase(STATUS, "YOU WILL (ADV|NOT)* find [it them that]", ("conditional", "service", "place")),
    Phrase(STATUS, f"YOU WILL (ADV|NOT|be|able|to|going|have|been)* [see get receive have notice got received find seeing getting] "
                   f"{GAP}{{0,4}}? [EVENT ACCOUNT MONEY AMOUNT PAPERS] {NOT_HEAD}", ("conditional", "place", "general", "note")),
    Phrase(STATUS, "[expect await] (to|see|ADV|receive|get|a|an|the|YOUR|IT|some|one)* ~[STOP COND]{0,2}? [EVENT ACCOUNT MONEY PAPERS call it them]", _IF),
    Phrase(STATUS, "(watch|look|lookout|eye) (out)? [for on] [IT the YOUR a an that some DEFINITE] "
                   f"{GAP}{{0,2}}? [EVENT MONEY PAPERS call mailbox mail card envelope letterbox]", ("conditional", "owned")),
    Phrase(STATUS, "[check watch] YOUR ~[STOP]{0,1}? [mailbox mail email letterbox emails]", _IF),
    Phrase(STATUS, "YOU (can|may|will|should|could) (ADV|NOT|be|able|to|have|start|go)* [log sign get access use transact withdraw spend shop swipe] "
                   "~[STOP COND]{0,6} [now again shortly]", ("service",)),
    Phrase(STATUS, "YOU (can|may|will|should|could) (now|again) (ADV|be|able|to)* [log sign get access use transact withdraw spend shop swipe see] ", ("service",)),
    Phrase(STATUS, f"[try retry] (IT|the {GAP}{{0,2}}? [EVENT ACCOUNT]|logging|signing|using|in|IT) ~[STOP]{{0,2}}? [now again]", ("service", "conditional")),
    Phrase(STATUS, "[that this it] (S|was|is|BE|ADV)* (from US|OUR [team fraud system]|legit|legitimate|genuine|really US|US (calling|texting|trying))", ("asked",)),
    # Whatever is particular needs an excuse: "the mortgage", "you've earned ...", "I've spoken with ...", "has been added".
    Phrase(STATUS, f"[the that this those both] {GAP}{{0,3}}? ITEM (?! S? [HEADS TECH DETAILS PLURALS calculator officer officers])", ("owned", "product"), vague=True),
    Phrase(ACTION, f"{BANK} (ADV|HAVE|AND|S)* [ED PAST LIGHT LOOKED] ~[STOP COND COMMA]{{0,6}}? [ITEM YOU PAPERS KEPT sure underwriting lending collections mortgage disputes claims alert alarm file fraud]",
           ("conditional", "note", "crowd", "service", "safe"), vague=True),
    Phrase(ACTION, "STOP (ADV|BREAK|COMMA|CAP|ok|okay)* [LIGHT PAST ED] (up|out|off|over)? (with|into|to|at|IT|the|YOUR|that|a|an|back|on)",
           ("conditional", "crowd", "safe", "note", "service", "question"), vague=True),
    Phrase(ACTION, f"{BANK} (ADV|HAVE|AND|S)* [ED PAST LIGHT] YOUR (?! ~[STOP]{{0,2}} [HEADS idea ideas words suggestion suggestions comments concern concerns reply kindness story review])",
           ("conditional", "safe")),
    Phrase(HISTORY, "YOU (HAVE|ADV|S|NOT|been|was|were)* [ED PAST LIGHT]", ("conditional", "asked", "safe", "crowd"), vague=True),
    Phrase(HISTORY, "YOU (HAVE|ADV)* been ~[STOP COND]{0,5} [CUSTOMER YEARS]", ("conditional", "asked")),
    Phrase(STATUS, "([HAVE S] (ADV|NOT)* been|[was were] being) (ADV|NOT)* [ED PAST LIGHT]", ("conditional", "crowd", "safe", "repair", "general"), vague=True),
    Phrase(STATUS, "all (ADV)* [sorted set done fixed taken cleared squared settled straightened handled resolved patched] ", ("service", "repair")),
    Phrase(STATUS, "all good [now on with here]", ("service", "repair")),
    Phrase(HISTORY, "[bank banks banked banking] (ADV)* (with US|here|with OUR)", ("conditional", "asked", "crowd")),
    Phrase(ACTION, "[was were been being] (ADV|NOT)* [ED PAST LIGHT] (ADV|out|off|over|back)* (to|for|with) YOU", ("conditional", "safe", "note")),
    Phrase(ACTION, "[went go goes going gone sent mailed emailed paid shipped delivered] (ADV|out|off|over|back)* to YOU", ("conditional", "note")),
    Phrase(STATUS, "DONE", ("conditional", "crowd", "general", "asked", "service", "typical"), vague=True),
    Phrase(STATUS, "YOU WILL NOT (ADV|be|have|to)* [lose liable owe pay charged billed responsible penalized]", ("conditional", "general")),
    Phrase(STATUS, "[PAST STATE ED] ~[STOP]{0,2} on YOUR [end side]", _IF),
    Phrase(STATUS, "(?<! [WE YOU HAVE]) IT [S BE HAVE] (ADV|NOT|AND|IT)* (there|back|in|through|done|gone|sorted|handled|approved|set|ready|active) (ADV|AND)* [STOP BREAK COMMA for]",
           ("conditional", "service", "asked", "repair")),
    Phrase(STATUS, f"[the that THEIR] {GAP}{{0,2}}? [PAPERS limit] [BE S HAVE] (ADV|NOT|been)* [PAST ED AMOUNT set ready in back]", ("conditional", "general", "crowd")),
    Phrase(STATUS, f"{SUBJECT} [BENOW S] now"),
    Phrase(RECORDS, "[need needs awaiting waiting missing want require] ~[STOP COND]{0,6}? from YOU", ("conditional",)),
    Phrase(RECORDS, f"[WE ORG] (ADV|HAVE|DO|NOT)* [have had has hold held keep kept] {GAP}{{0,4}}? [ITEM ACCOUNT EVENT CUSTOMER] [for of from under] [YOU YOUR]", _IF),
    Phrase(HISTORY, "[WE OUR proud happy glad honored honoured privileged love pleasure] ~[STOP]{0,6} (be|being|as|been|are|am|S) NOT? YOUR [bank lender banker]"),
    Phrase(HISTORY, "YOUR business [has have is was]", _IF),
    Phrase(HISTORY, "YOU (ADV|HAVE)* [have keep owe hold saved put] in [ACCOUNT MONEY]", ("conditional", "asked")),
    Phrase(HISTORY, "YOU HAVE (ADV)* been with CAP", _IF),
    Phrase(STATUS, "owe YOU ~[STOP]{0,5} AMOUNT"),
    Phrase(STATUS, "[text call email message letter sms phone] (ADV)* [BE S] (ADV)* (from US|OUR|ours|US|legit|legitimate|genuine|real)", ("asked", "conditional")),
    Phrase(STATUS, "that was ~[STOP NOT]{0,3} ORG [ING GERUND]"),
    Phrase(THANKS, "[count consider counting] YOU (among|as|one of|part of)"),
    Phrase(THANKS, "(among|amongst) OUR ~[STOP]{0,2} CUSTOMER"),
    Phrase(STATUS, "YOUR ~[STOP COMMA]{0,1}? [mailbox letterbox doorstep]"),
    Phrase(STATUS, "[YOUR the THEIR] ~[STOP]{0,2} ITEM (another|a) [try go shot whirl]"),
    Phrase(BRANCH, "ask for CAP"),
    Phrase(HISTORY, "(YOU [HAVE BE] ~[STOP COND COMMA KIND PREP]{0,4}|[nothing anything something everything more much]) with US",
           ("conditional", "asked")),
    Phrase(RECORDS, "[match matches matched] [that YOUR this] _? LABEL"),
    Phrase(HISTORY, "[underwriting escrow underwriter collections collection appraiser] ~[STOP COND]{0,6} [YOU YOUR]", _IF),
    Phrase(STATUS, "(is|are|went|gone|put|popped|dropped|stuck|sent|placed|S) ~[STOP COND]{0,5} in the [mail post]", _STATED),
    Phrase(THANKS, "[congrats congratulations] ~[STOP]{0,3} (becoming|joining)"),
    Phrase(STATUS, "[ITEM PLURALS AMOUNT] (BE|S|ADV)* ours", ("conditional", "asked")),
    Phrase(STATUS, f"[NUMBER both] {GAP}{{0,2}}? PLURALS (?! [HEADS TECH])", ("conditional", "general", "crowd"), vague=True),
    Phrase(RECORDS, "OUR _{0,1}? RECORDS (ADV)* [has have had] (YOU|INDEF|the)"),
    Phrase(ACTION, "WE (WILL|ADV|BE|going|to)* (?! NEVER) ~[STOP NEVER COND YOU PAST]{1,2}? YOUR (?! ~[STOP]{0,2} [SAFEOWN HEADS data personal name]) _", ("conditional", "owned"), vague=True),
    Phrase(ACTION, "[BE S] (ADV)* DOING YOUR (?! ~[STOP]{0,2} [SAFEOWN HEADS])", _IF),
    Phrase(HISTORY, "YOU (BE|S|HAVE|ADV|NOT|WILL|DO)* [bank banks]", ("conditional", "asked")),
    # What the bank lacks, holds, or has set aside of the person's, and how things stand at its desks.
    Phrase(RECORDS, "[need needs missing lack lacks await awaiting receipt received got] ~[STOP COND NEVER]{0,1} YOUR (?! ~[STOP]{0,2} [SAFEOWN name])", _IF),
    Phrase(RECORDS, f"{BANK} (ADV|DO|NOT|MODAL)* [hold holds keep keeps maintain] {GAP}{{0,4}}? [ACCOUNT EVENT MONEY policies] (for|in|of|with|from)? [YOU YOUR THEIR that]", _IF),
    Phrase(RECORDS, "[set put] aside ~[STOP COND]{0,6} for YOU"),
    Phrase(RECORDS, f"[with given considering] YOUR ~[STOP COMMA]{{0,2}}? [history record income score balance situation file]"),
    Phrase(RECORDS, "YOUR [home work current new old] address", _IF),
    Phrase(HISTORY, "[meet meets match fulfil fulfill satisfy] OUR ~[STOP]{0,2} [criteria requirements standards]", ("conditional", "asked")),
    Phrase(HISTORY, "[they he she CAP] (S|ADV|HAVE|been|BE)* with US", ("conditional", "asked")),
    Phrase(HISTORY, "it [S was is] (ADV|indeed)* (US|OUR team) (who|that|calling|texting)"),
    Phrase(STATUS, f"[YOUR the THEIR] {GAP}{{0,2}}? [ACCOUNT EVENT bond cd policy term] [matures renews expires closes ends completes resets opens lapses]", _IF),
    Phrase(STATUS, "[a an] (yes|no|go) from [ORG]"),
    Phrase(STATUS, "[left owed due outstanding remaining] (on|for) (the|YOUR) [ITEM ACCOUNT car house home]", _IF),
    Phrase(STATUS, f"[get got getting have had having] the {GAP}{{0,2}}? ITEM [ED PAST]"),
    Phrase(STATUS, "check YOUR [texts emails email mail phone post voicemail]", _IF),
    # case numbers and the branch where somebody banks
    Phrase(CASE, "[the YOUR a this that] [case ticket claim reference complaint incident] [number no id ref]", _IF),
    Phrase(BRANCH, "YOUR [home usual own regular old former new]{0,2} branch", ("owned",)),
    Phrase(BRANCH, "branch (where|that|which|at which|WHEN)? (ADV)* YOU (?! [can could may would mean])", _IF),
    Phrase(BRANCH, "branch ~[STOP COND]{0,4} [has have holding holds got] ~[STOP]{0,2} [YOUR it EVENT ACCOUNT]"),
)
