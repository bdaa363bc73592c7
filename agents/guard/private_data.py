"""Finds what must not stand in any reply: private numbers and addresses, codes, requests for secrets."""

import re
from typing import Final

from mentions.scrub import scrub

# A routing number names the bank, not a person, and stands on its web site.
_THE_BANKS_OWN: Final = frozenset({"routing"})
_DIGITS: Final = re.compile(r"\d")

_PHONE: Final = re.compile(
    r"(?<![\w#$€£.,/-])(?:\+|00)?(?:\(?\d{1,4}\)?[ .\-/]?){2,5}\d{2,4}(?![\w])(?:\s?(?:x|ext\.?)\s?\d+)?"
)
# Numbers that no person has: toll-free in North America, free and shared-cost in Europe, international free phone.
_FREE_PHONE: Final = re.compile(
    r"(?:\+?1)?8(?:00|22|33|44|55|66|77|88)\d{7}|(?:\+44|0044|0)(?:800|808|3\d\d|84\d|"
    r"87\d)\d{6,7}|(?:\+49|0)800\d{6,9}|"
    r"(?:\+33|0)80\d{7}|(?:\+39)?800\d{6}|(?:\+34)?90[0-2]\d{6}|\+800\d{8}|0800\d{6,7}|1800\d{6,10}"
)
_ROUTING: Final = re.compile(r"\b(?:routing|aba|transit|sort code|blz|swift|bic)\b[^.!?\d]*$")
_ROUTING_REACH: Final = 40
_SHORTEST_PHONE: Final = 7
_LONGEST_PHONE: Final = 15
_DATE: Final = re.compile(r"(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2}[-–]\d{1,2}|20\d\d[-–/]20\d\d)")
_HOURS: Final = re.compile(r"\d{1,2}(?::\d\d)?\s?(?:a\.?m\.?|p\.?m\.?)?\s?[-–]\s?\d{1,2}(?::\d\d)?")

_CODE: Final = re.compile(
    # The codes of places and of errors are no secrets.
    r"(?<!zip )(?<!postal )(?<!area )(?<!country )(?<!error )(?<!status )"
    r"\b(?:code|codes|otp|passcode|pin|password|tan|clave|contrasena|codigo|senha|codice|kennwort|"
    r"passwort|mot de passe)\b"
    r"(?:\s+(?:is|was|are|for\s+\w+|es|e|est|ist|esta|number|"
    r"de\s+\w+))*\s*[:=#\-]?\s*[\"']?([a-z]?-?\d{3,4}[ -]?\d{0,4})\b"
    r"|\b(\d{4,8})\s+(?:is|es|e|est|ist)\s+(?:your|su|tu|seu|sua|votre|ihr|dein|il tuo|ang)\b"
)

# Requests for what only the customer may know, as rows over the plain text; a warning is no request.
_SECRETS: Final = (
    r"(?:pin(?:\s?codes?| numbers?)?|passwords?|passcodes?|pass ?phrases?|one[- ]time (?:\w+ "
    r")?(?:codes?|passwords?|pins?)|otps?|cvv2?|cvc2?|csc|"
    r"(?:security|verification|access|authentication|sms|login|confirmation) codes?|ssn|social "
    r"security(?: numbers?)?|socials?\b(?= (?:and|or|number))|"
    r"(?:full |complete |entire )?(?:debit |credit |bank )?(?:card|account|acct|member|checking|"
    r"savings|loan|id|identification|passport|driver'?s licen[cs]e|tax id) ?(?:numbers?|nos?\b|#|"
    r"nums?)|"
    r"(?:full |complete )?(?:card|account|bank|banking|log-?in|sign-?in|account holder) "
    r"(?:details|info|information|credentials|data)|credentials|"
    r"mother'?s maiden name|security (?:questions?|answers?)|dates? of birth|birth ?dates?|dob|"
    r"user ?names?|user ?ids?|"
    r"(?:last|first) (?:four|4|six|6)(?: digits)?|expir(?:y|ation) dates?|routing and account)"
)
_ASKS: Final = (
    r"(?:send|share|give|provide|tell|dm|message|text|email|e-mail|confirm|verify|reply (?:\w+ "
    r")?with|respond with|post(?! offices?\b)|include|submit|supply|"
    r"(?:we|i)(?:'ll| will| would|'d)? (?:also |just |only |still )?(?:need|require)|let us have|"
    r"let us know|read (?:us|me|out)|drop|pass along|what(?:'s| is| are)|"
    r"can i (?:get|have)|could i (?:get|have)|may i have)"
)
_REQUESTS: Final = (
    # "your post has a card number in it" asks for nothing.
    re.compile(
        rf"(?<!your )(?<!ur )(?<!this )(?<!the )\b{_ASKS}\b(?:\s+(?!not\b|never\b)[\w',&/-]+){{0,9}}?\s+{_SECRETS}\b"
    ),
    re.compile(
        r"\b(?:envie(?:nos|me|s)?|envia(?:nos|me)?|comparta(?:nos)?|comparte|indique(?:nos)?|"
        r"indica(?:nos)?|digame|diganos|proporcione(?:nos)?|confirme(?:nos)?|"
        r"necesitamos|mandenos|mande|informe|precisamos|passe|confirme|invii|inviaci|mandi|mandaci|ci "
        r"dia|comunichi|confermi|serve|"
        r"envoyez(?:-nous| nous)?|donnez(?:-nous| nous)?|communiquez(?:-nous| nous)?|confirmez|"
        r"indiquez(?:-nous| nous)?|transmettez(?:-nous| nous)?|"
        r"senden sie|schicken sie|nennen sie|teilen sie|bestatigen sie|geben sie|schick|nenn|ibigay|"
        r"ipadala|paki(?:send|bigay|dala)?|i-?send|pakisend)\b"
        r"(?:[\s-]+(?!no\b|nunca\b|jamais\b|nie\b|niemals\b)[\w'-]+){0,6}?\s+"
        r"(?:pin|clave|contrasena|codigo|numero (?:completo )?de (?:su |tu )?(?:tarjeta|cuenta)|cvv|"
        r"senha|numero (?:do |da )?(?:seu |sua )?(?:cartao|conta)|cpf|"
        r"password|codice|numero (?:di |della )?(?:carta|conto)|mot de passe|code secret|code|numero "
        r"de (?:votre )?(?:carte|compte)|identifiants?|"
        r"passwort|kennwort|tan|kartennummer|kontonummer|zugangsdaten|account number|card number|otp)\b"
    ),
)
_REFUSED: Final = re.compile(
    r"\b(?:employer|payroll|recipient|beware|can't|cannot|unable|watch out|careful|scams?|"
    r"suspicious|nothing|(?:which|that|who|to) (?:asks?|request)|asking|ingat|mefiez|vorsicht|"
    r"cuidado|attenzione|attention|never|not|don't|dont|won't|wont|without|avoid|no one|nobody|"
    r"anyone|refrain|leav(?:e|ing) (?:out|off)|instead of|"
    r"rather than|no need|stop|scammers?|fraudsters?|if (?:you|someone|"
    r"anyone|a)\b[^.!?]*\b(?:asks?|asked)|"
    r"nunca|jamas|nadie|no|evite|nao|ninguem|mai|nessuno|non|jamais|ne|pas|nie|niemals|nicht|"
    r"kein\w*|niemand|huwag|wag|hindi|walang)\b"
)
# German says no at the end: "geben Sie Ihre PIN niemals weiter".
_REFUSED_LATE: Final = re.compile(r"\b(?:nie|niemals|nicht|keinem|niemandem)\b")
_AT_OUR_PLACE: Final = re.compile(
    r"\b(?:in|on|at|inside|through|into|using|via)\b[^.!?]{0,30}\b(?:app|online banking|atm|"
    r"website|web site|keypad|log-?in page|sign-?in page|branch|terminal|online|screen)\b|\bwhen "
    r"you (?:call|visit|log)\b|\bto (?:log|sign) in\b"
)


