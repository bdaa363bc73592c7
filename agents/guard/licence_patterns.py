"""What the licences look for in an English sentence, by name; see `licences` for what each is for."""

from typing import Final

_GOVERNED: Final = "~[WE YOU BE S HAVE MODAL COND BREAK VILLAIN]{0,8}"
_HOWTO_LEFT: Final = "(report|freeze|lock|replace|apply|submit|start|open) ~[STOP]{0,3} $"

# What the licences look for in a sentence, by name.
PATTERNS: Final[dict[str, str]] = {
    # A condition that sets a case ("if you bank with us"), not one of politeness ("if you need anything else").
    "condition": "(COND|[say comment confirm deny discuss disclose share tell know on about of] who|in case|"
"(STOP|COMMA|BREAK) should [YOU YOUR INDEF DEF CROWD]|as long as|in the event|for [CROWD "
"those anyone] [who that with]|"
                 "CROWD (who|that|with|can|may|should|need|have)|had YOU|for YOUR ~[STOP]{0,1} to)",
    "polite": "COND (that|YOU|IT|there|US|WE|S|BE|MODAL|ADV|any|anything|ever)* (have|need|want|like|"
"prefer|require|ok|okay|"
              "possible|helpful|else|help|mind|wish|other|know|right|convenient) (to|any|anything|ADV|more|"
"further|other|INDEF|the|NOT|"
              "some|US|something|help|time)* (questions|question|else|anything|concerns|chance|minute|"
"moment|second|know|help|further|"
              "assistance|more|talk|chat|COMMA|STOP|BREAK|$)",
    "looking whether": "[WE ORG] ~[STOP YOU]{0,4} [SEE LOOKED check know look confirm verify checking sure] COND $",
    "boundary": "[COMMA BREAK]",
    "main clause": "(YOU (ADV)* WILL|WE (ADV)* [HAVE WILL PAST LIGHT])",
    "make sure clause": "([make making be] sure that?|[ensure ensuring] that?) ~[STOP COMMA]{0,8} $",
    "named": "[the this that] (ADV|SPECIFIC|new)* STRONG",
    "event": "EVENT",
    "event timed": (
"EVENT ~[STOP]{0,6} ([by on before until] (the|this|next|end|of)* [BYTHEN NUM]|[tomorrow "
"tonight yesterday today])"
),
    "timed": "([by on before until] (the|this|next|end|of)* [BYTHEN NUM]|[tomorrow tonight yesterday today])",
    "fact": "([HAVE S BEPAST] (ADV|NOT|BE)* [DONE DID LIGHT ARRIVED DOING gone]|[WE ORG] (ADV)* [DONE DID LIGHT SEE]|"
            "[BENOW S] (ADV)* [DONE STATE back on]|[already again]|[EVENT ACCOUNT MONEY] ARRIVED|YOU "
"WILL (ADV)* [see get receive find])",
    "when": "WHEN (ADV)* [YOU YOUR GERUND INDEF DEF CROWD ACCOUNT]",
    "particular": "[STRONG SPECIFIC new]",
    "past": "(YOU (ADV)* [PAST ED]|[DONE DID BEPAST WE ARRIVED SPOKE called visited came phoned opened])",
    "auxiliary": "[BE HAVE DO MODAL] (NOT|ADV)* $",
    # Advice to anybody.
    "in your case": "in YOUR case",
    "comma": "^ [COMMA STOP]",
    "never asked": "NEVER ~[STOP WE COMMA]{0,6} ([ask asks asking request requests require call text email "
"contact pressure want demand phone send message]|"
                   "need (?! to)) (YOU|CROWD|US|ADV|over)* ~[STOP]{0,6} $",
    "where it stands": "^ DETAILS? ([BENOW S]|can be|will be) (ADV|also)* [found shown printed located listed "
"displayed available at on in under "
                       "confidential private]",
    "standing": "[DETAILS SECRET statement statements]",
    "on the back": (
"[number numbers code logo chip phone line printed] ~[STOP WE COND]{0,5} [on of at from] "
"(the ~[STOP]{0,2} of)? $"
),
    "depending": "[depends depend depending based] (up)? on $",
    "hearsay": (
"[say says saying claim claims claiming claimed tell tells telling pretending warns warning] "
"(YOU|that|ADV)* (YOUR|$)"
),
    "message of others": "([message messages text texts email emails call calls caller callers scam scams scammers "
"letter letters someone anyone ad ads] ~[STOP WE]{0,6} "
                         "[say says saying claim claims claiming claimed tell tells telling pretending warns warning])",
    "finite next": "^ (DETAILS|EVENT|ACCOUNT|HEADS|STATE)* (PREP ~[STOP COMMA BREAK BE HAVE MODAL S "
"COND]{1,4})? ADV* "
                   "[BE HAVE MODAL S DID ARRIVED DONE DO]",
    "make sure": "([make making be] sure that?|[ensure ensuring] that?|[check confirm verify] that) (all|both)? $",
    "so that": "HOWTO ~[STOP BREAK]{0,9} so that? $",
    "marked": "[STRONG SPECIFIC]",
    "marked or amount": "[STRONG SPECIFIC AMOUNT]",
    "reports it": _HOWTO_LEFT,
    "new": "new",
    "takes up": (
"[activate open choose get set add start find apply name use order request activating "
"opening fund build] ~[STOP]{0,3} $"
),
    "villain": "VILLAIN (ADV|CAN|WILL|MODAL|NOT|S|who|BE)* ~[STOP WE]{0,8} $",
    "villainy": (
"[CAN WILL MODAL NEVER NOT asking ask want try trying use using trick pretend steal who get "
"need accept see]"
),
    "over": "[DONE DID BEPAST ED PAST LIGHT]",
    "guarded": (
"GUARDS (YOU|to|HOWTO|ADV|AND|US|PREP|safe)* (DEF|more|INDEF)? ~[STOP WE YOU BE HAVE COND "
"BREAK]{0,2} $"
),
    "bank": "[WE ORG]",
    "bank or you": "[WE ORG YOU YOUR]",
    "relative": "[that which COMMA BREAK]",
    "you can": "(YOU (ADV|NOT)* [MODAL need want wish prefer like] (ADV|NOT|be|able|to|BE|free|welcome|want|"
"like|need|have|choose)* HOWTO|"
               "YOU (have|are able|are welcome|are free|BE able|BE free|BE welcome|have the option) to (ADV)* HOWTO|"
               "MODAL YOU (ADV|NOT|please)* HOWTO|"
               f"CROWD (ADV)* MODAL (ADV|NOT|be|able|to)* HOWTO) {_GOVERNED} $",
    "do this": f"(STOP|BREAK|COMMA|AND|START) (START|ADV|COMMA|NOT|do|PLEASE|BREAK)* [HOWTO TELLING] {_GOVERNED} $",
    "recommended": (
        "[recommend suggest advise encourage consider] (that|YOU|ADV|to|everyone|CROWD)* [GERUND HOWTO] "
        "~[STOP COMMA BREAK]{0,6} $"
    ),
    "do not": (
        "((STOP|COMMA|BREAK|AND|START) (PLEASE|ADV|START)* (do not|never|avoid)|"
        "YOU (should|must|to|do|ADV)* (not|never|avoid)) ~[STOP WE BE HAVE]{1,8} $"
    ),
    "for it": "[takes take time usually typically needed required wait days] ~[STOP WE]{0,6} for $",
    "to come": "^ to",
    "and do this": f"[AND COMMA] (START|ADV|NOT|PLEASE)* HOWTO {_GOVERNED} $",
    "we do": "WE (ADV)* [HOWTO SEE HAVE CAN MODAL BE]",
    "to do this": f"to (ADV|NOT|help)* HOWTO {_GOVERNED} $",
    "doing this": "(STOP|COMMA|BREAK|AND|PREP|WHEN|COND|[without avoid try tried trying start like than "
"consider recommend suggest means]) "
                  f"ADV* GERUND {_GOVERNED} $",
    "our purpose": (
"[WE ORG SORRY THANK glad happy nice lovely pleased thrilled delighted relieved] ~[YOU US "
"STOP COMMA BREAK CROWD]{0,9} $"
),
    "being": "[BE S] $",
    "again": "again",
    "now": "now",
    "used": "[use using access log sign see view withdraw spend check look shop swipe enjoy]",
    "peek": "PEEK",
    "looks": f"[look peek glance check see view watch] {_GOVERNED} $",
    "somewhere": "[PLACE ROUTINE COND NEVER]",
    # Said of everybody, of a product, of a machine.
    "you": "[YOU YOUR]",
    "for you": "([for including to like] YOU)",
    "crowd": "CROWD",
    "plural": "PLURALS",
    "counted": "[DEF DEFINITE NUM NUMBER AMOUNT HIS no any NOT]",
    "counted exactly": "[DEFINITE NUM NUMBER AMOUNT]",
    "details": "[ACCOUNT EVENT] DETAILS",
    "the": "[the YOUR this that]",
    "told as news": "[YOUR HAVE now already again been was were today S]",
    "told as news but is": "[YOUR HAVE now already again been was were DEF]",
    "is": "S",
    "as a rule": "^ [if when unless each every per]",
    "as a rule, later": "^ (ADV)* [if unless when each every per]",
    "tail": "^ (ADV)* [TAIL COND in through with]",
    "will": "[WILL should]",
    "done": "[DONE DID LIGHT ED]",
    "a": "[a an any every each] (ADV|X|ED|CAP|PAST)* $",
    "money": "[STRONG MONEY AMOUNT]",
    "machine": "TECH",
    "while we": "[while as] WE",
    "feeling": "^ (ADV|BE|HAVE|S|NOT)* FEELING",
    "thing": "[ACCOUNT EVENT MONEY CUSTOMER AMOUNT]",
    "matter": "[ACCOUNT EVENT MONEY FINACT CUSTOMER AMOUNT]",
    "place": "[PLACE DETAILS]",
    "strong": "[STRONG AMOUNT it them]",
    "message": "MESSAGED",
    "product": "^ (BREAK ~[STOP]{1,3})? (looks like [one INDEF]|[BENOW S can] (ADV|NOT|also|be)* [ours us "
"fake fraudulent issued INDEF AMOUNT NUM for to insured designed based made called part free "
"open available waived listed charged "
               "used]|[comes come costs cost works work includes include offers offer requires require "
"needs need lets let allows allow pays pay earns earn "
               "depends depend varies vary starts start applies apply has])",
    "news": "[YOUR now already again been was were]",
    "lets": "[GUARDS let helps help] $",
    "safe verb": "[SAFEPAST] $",
    "usually": (
"([BENOW can may be get gets] (ADV|NOT|be|get)* $|[a an any every each] (ADV|X)* $|[to be] $|"
"[of] $|[or] $|can be ~[STOP]{0,3} [and or] $)"
),
    "told before": "[YOUR HAVE S was were been now already today]",
    "your safe verb": "YOU (HAVE|ADV|S|NOT|been|was|were)* YOUSAFE $",
    "repair verb": "[FIXEDV] $",
    "repaired": "[MATTER TECH CROWD]",
    "was done to": "[PAST ED LIGHT] (ADV)* to (ADV|NOT)* [HOWTO TELLING] ~[STOP COMMA BREAK]{0,8} $",
    "you did": "YOU (HAVE|ADV|S|BEPAST)* [ED PAST] (to|ADV)* ~[STOP COMMA]{0,8} $",
    "we look": "^ ~[STOP COMMA WE]{0,5} COMMA? WE",
    "strong or account": "[STRONG ACCOUNT]",
}  # fmt: skip
