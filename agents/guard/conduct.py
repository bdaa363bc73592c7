"""Finds what nobody at a bank says on a network: forbidden questions, advice, rude words."""

import re
from typing import Final

from agents.guard.wording import STOPS, around, spans

_PROTECTED: Final = (
    r"(?:race|ethnicity|ethnic (?:background|origin)|skin colou?r|religion|religious|faith|church|"
    r"national origin|nationality|immigration status|country of (?:birth|origin)|"
    r"sex|gender|sexual orientation|marital status|married|single or married|divorced|widowed|"
    r"spouse|husband|wife|pregnan\w*|(?:have|having|plan\w*|expecting|want) (?:to have )?(?:any |"
    r"more )?(?:kids|children|a baby)|childbearing|birth control|"
    r"disab\w+|public assistance|welfare|food stamps)"
)
_INQUIRIES: Final = (
    re.compile(
        rf"\b(?:what(?:'s| is| are)?|which|are|is|do|does|were|have|may i ask|can i ask|could you "
        rf"(?:tell|share)|can you (?:tell|share)|please (?:tell|share|state|confirm|provide|include|"
        rf"indicate)|tell us|let us know|need to know|confirm|state|share)\b"
        rf"(?:\s+[\w']+){{0,4}}?\s+(?:your\s+|you\s+)(?:\w+\s+){{0,3}}?{_PROTECTED}\b"
    ),
    re.compile(
        r"\bwhere (?:are|were) you (?:born|originally from|really from)\b|\bare you (?:a |an )?(?:us |"
        r"u\.s\. )?(?:citizen|immigrant|muslim|christian|jewish|catholic|hindu|hispanic|latino|latina|"
        r"black|white|asian|gay|married|single|divorced|pregnant|male|female|a man|a woman|"
        r"disabled)\b|\bhow old are you\b|\bwhat(?:'s| is) your age\b"
    ),
    re.compile(
        r"\b(?:esta|es) (?:usted )?(?:casad[oa]|solter[oa]|embarazada|divorciad[oa])\b(?=[^.!]*\?)|"
        r"\b(?:cual es|indique) su (?:raza|religion|estado civil|nacionalidad|sexo|genero)\b|\bsind "
        r"sie (?:verheiratet|ledig|schwanger)\b|\betes-vous (?:marie|celibataire|enceinte)\w*|\be "
        r"sposat[oa]\b(?=[^.!]*\?)|\bvoce e casad[oa]\b"
    ),
)

_ADVICE: Final = tuple(
    re.compile(pattern)
    for pattern in (
        (
            r"\b(?:you should|you ought to|you'd better|we (?:recommend|suggest|advise)(?: that)? (?:you "
            r")?|i(?:'d| would)? (?:recommend|suggest|advise)(?: that)? (?:you )?|now is (?:a|the) "
            r"(?:good|great|best|right|perfect) time to|it's (?:smart|wise|best) to|go ahead "
            r"and)\s*(?:\w+\s+){0,2}?"
            r"(?:invest\w*|buy\w*|sell\w*|short\w*|hold|refinanc\w*|withdraw\w* your (?:401k|ira|"
            r"retirement)|cash out|borrow\w*|take out a (?:loan|mortgage)|declare bankruptcy|file for "
            r"bankruptcy|default|stop paying|convert)\b"
        ),
        (
            r"\b(?:stocks?|shares?|markets?|crypto\w*|bitcoin|rates?|prices?|funds?|gold|"
            r"housing)\s+(?:will|is going to|are going to|'ll|is bound to|are bound "
            r"to)\s+(?:\w+\s+)?(?:go (?:up|down)|rise|fall|drop|climb|crash|double|recover|increase|"
            r"decrease|grow)\b"
        ),
        (
            r"\b(?:you (?:do not|don't|won't) (?:need|have) to (?:pay|report|"
            r"declare)[^.!?\n]{0,30}\btax\w*|tax[- ]deductible for you|you can (?:deduct|write off)|you "
            r"(?:are|'re) (?:legally|not legally|entitled(?! to (?:an? )?(?:answer|copy|repl))|liable)\b"
            r"[^.!?\n]{0,20}\b(?:to|for|under)|"
            r"legally,? (?:you|they|we(?! (?:can't|cannot|can not|couldn't|aren't|are not)))|"
            r"you (?:have|'ve) (?:got )?a (?:strong |good )?(?:legal )?case|you "
            r"should sue|sue (?:them|him|her|the))\b"
        ),
        r"\brisk[- ]free\b|\bcan't lose\b|\bsafe investment\b|\bhigh returns?\b|\bget rich\b",
    )
)

_PROFANE: Final = re.compile(
    r"\b(?:f+u+c+k\w*|motherf\w+|sh[i1]t\w*|bullsh\w+|b[i1]tch\w*|assholes?|arseholes?|bastards?|"
    r"dickheads?|wankers?|bollocks|crap|damn(?:ed|it)?|goddamn|piss(?:ed)? off|wtf|stfu|idiots?|"
    r"morons?|stupid|retard\w*|"
    r"mierda|puta|puto|pendej\w+|cabron\w*|joder|merda|porra|caralho|foda\w*|cazzo|stronz\w+|"
    r"vaffanculo|merde|putain|connards?|salopes?|scheisse|arschloch|verdammt|fotze|putangina|gago|"
    r"bobo|tangina)\b"
)
# "Nobody can tell whether prices will rise": no forecast.
_UNKNOWN: Final = re.compile(
    r"\b(?:whether|(?:nobody|no one|can't|cannot|can not|don't|doesn't|impossible to|hard to)(?: \w+)? "
    r"(?:knows?|tell|say|predict|guess))\b"
)


def inquiries(plain: str) -> list[tuple[int, int]]:
    """Questions about what a lender may not ask (ECOA; Regulation B, 12 CFR 1002.5)."""
    return spans(_INQUIRIES, plain)


def advice(plain: str) -> list[tuple[int, int]]:
    """Investment, tax and legal advice, which a reply on a network is not the place for."""
    return [
        (start, end)
        for start, end in spans(_ADVICE, plain)
        if not _UNKNOWN.search(plain, around(plain, start, end, STOPS)[0], start)
    ]


def profanity(plain: str) -> list[tuple[int, int]]:
    """Words that a bank does not use."""
    return [match.span() for match in _PROFANE.finditer(plain)]
