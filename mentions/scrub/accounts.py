"""Bank accounts and government numbers in folded text: IBAN, account, routing, sort code, SSN, NI number."""

import re
from collections.abc import Iterator

from stdnum import iban
from stdnum.exceptions import ValidationError
from stdnum.us import itin, ssn

Found = tuple[int, int, str]

_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28,
    "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20,
    "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25,
    "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip

_GAP = r"[^\w\ua66e]|_"
_IBAN_START = re.compile(
    rf"(?:(?<![A-Za-z0-9])|(?<=[Ii][Bb][Aa][Nn]))({'|'.join(_IBAN_LENGTHS)})(?:{_GAP}){{0,3}}[0-9](?:{_GAP}){{0,3}}[0-9]",
    re.IGNORECASE,
)
_SYMBOL = re.compile(r"[0-9A-Za-z]")

_DASH = r"[-\u2010-\u2015\u2212./_\u00b7\s]{1,3}"
_SSN = re.compile(
    rf"(?<![0-9])(?<![0-9][-.])([0-9]{{3}})({_DASH})([0-9]{{2}})({_DASH})([0-9]{{4}})(?![0-9])(?![-.][0-9])"
)

_FILLER = (
    r"(?:[\W_]{0,4}\b(?:numbers?|no|num|nr|nbr|nro|code|is|was|are|it|it'?s|this|here|my|the|your|for|of|to|mine|digits?"
    r"|ending|n[uú]mero|num[eé]ro|nummer|n|es|est|ist|lautet|ay|ang))"
)


def _labelled(words: str, number: str) -> re.Pattern[str]:
    """Returns a pattern for a number that follows one of the words with little between them."""
    return re.compile(
        rf"(?<![^\W_])(?:{words}){_FILLER}{{0,4}}[\W_]{{0,6}}?(?<![0-9$€£¥₹₱.,])({number})", re.IGNORECASE
    )


_NUMBER = r"[0-9](?:[ \-\u2010-\u2015./\u00b7]?[0-9]){5,16}(?![0-9])"
_ACCOUNT = _labelled(
    r"(?:accounts?|acct|acc|a/c|acnt|account_?(?:number|no|id)|cuenta|compte|konto|kontonummer|contocorrente|conto|conta"
    r"|rekening(?:nummer)?|cuenta clabe|clabe|hesap|счет\w*|сч[её]т\w*|口座番号|口座|账号|帳號|账户|帳戶|계좌|حساب)",
    _NUMBER,
)
_ACCOUNT_AFTER = re.compile(
    r"(?<![0-9$€£¥₹₱.,])([0-9](?:[ \-]?[0-9]){5,16})\s{1,2}(?:is|was)\s(?:my|our|the|his|her)\b[\w\s]{0,24}\b(?:account|acct|a/c)",
    re.IGNORECASE,
)
_ROUTING = _labelled(
    r"routing|aba|rtn|transit|bsb|ifsc|swift", r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{0,3}(?![0-9])"
)
_SSN_PLAIN = _labelled(
    r"ssn|ss ?\#|ss no|social(?: security)?|soc sec|itin|tax ?id|tin",
    r"[0-9]{3}[\W_]{0,3}[0-9]{2}[\W_]{0,3}[0-9]{4}(?![0-9])",
)
_INSURANCE = re.compile(
    r"(?<![A-Za-z0-9])(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:[\s.-]?[0-9]{2}){3}[\s.-]?[A-D](?![A-Za-z0-9])",
    re.IGNORECASE,
)
_SORT_CODE = re.compile(
    r"(?<![0-9])(?<![0-9][-/.])([0-9]{2})([-\u2010-\u2015\u2212 ./]?)([0-9]{2})\2([0-9]{2})(?![0-9])(?![-/.][0-9])"
)
_UK_ACCOUNT = re.compile(r"(?<![0-9])(?<![0-9][-/.])[0-9]{4}[ -]?[0-9]{3,4}(?![0-9])(?![-/.][0-9])")
_UK_WORDS = re.compile(r"sort|\bs/c\b|\bacc|a/c|bank|transfer|\bpay", re.IGNORECASE)

