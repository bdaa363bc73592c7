"""Numbers that only the words beside them give away: accounts, routing, CVV, PIN, one-time codes.

A word is looked up as a plain stem first, which costs next to nothing; its pattern then reads on from
there. `text` is always folded, `lowered` the same in lower case, position for position.
"""

import re
from collections.abc import Iterator

Found = tuple[int, int, str]

_FILLER = (
    r"(?:[\W_]{0,4}\b(?:numbers?|no|num|nr|nbr|nro|code|is|was|are|it|it's|this|here|my|mine|the|your|you|they"
    r"|for|of|to|on|sent|me|got|received|texted|back|digits?|ending|n[uú]mero|num[eé]ro|nummer|n|es|est|ist"
    r"|lautet|ay|ang)\b)"
)
_REST = rf"{_FILLER}{{0,5}}[\W_]{{0,6}}?(?<![0-9$€£¥₹₱.,])"

_NUMBERS = {
    "account": r"([0-9](?:[ \-\u2010-\u2015./\u00b7]?[0-9]){5,16})(?![0-9])",
    "routing": r"([0-9]{3}[ -]?[0-9]{3}(?:[ -]?[0-9]{3})?)(?![0-9])",
    "ssn": r"([0-9]{3}[\W_]{0,3}[0-9]{2}[\W_]{0,3}[0-9]{4})(?![0-9])",
    "cvv": r"([0-9]{3,4})(?![0-9])",
    "pin": r"([0-9]{4,6})(?![0-9])(?![:/.-][0-9])",
    "one_time_code": r"((?:[a-z]-)?(?:[0-9]{3}[ -][0-9]{3}|[0-9]{4,8}))(?![0-9])",
}

# kind -> (stem, what may follow it within the same word or phrase)
_WORDS: dict[str, tuple[tuple[str, str], ...]] = {
    "account": (
        ("acc", r"(?:ounts?|t|nt)?(?:_?(?:number|no|id))?"), ("acnt", ""), ("a/c", ""), ("cuenta", "(?: clabe)?"),
        ("clabe", ""), ("compte", ""), ("konto", "(?:nummer|nr)?"), ("conto", "(?:corrente)?"), ("conta", ""),
        ("rekening", "(?:nummer)?"), ("hesap", ""), ("счет", r"\w*"), ("счёт", r"\w*"), ("口座", "(?:番号)?"),
        ("账号", ""), ("帳號", ""), ("账户", "(?:号码)?"), ("帳戶", ""), ("계좌", "(?:번호)?"), ("حساب", r"\w*"),
    ),
    "routing": (("routing", ""), ("aba", ""), ("rtn", ""), ("transit", ""), ("bsb", "")),
    "ssn": (
        ("ssn", ""), ("ss#", ""), ("ss #", ""), ("ss no", ""), ("social", "(?: security)?"), ("soc sec", ""),
        ("soc. sec", ""), ("itin", ""), ("tax id", ""), ("tin", ""),
    ),
    "cvv": (
        ("cvv", "2?"), ("cvc", "2?"), ("csc", ""), ("cvn", ""), ("security code", ""), ("card code", ""),
        ("three digit", "s?"), ("3 digit", "s?"), ("3-digit", "s?"), ("3digit", "s?"), ("cryptogramme", ""),
        ("sicherheitscode", ""), ("prüfnummer", ""), ("prüfziffer", ""), ("go de seguridad", ""),
        ("code de s", "[eé]curit[eé]"), ("codice di sicurezza", ""), ("安全码", ""), ("セキュリティコード", ""),
    ),
    "pin": (("pin", ""),),
    "one_time_code": (
        ("otp", ""), ("totp", ""), ("mtan", ""), ("tan", ""), ("2fa", ""), ("mfa", ""), ("passcode", ""),
        ("one-time", " (?:pass(?:word|code)?|code|pin)"), ("one time", " (?:pass(?:word|code)?|code|pin)"),
        ("verification", " (?:pass)?code"), ("security code", ""), ("login code", ""), ("log in code", ""),
        ("log-in code", ""), ("sign in code", ""), ("sign-in code", ""), ("access code", ""), ("sms code", ""),
        ("authenti", r"\w+ code"), ("authori", r"\w+ code"), ("confirmation code", ""), ("activation code", ""),
        ("digo de verificaci", r"\w+"), ("digo de acceso", ""), ("digo de confirma", r"\w+"),
        ("code de v", r"\w+"), ("code de confirmation", ""), ("bestätigungscode", ""), ("codice otp", ""),
        ("codice di verifica", ""), ("验证码", ""), ("驗證碼", ""), ("認証コード", ""), ("인증번호", ""),
        ("код", r"\w*(?: подтверждения)?"), ("رمز التحقق", ""),
    ),
}  # fmt: skip

