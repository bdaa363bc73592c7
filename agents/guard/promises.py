"""Finds what a reply may not say without a second pair of eyes: promises, rates, advice, forbidden questions."""

import re
from typing import Final

_BANK: Final = r"(?:we|i|our team|the team|the bank|our \w+ team|they|someone|a specialist)"
_WILL: Final = r"(?:will|'ll|shall|are going to|am going to|is going to|'re going to|'m going to|gonna)"
_WHEN: Final = (
    r"(?:by|before|within|no later than|in|on)\s+(?:the\s+)?(?:end of|next|this|close "
    r"of)?\s*(?:the\s+)?(?:day|week|month|today|tomorrow|tonight|noon|midnight|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|eod|cob|\d+\s*(?:-|to|–)?\s*\d*\s*(?:minutes?|"
    r"mins?|hours?|hrs?|(?:business |working )?days?|weeks?|am|pm|:\d\d)|\w+ (?:hours|days|"
    r"minutes))\b"
    r"|\btoday\b|\btomorrow\b|\btonight\b|\bthis (?:morning|afternoon|evening|week)\b"
)
_MAKES_WHOLE: Final = (
    r"(?:refund|reimburse|credit|repay|pay (?:you )?back|compensate|waive|reverse|make (?:it|this|"
    r"that|things) (?:right|up)|make you whole|return (?:the|your) (?:money|fee|funds)|"
    r"give (?:you )?(?:the|your|it|a) ?(?:\w+ ){0,2}(?:back|refund|credit)|cover the (?:cost|fee|"
    r"loss)|drop the (?:fee|charge)|remove the (?:fee|charge)|approve|increase|lower (?:your|the))"
)
_FIXES: Final = (
    r"(?:fix|resolve|solve|sort|settle|correct|unlock|release|process|replace|send|mail|deliver|"
    r"issue|close|finish|complete|restore|have (?:it|this|that) (?:fixed|resolved|done|sorted))"
)
_COMES: Final = r"(?:call|phone|ring|visit)"
_FOR_YOU: Final = r"(?:you|your|this|that|it|the (?:\w+ )?(?:issue|problem|error|mistake|card|money|payment|refund))"
_PROMISES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b\w+\s*{_WILL}\s+(?:\w+\s+){{0,2}}?{_MAKES_WHOLE}\b",
        rf"\b{_BANK}\s*{_WILL}\s+(?:\w+\s+){{0,2}}?(?:{_FIXES}|{_COMES})\b[^.!?\n]{{0,60}}?\b(?:{_WHEN})",
        # "Maria will call you by noon", and not "the band will finish by ten".
        rf"\b\w+\s*{_WILL}\s+(?:\w+\s+)?(?:{_FIXES}|{_COMES})\s+{_FOR_YOU}\b[^.!?\n]{{0,60}}?\b(?:{_WHEN})",
        (
            r"\b(?:i|we)\s+(?:\w+\s+)?promise\b|\b(?:you have|it's|that's|this is) (?:my|our|a) promise\b|"
            r"\bmy word\b|\bpromise you\b"
        ),
        (
            r"(?<!deposit )(?<!debit )(?<!switch )(?<!the )(?<!by a )(?<!'s )(?<!can't )(?<!cannot )(?<!not )"
            r"(?<!n't )(?<!no )"
            r"\bguarantee[ds]?\b(?! (?:scheme|fund|limit|corporation|agency))"
            r"|\bassure you (?:that )?(?:it|we|your|the)\b|\bwithout fail\b"
            r"|\bhundred percent (?:certain|sure)\b|\b100% (?:certain|sure|guaranteed)\b"
        ),
        (
            rf"\byou\s*(?:will|'ll|are going to|'re going to)\s+(?:\w+\s+)?(?:get|receive|have|see)\s+(?!a "
            rf"(?:reply|response|dm|message|link))[^.!?\n]{{0,40}}?\b(?:{_WHEN})"
        ),
        (
            rf"\b(?:it|this|that|everything)\s*(?:will|'ll)\s+be\s+(?:fixed|resolved|sorted|done|there|"
            rf"back|ready|refunded|credited|processed|corrected|released)\s+[^.!?\n]{{0,20}}?\b(?:{_WHEN})"
        ),
        r"\bnever happen again\b|(?<!hope this )(?<!hope it )(?<!hope that )\b(?:won't|will not) happen again\b",
        # The same in the other languages that are read.
        (
            r"\b(?:garantizamos|garantizo|le prometo|te prometo|prometemos|le devolveremos|te "
            r"devolveremos|reembolsaremos|le reembolsaremos|garantimos|prometo|prometemos|"
            r"devolveremos|estornaremos|garantiamo|promettiamo|prometto|rimborseremo|garantissons|promets|"
            r"promettons|rembourserons|garantieren|garantiere|versprechen wir|"
            r"verspreche|werden (?:ihnen|dir) [^.!?\n]{0,30}?erstatten|pangako|ipinapangako|garantisado|"
            r"ibabalik namin)\b"
        ),
    )
)
_REPLY_TIMES: Final = re.compile(
    rf"\b(?:we|i|our team|the team|someone)\s*{_WILL}\s+(?:\w+\s+){{0,2}}?(?:reply|respond|answer|"
    rf"get back|be in touch|reach out|follow up|contact|update)\b[^.!?\n]{{0,40}}?\b(?:{_WHEN})"
)