_DATE = re.compile(
    r"(?:(?:19|20)[0-9]{2}[-/.](?:0?[1-9]|1[0-2])[-/.][0-9]{1,2}|[0-3]?[0-9][-/.][0-3]?[0-9][-/.](?:(?:19|20)[0-9]{2}|[0-9]{2}))(?![0-9])"
)
_TELEPHONE = re.compile(r"\(?[0-9]{3}\)?[-. ][0-9]{3}[-. ][0-9]{4}(?![0-9])")


def find(text: str, lowered: str) -> Iterator[Found]:
    """Yields (start, end, kind) in folded `text`; `lowered` is the same text in lower case."""
    yield from _ibans(text, lowered)
    yield from _social_security(text, lowered)
    for match in _INSURANCE.finditer(text):
        yield *match.span(), "nino"
    yield from _sort_codes(text, lowered)


def find_labelled(text: str) -> Iterator[Found]:
    """Yields numbers that only the words beside them give away."""
    for match in _ACCOUNT.finditer(text):
        if not _DATE.match(match[1]) and not _TELEPHONE.match(match[1]):
            yield *match.span(1), "account"
    for match in _ACCOUNT_AFTER.finditer(text):
        yield *match.span(1), "account"
    for match in _ROUTING.finditer(text):
        yield *match.span(1), "routing"


def _ibans(text: str, lowered: str) -> Iterator[Found]:
    for match in _IBAN_START.finditer(text):
        start = match.start()
        symbols, end = _collect(text, start, _IBAN_LENGTHS[match[1].upper()])
        if len(symbols) != _IBAN_LENGTHS[match[1].upper()]:
            continue
        try:
            iban.validate(symbols, check_country=False)
        except ValidationError:
            # A mistyped one is still most of an account number, if the text says what it is.
            if "iban" not in lowered[max(0, start - 24) : end]:
                continue
        yield start, end, "iban"


def _collect(text: str, start: int, length: int) -> tuple[str, int]:
    """Returns up to `length` letters and digits from `start`, small gaps apart, and where they end."""
    symbols: list[str] = []
    end = start
    for match in _SYMBOL.finditer(text, start):
        gap = text[end : match.start()] if symbols else ""
        if len(symbols) == length or len(gap) > 3 or any(character.isalnum() for character in gap):
            break
        symbols.append(match[0].upper())
        end = match.end()
    return "".join(symbols), end


def _social_security(text: str, lowered: str) -> Iterator[Found]:
    for match in _SSN.finditer(text):
        digits = match[1] + match[3] + match[5]
        if match[2].strip() == match[4].strip() and (ssn.is_valid(digits) or itin.is_valid(digits)):
            yield *match.span(), "ssn"
    if "ss" in lowered or "soc" in lowered or "tin" in lowered or "tax" in lowered:
        for match in _SSN_PLAIN.finditer(text):
            yield *match.span(1), "ssn"


def _sort_codes(text: str, lowered: str) -> Iterator[Found]:
    for match in _SORT_CODE.finditer(text):
        start, end = match.span()
        named = "sort" in lowered[max(0, start - 24) : end + 24]
        if not match[2] and not named:
            continue
        beside = _UK_ACCOUNT.search(text, end, end + 48) or _UK_ACCOUNT.search(
            text, max(0, start - 48), start
        )
        if beside is None:
            continue
        near = lowered[max(0, min(start, beside.start()) - 24) : max(end, beside.end()) + 12]
        touching = 0 < beside.start() - end <= 3 and match[2] in "-\u2010\u2011\u2012\u2013"
        if named or _UK_WORDS.search(near) or (touching and not _DATE.match(match[0])):
            yield start, end, "sort_code"
            yield *beside.span(), "account"
