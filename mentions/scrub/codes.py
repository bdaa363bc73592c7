"""Secrets beside a card and codes for signing in: CVV, expiry, PIN, one-time codes. All in folded text."""

import re
from collections.abc import Iterator, Sequence

Found = tuple[int, int, str]

_BETWEEN = (
    r"(?:[\W_]{0,4}\b(?:numbers?|no|num|nr|code|is|was|are|it|it'?s|this|here|my|the|your|you|they|sent|me|got|received|for"
    r"|texted|of|to|on|back|app|login|n[uú]mero|num[eé]ro|nummer|es|est|ist|lautet|ay|ang)\b)"
)
_CVV = re.compile(
    r"(?<![^\W_])(?:cvv2?|cvc2?|csc|cvn|cid|security code|card code|3[- ]?digits?(?: code)?|three digits?|c[oó]digo de seguridad"
    r"|code de s[eé]curit[eé]|cryptogramme|sicherheitscode|pr[uü]fnummer|prüfziffer|codice di sicurezza|安全码|セキュリティコード)"
    rf"{_BETWEEN}{{0,4}}[\W_]{{0,4}}([0-9]{{3,4}})(?![0-9])",
    re.IGNORECASE,
)
_PIN = re.compile(
    rf"(?<![^\W_])pin{_BETWEEN}{{0,4}}[\W_]{{0,4}}([0-9]{{4,6}})(?![0-9])(?![:/.-][0-9])", re.IGNORECASE
)

_CODE_WORDS = (
    r"otp|totp|mtan|tan|2fa(?: code)?|mfa code|pass ?code|one[- ]?time(?: (?:pass(?:word|code)?|code|pin))?"
    r"|(?:verification|security|login|log[- ]?in|sign[- ]?in|authenti\w+|authori[sz]\w+|access|confirmation|sms|activation)"
    r"(?: pass)? ?code|c[oó]digo(?: de (?:verificaci[oó]n|acceso|confirmaci[oó]n|verifica[cç][aã]o))"
    r"|code de (?:v[eé]rification|confirmation)|best[aä]tigungscode|codice (?:otp|di verifica)|验证码|驗證碼|認証コード|인증번호"
    r"|код(?: подтверждения)?|رمز التحقق"
)
_ONE_TIME = re.compile(
    rf"(?<![^\W_])(?:{_CODE_WORDS}){_BETWEEN}{{0,6}}[\W_]{{0,4}}((?:[A-Z]-)?(?:[0-9]{{3}}[ -][0-9]{{3}}|[0-9]{{4,8}}))(?![0-9])"
    rf"|(?<![0-9#])((?:[A-Z]-)?(?:[0-9]{{3}}[ -][0-9]{{3}}|[0-9]{{4,8}}))[\W_]{{1,3}}(?:is|was|as)\b"
    rf"(?:\W{{1,2}}[\w']+){{0,4}}?\W{{1,2}}(?:{_CODE_WORDS}|code)(?![^\W_])"
    r"|(?<!zip )(?<!post )(?<!postal )(?<!area )(?<!error )(?<!promo )(?<!discount )\bcode\W{1,3}(?:is|was|:)\W{0,3}([0-9]{6})(?![0-9])",
    re.IGNORECASE,
)

_MONTH_YEAR = r"(?:0?[1-9]|1[0-2])\s?[-/. ]\s?(?:20)?[2-5][0-9](?![0-9])(?![-/.][0-9])"
_EXPIRY_WORDS = (
    r"exp(?:iry|ires?|iration|\.)?(?: date)?|valid(?: (?:thru|through|until|to))?|good thru|thru|mm/yy|vence|caduca|caducidad|validade"
    r"|g[uü]ltig bis|expire(?: le)?|scad(?:enza|e)?"
)
_EXPIRY = re.compile(
    rf"(?<![^\W_])(?:{_EXPIRY_WORDS}){_BETWEEN}{{0,3}}[\W_]{{0,4}}({_MONTH_YEAR}|(?:0[1-9]|1[0-2])[2-5][0-9](?![0-9]))",
    re.IGNORECASE,
)
_AFTER_CARD = re.compile(
    rf"[\s/|;:,._-]{{1,4}}({_MONTH_YEAR})(?:[\s/|;:,._-]{{1,4}}([0-9]{{3,4}})(?![0-9]))?"
    r"|[\s/|;_-]{1,3}([0-9]{3})(?![0-9])(?![.,:/-][0-9])(?!\s?(?:[%$€£]|dollars?|usd|eur|gbp|euros?|times|k\b|days?))",
    re.IGNORECASE,
)
_TRACK = re.compile(r"[=^D][^\s?]{4,80}")


def find_labelled(text: str) -> Iterator[Found]:
    """Yields (start, end, kind) of codes that the words beside them give away."""
    for match in _CVV.finditer(text):
        yield *match.span(1), "cvv"
    for match in _PIN.finditer(text):
        yield *match.span(1), "pin"
    for match in _ONE_TIME.finditer(text):
        group = match.lastindex or 0
        yield *match.span(group), "one_time_code"


def find_beside(text: str, cards: Sequence[tuple[int, int]]) -> Iterator[Found]:
    """Yields what stands beside card numbers: expiry, CVV and the rest of a magnetic track."""
    for match in _EXPIRY.finditer(text):
        yield *match.span(1), "expiry"
    for _, end in cards:
        if (match := _AFTER_CARD.match(text, end)) is not None:
            for group, kind in ((1, "expiry"), (2, "cvv"), (3, "cvv")):
                if match[group]:
                    yield *match.span(group), kind
        if (match := _TRACK.match(text, end)) is not None:
            yield *match.span(), "track"