_PRODUCT: Final = (
    r"(?:account|accounts|checking|savings|card|cards|loan|loans|mortgage|transfer|transfers|wire|"
    r"wires|atm|balance|deposit|cd|overdraft|banking|cuenta|cuentas|tarjeta|conta|cartao|conto|"
    r"carta|compte|carte|konto|karte|fee|fees|maintenance|service charge|credit)"
)
_RATES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        (
            r"(?<![\w.])(?!100\s?(?:%|percent)|110\s?%|1000\s?%)\d+(?:[.,]\d+)?\s?(?:%|percent\b|per "
            r"cent\b|basis points\b|bps\b|prozent\b|por ciento\b|por cento\b|per cento\b|pour cent\b)"
        ),
        r"(?<!\w)100\s?%\s(?:financing|interest|cash ?back|apr|apy|ltv)",
        r"\b(?:apr|apy|aprc|tae|taeg|tin|taxa de juros)\b(?! (?:stands? for|means?|is short for|includes|hard to))",
        (
            r"\b(?:no|zero|0|without) interest\b(?! from\b)(?! in (?!the first|your first|\d|months?))|"
            r"\binterest[- ]free\b|\bsin intereses\b|\bsem juros\b|"
            r"\bsans interets\b|\bsenza interessi\b|\bzinsfrei\b"
        ),
        (
            r"\b(?:no|zero|nothing|\$\s?\d[\d,.]*|little)\s+(?:money\s+)?down\b|\bdown ?payments? (?:of|"
            r"as low as|from|starting)\b"
        ),
        (
            r"\bmonthly payments? (?:of|as low as|from|starting)\b|\$\s?\d[\d,.]*\s?(?:/|a|per)\s?(?:mo|"
            r"month)\b|\b\d+\s?(?:-| )?(?:equal |monthly |easy )?(?:installments|instalments|payments)\b|"
            r"\bfinance charge\b"
        ),
        (
            r"\b\d+[- ]?(?:month|year|yr|mo)s?\b[^.!?\n]{0,30}\b(?:cd|term|financing|fixed|intro|"
            r"introductory|promotional|rate|loan|mortgage)\b"
        ),
        (
            r"\b(?:best|lowest|highest|top|unbeatable|great|low|high)[- ](?:interest |mortgage |savings |loan )?"
            r"rates?\b(?! of (?!interest|return|exchange|\d))"
        ),
    )
)
_SHARE: Final = re.compile(r"\d.*(?:%|percent|per cent)")
_OTHER_SHARE: Final = re.compile(
    r"\b(?:tax|tds|vat|gst|cash ?back|discount|tickets?|votes?|voted|battery|ratio|staff|"
    r"recycled|renewable|solar|power|carbon|emissions|foreign transaction|coins?|uptime|turnout|queues?|waiting times?|"
    r"wait times?|finished|seats|women|volunteers?|runners|colleagues|deposit to skip|"
    r"of (?:the|our|all|people|its|those))\b"
)
_NEAR: Final = 45
# Guides to a product, and advice on it, may be free.
_ABOUT: Final = (
    r"(?!\s+(?:guides?|reviews?|reports?|files?|scores?|calculators?|class(?:es)?|advice|tips|counsell?ing|or not)\b)"
)
_FREE: Final = re.compile(
    rf"\b{_PRODUCT}\b{_ABOUT}[^.!?\n]{{0,40}}\b(?:for free|free of charge|"
    rf"(?<!line )(?<!lines )(?<!webinar )(?<!workshop )(?:is|are|it's) free|"
    rf"costs? nothing|no cost|no charge|gratis|gratuit\w*|kostenlos|gratuita?)\b"
    rf"|(?<!toll )(?<!toll-)(?<!hands-)(?<!feel )(?<!be )(?<!are )(?<!re )\bfree\b(?!\s+(?:to|up|"
    rf"from|of (?:charge )?the|time|workshop|event|webinar|seminar|wi-?fi|parking|admission|"
    rf"concert|lunch|coffee|phone|and confidential|money management|financial (?:education|"
    rf"literacy|workshop|coaching)))[^.!?\n]{{0,25}}\b(?<!no ){_PRODUCT}\b{_ABOUT}"
    r"|\b(?:no|zero|without|0)[- ](?:monthly|annual|maintenance|overdraft|"
    r"hidden|opening) (?:service )?fees?\b|\b(?:no|zero|0)[- ]cost\b(?!\s+(?:workshop|event|"
    r"webinar|seminar|class))"
    r"|\b(?:accounts?|checking|savings|cards?|loans?|mortgages?)\b[^.!?\n]{0,40}\b(?:no|zero|"
    r"without|0)[- ](?:fees?|charge)\b"
    rf"|\bfee[- ]free\b(?!\s+(?:atms?|workshop))"
    # Interest may not be called a profit; what a company or a club earns may.
    r"|\b(?:earn\w*|your|more|extra|you|interest|deposits?|savings)\b[^.!?\n]{0,25}(?<!non-)(?<!for-)\bprofits?\b"
    r"|\bprofits?\b[^.!?\n]{0,25}\b(?:accounts?|savings|deposits?|your|cds?)\b"
    rf"|\b(?:\$\s?\d[\d,.]*|cash|sign[- ]?up|welcome|opening|account|new[- ]account|"
    rf"referral)\s+bonus\b(?! terms| (?:has|have) (?:ended|closed|expired)| ended)|\bbonus (?:of|when|for opening)\b"
    r"|\bsin (?:costo|comision|comisiones)\b|\bsem (?:tarifa|custo|anuidade)\b|\bsans frais\b|"
    r"\bsenza (?:costi|spese|commissioni)\b|\bohne gebuhren\b|\bgebuhrenfrei\b"
)
_INSURED: Final = re.compile(r"\b(?:fdic|ncua|insured|sipc|asegurad[oa]s?|einlagensicherung)\b")
_NOT_DEPOSITS: Final = re.compile(
    r"\b(?:invest\w*|crypto\w*|bitcoin|stocks?|bonds?|mutual funds?|etfs?|annuit\w+|brokerage|"
    r"securities|portfolio|gold|nfts?|stablecoins?|ira|401k|life insurance|inversion\w*|aktien|"
    r"fonds)\b"
)

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