# Scripts that write words together, or with endings and articles attached.
_JOINED = "\u0600"
# Stems that begin inside a word, so that one stem serves a spelling with and without its accent.
_INSIDE = ("digo ", "go de")


# What many stems have in common; a text without it is spared looking for each of them.
_SHARED = ("code", "digo", "codi", "digit", "acc", "cont", "tan", "otp", "ss", "soc", "cv")

_Patterns = dict[str, list[tuple[re.Pattern[str], str]]]


def _compiled() -> dict[str, _Patterns]:
    by_gate: dict[str, _Patterns] = {}
    for kind, words in _WORDS.items():
        for stem, rest in words:
            loose = stem[0] >= _JOINED
            after = "" if loose else r"(?![^\W_])"
            pattern = re.compile(f"{re.escape(stem)}{rest}{after}{_REST}{_NUMBERS[kind]}")
            gate = next((shared for shared in _SHARED if shared in stem), stem)
            by_gate.setdefault(gate, {}).setdefault(stem, []).append((pattern, kind))
    return by_gate


_PATTERNS = tuple(_compiled().items())
_ASCII_PATTERNS = tuple((gate, stems) for gate, stems in _PATTERNS if gate.isascii())

_CODE_IS = re.compile(
    r"(?<!zip )(?<!post )(?<!postal )(?<!area )(?<!error )(?<!promo )(?<!discount )(?<![^\W_])code"
    r"\W{1,3}(?:(?:is|was)\W{1,3})?([0-9]{6})(?![0-9])"
)
_NUMBER_FIRST = re.compile(
    r"[0-9](?<![0-9a-z$€£¥₹₱.,].)[0-9 \-]{2,24}(?<=[0-9])[\W_]{1,3}(?:is|was|as) {1,2}(?:[\w']+ {1,2}){0,4}?"
    r"(?:(account|acct|a/c)|(?:pass)?code|otp|pin)(?![^\W_])"
)

_DATE = re.compile(
    r"(?:(?:19|20)[0-9]{2}[-/.](?:0?[1-9]|1[0-2])[-/.][0-9]{1,2}"
    r"|[0-3]?[0-9][-/.][0-3]?[0-9][-/.](?:(?:19|20)[0-9]{2}|[0-9]{2}))(?![0-9])"
)
_TELEPHONE = re.compile(r"\(?[0-9]{3}\)?[-. ][0-9]{3}[-. ][0-9]{4}(?![0-9])")


def find(lowered: str) -> Iterator[Found]:
    """Yields (start, end, kind) in folded, lower-case text."""
    for gate, stems in _ASCII_PATTERNS if lowered.isascii() else _PATTERNS:
        if gate in lowered:
            for stem, patterns in stems.items():
                yield from _after(lowered, stem, patterns)
    if "code" in lowered:
        for match in _CODE_IS.finditer(lowered):
            yield *match.span(1), "one_time_code"
    if " is " in lowered or " was " in lowered or " as " in lowered:
        yield from _number_first(lowered)


def _after(lowered: str, stem: str, patterns: list[tuple[re.Pattern[str], str]]) -> Iterator[Found]:
    inside = stem[0] >= _JOINED or stem.startswith(_INSIDE)
    at = lowered.find(stem)
    while at >= 0:
        if inside or not at or not lowered[at - 1].isalnum():
            for pattern, kind in patterns:
                match = pattern.match(lowered, at)
                if match is not None and not (kind == "account" and _is_something_else(match[1])):
                    yield *match.span(1), kind
        at = lowered.find(stem, at + 1)


def _number_first(lowered: str) -> Iterator[Found]:
    for match in _NUMBER_FIRST.finditer(lowered):
        number = re.match(r"[0-9](?:[ \-]?[0-9])*", match[0])
        if number is None:
            continue
        digits = sum(character.isdecimal() for character in number[0])
        kind = "account" if match[1] else "one_time_code"
        least, most = (6, 17) if match[1] else (4, 8)
        if least <= digits <= most and not _is_something_else(number[0]):
            yield match.start(), match.start() + number.end(), kind


def _is_something_else(number: str) -> bool:
    return _DATE.match(number) is not None or _TELEPHONE.match(number) is not None
