"""Numbers that show by their own form what they are: IBAN, SSN, NI number, sort code with account."""

import re
from collections.abc import Iterator

from stdnum import iban
from stdnum.exceptions import ValidationError
from stdnum.us import itin, ssn

Found = tuple[int, int, str]

_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27,
    "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28,
    "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23,
    "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27,
    "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25,
    "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18,
    "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33,
    "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28,
    "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip

# Every pattern here begins with a plain class, which lets the engine skip to the next candidate.
_IBAN_START = re.compile(r"[A-Za-z]{2}[\W_]{0,3}[0-9][\W_]{0,3}[0-9]")
_IBAN_GAP = re.compile(r"[^\w.,;!?\ua66e]{1,3}|[._]")
_SYMBOL = re.compile(r"[0-9A-Za-z]")
_DASH = r"[-\u2010-\u2015\u2212./_\u00b7\s]{1,3}"
_SSN = re.compile(
    rf"[0-9](?<![0-9].)(?<![0-9][-.].)[0-9]{{2}}({_DASH})[0-9]{{2}}({_DASH})[0-9]{{4}}(?![0-9])(?![-.][0-9])"
)
_INSURANCE = re.compile(r"[0-9]{2}(?:[\s.-]?[0-9]{2}){2}[\s.-]?[A-Da-d](?![A-Za-z0-9])")
_INSURANCE_PREFIX = re.compile(r"(?<![A-Za-z0-9])([A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z])[\s.-]?$", re.IGNORECASE)
_NEVER_INSURANCE = frozenset({"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"})
_SORT_CODE = re.compile(
    r"[0-9](?<![0-9A-Za-z].)(?<![0-9][-/.].)[0-9]([-\u2010-\u2015\u2212 ./]?)[0-9]{2}\1[0-9]{2}(?![0-9])(?![-/.][0-9])"
)
_UK_ACCOUNT = re.compile(r"[0-9](?<![0-9].)(?<![0-9][-/.].)[0-9]{3}[ -]?[0-9]{3,4}(?![0-9])(?![-/.]?[0-9])(?! [0-9])")
_UK_WORDS = re.compile(r"sort|\bs/c\b|\bacc|a/c|bank|transfer|\bpay")
_DATE = re.compile(
    r"(?:0?[1-9]|[12][0-9]|3[01])\W(?:0?[1-9]|1[0-2])\W|(?:0?[1-9]|1[0-2])\W(?:0?[1-9]|[12][0-9]|3[01])\W"
)


def find(text: str, lowered: str) -> Iterator[Found]:
    """Yields (start, end, kind) in folded `text`; `lowered` is the same in lower case."""
    yield from _ibans(text, lowered)
    for match in _SSN.finditer(text):
        digits = "".join(character for character in match[0] if character.isdecimal())
        if match[1].strip() == match[2].strip() and (ssn.is_valid(digits) or itin.is_valid(digits)):
            yield *match.span(), "ssn"
    yield from _sort_codes(text, lowered)


def find_insurance(text: str) -> Iterator[Found]:
    """Yields British national insurance numbers in folded `text`."""
    for match in _INSURANCE.finditer(text):
        prefix = _INSURANCE_PREFIX.search(text, max(0, match.start() - 5), match.start())
        if prefix is not None and prefix[1].upper() not in _NEVER_INSURANCE:
            yield prefix.start(), match.end(), "nino"


def _ibans(text: str, lowered: str) -> Iterator[Found]:
    for match in _IBAN_START.finditer(text):
        start = match.start()
        length = _IBAN_LENGTHS.get(text[start : start + 2].upper())
        before = lowered[max(0, start - 24) : start]
        if length is None or (before[-1:].isalnum() and not before.endswith("iban")):
            continue
        # "no 1570...", "at 56...": words that are country codes too.
        if not text[start + 2].isdecimal() and "iban" not in before and (text[start] > "Z" or match[0][:2] == "NO"):
            continue
        symbols, end = _collect(text, start, length)
        if len(symbols) == length and (_is_iban(symbols) or ("iban" in before and not text[end : end + 1].isalnum())):
            yield start, end, "iban"


def _is_iban(symbols: str) -> bool:
    # The sum rules out all but one in a hundred, and costs a fraction of the rest.
    if int("".join([str(int(symbol, 36)) for symbol in symbols[4:] + symbols[:4]])) % 97 != 1:
        return False
    try:
        iban.validate(symbols, check_country=False)
    except ValidationError:
        return False
    return True


def _collect(text: str, start: int, length: int) -> tuple[str, int]:
    """Returns up to `length` letters and digits from `start`, small gaps apart, and where they end."""
    whole = text[start : start + length]
    if len(whole) == length and whole.isascii() and whole.isalnum():
        return whole.upper(), start + length
    symbols: list[str] = []
    end = start
    for match in _SYMBOL.finditer(text, start, start + 4 * length):
        gap = text[end : match.start()] if symbols else ""
        if len(symbols) == length or (gap and _IBAN_GAP.fullmatch(gap) is None):
            break
        symbols.append(match[0].upper())
        end = match.end()
    return "".join(symbols), end


def _sort_codes(text: str, lowered: str) -> Iterator[Found]:
    for match in _SORT_CODE.finditer(text):
        start, end = match.span()
        named = "sort" in lowered[max(0, start - 24) : end + 24]
        if not match[1] and not named:
            continue
        beside = _UK_ACCOUNT.search(text, end, end + 48) or _UK_ACCOUNT.search(text, max(0, start - 48), start)
        if beside is None:
            continue
        near = lowered[max(0, min(start, beside.start()) - 24) : max(end, beside.end()) + 12]
        touching = 0 < beside.start() - end <= 3 and match[1] in "-\u2010\u2011\u2012\u2013"
        if named or _UK_WORDS.search(near) or (touching and not _DATE.match(match[0])):
            yield start, end, "sort_code"
            yield *beside.span(), "account"