def numbers(original: str, spare: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The places of card, account and identity numbers; `spare` are links, phones and the like, already judged."""
    if _DIGITS.search(original) is None:
        return []
    covered = list(original)
    for start, end in spare:
        covered[start:end] = " " * (end - start)
    text = "".join(covered)
    scrubbed = scrub(text)
    if not set(scrubbed.found) - _THE_BANKS_OWN:
        return []
    return [_difference(text, scrubbed.text)]


def _difference(before: str, after: str) -> tuple[int, int]:
    """The shortest stretch of `before` outside which both texts are the same."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    left, right = len(before), len(after)
    while left > start and right > start and before[left - 1] == after[right - 1]:
        left -= 1
        right -= 1
    while left < len(before) and before[left].isalnum():
        left += 1
    return start, max(left, start + 1)


def phones(plain: str, allowed: frozenset[str]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Telephone numbers that may be a person's, and those that are the bank's or free of charge."""
    personal: list[tuple[int, int]] = []
    public: list[tuple[int, int]] = []
    if _DIGITS.search(plain) is None:
        return personal, public
    for match in _PHONE.finditer(plain):
        written = match.group().strip()
        digits = re.sub(r"\D", "", re.split(r"x|ext", written)[0])
        if (
            not _SHORTEST_PHONE <= len(digits) <= _LONGEST_PHONE
            or _DATE.fullmatch(written)
            or _HOURS.fullmatch(written)
        ):
            continue
        start = match.start()
        if _ROUTING.search(plain, max(0, start - _ROUTING_REACH), start):
            continue
        span = (start, start + len(match.group().rstrip()))
        plus = "+" if written.startswith("+") else ""
        if digits in allowed or digits.removeprefix("1") in allowed or _FREE_PHONE.fullmatch(plus + digits):
            public.append(span)
        elif len(digits) > _SHORTEST_PHONE or re.search(r"[ .\-]", written):
            personal.append(span)
    return personal, public


def codes(plain: str) -> list[tuple[int, int]]:
    """The places of one-time codes, PINs and passwords that are given away."""
    return [match.span() for match in _CODE.finditer(plain)]


def requests(plain: str) -> list[tuple[int, int]]:
    """The places where the customer is asked for a secret or a full number over the network."""
    found: list[tuple[int, int]] = []
    for pattern in _REQUESTS:
        for match in pattern.finditer(plain):
            begin = max(plain.rfind(stop, 0, match.start()) for stop in ".!?\n") + 1
            ends = [place for stop in ".!?\n" if (place := plain.find(stop, match.end())) >= 0]
            sentence_end = min(ends, default=len(plain))
            if (
                _REFUSED.search(plain, begin, match.end())
                or _REFUSED_LATE.search(plain, match.end(), sentence_end)
                or _AT_OUR_PLACE.search(plain, match.start(), sentence_end)
            ):
                continue
            found.append(match.span())
    return found