# "Guaranteed returns are the oldest trick in the book": what deceivers offer, we do not.
_DECEIT: Final = re.compile(
    r"(?<!no )(?<!zero )(?<!without )(?<!not )(?<!not a )(?<!n't a )\b(?:scams?|scammers?|fakes?|frauds?|fraudsters?|"
    r"phishing|tricks?|lies?|liars?|lying|impostors?|(?:isn't|aren't|not) (?:from )?(?:us|ours))\b"
    r"(?! (?:team|line|desk|department|protection|cover|alerts?|policy|guarantee))"
)
_BY_US: Final = re.compile(r"\b(?:we|i)\b")
_STOPS: Final = ".!?;:\n"
_BREAKS: Final = _STOPS + ","
# "Nobody can tell whether prices will rise": no forecast.
_UNKNOWN: Final = re.compile(
    r"\b(?:whether|(?:nobody|no one|can't|cannot|can not|don't|doesn't|impossible to|hard to)(?: \w+)? "
    r"(?:knows?|tell|say|predict|guess))\b"
)
_DENIED: Final = re.compile(r"(?:\bnot|n't|\bnever|\bnor)\b(?! only\b)")


def _around(plain: str, start: int, end: int, stops: str) -> tuple[int, int]:
    """The stretch between two of the stops in which the finding stands."""
    begin = max(plain.rfind(stop, 0, start) for stop in stops) + 1
    ends = [place for stop in stops if (place := plain.find(stop, end)) >= 0]
    return begin, min(ends, default=len(plain))


def _is_a_warning(plain: str, start: int, end: int) -> bool:
    """Whether the finding tells of what others offer to deceive."""
    begin, stop = _around(plain, start, end, _BREAKS)
    if _BY_US.search(plain, begin, stop):
        return False
    # "If an ad promises guaranteed approval, it isn't from us."
    if plain[begin:stop].lstrip().startswith("if "):
        begin, stop = _around(plain, start, end, _STOPS)
    return _DECEIT.search(plain, begin, stop) is not None


def _spans(patterns: tuple[re.Pattern[str], ...], plain: str) -> list[tuple[int, int]]:
    found = [match.span() for pattern in patterns for match in pattern.finditer(plain)]
    return [span for span in found if not _is_a_warning(plain, *span)]


def promises(plain: str) -> list[tuple[int, int]]:
    """Outcomes and dates that the bank would be held to (UDAAP; the promise tracker needs a person's yes)."""
    return _spans(_PROMISES, plain)


def reply_times(plain: str) -> list[tuple[int, int]]:
    """A time by which somebody is told to hear from us again: a task, rather than a commitment on money."""
    return [match.span() for match in _REPLY_TIMES.finditer(plain)]


def rates(plain: str) -> list[tuple[int, int]]:
    """Terms that trigger disclosures under Regulation Z (12 CFR 1026.16, 1026.24)."""
    return [span for span in _spans(_RATES, plain) if not _is_another_share(plain, *span)]


def _is_another_share(plain: str, start: int, end: int) -> bool:
    """Whether "20%" is a share of something else than money lent or saved: a tax, a cash back, a discount."""
    return bool(_SHARE.fullmatch(plain, start, end) and _OTHER_SHARE.search(plain, max(0, start - _NEAR), end + _NEAR))


def deposit_terms(plain: str) -> list[tuple[int, int]]:
    """Words that Regulation DD (12 CFR 1030.8) bars or ties to conditions: free, no cost, profit, bonus."""
    return _spans((_FREE,), plain)


def insurance(plain: str) -> list[tuple[int, int]]:
    """Deposit insurance named beside what is no deposit (12 CFR 328 subpart B)."""
    if _NOT_DEPOSITS.search(plain) is None:
        return []
    return [
        (start, end)
        for start, end in _spans((_INSURED,), plain)
        # That they are not insured is what the law wants said.
        if not _DENIED.search(plain, _around(plain, start, end, _BREAKS)[0], start)
    ]


def inquiries(plain: str) -> list[tuple[int, int]]:
    """Questions about what a lender may not ask (ECOA; Regulation B, 12 CFR 1002.5)."""
    return _spans(_INQUIRIES, plain)


def advice(plain: str) -> list[tuple[int, int]]:
    """Investment, tax and legal advice, which a reply on a network is not the place for."""
    return [
        (start, end)
        for start, end in _spans(_ADVICE, plain)
        if not _UNKNOWN.search(plain, _around(plain, start, end, _STOPS)[0], start)
    ]


def profanity(plain: str) -> list[tuple[int, int]]:
    """Words that a bank does not use."""
    return [match.span() for match in _PROFANE.finditer(plain)]
