"""Finds numbers of cases, ends of card numbers, and branches that are tied to the person."""

import re
from typing import Final

_CASES: Final = (
    re.compile(
        r"\b(?:case|ticket|claim|ref|reference|incident|dispute|complaint|inquiry|enquiry|"
        r"confirmation|tracking|file|request|application|service request|sr|"
        r"caso|folio|expediente|reclamo|reclamacion|ticket|protocolo|chamado|pratica|segnalazione|"
        r"dossier|reclamation|vorgang|vorgangsnummer|aktenzeichen|fall|fallnummer|kaso)"
        r"\s*(?:number|no|num|nr|id|code|numero|nummer|n|ref|reference|de|di)?\s*[.:]?\s*(?:is\s+|"
        r"es\s+|e\s+|est\s+|lautet\s+)?[#:]?\s*(?=[a-z\d/-]*\d{2})[a-z]{0,5}[-/]?\d[\da-z/-]{2,}\b"
    ),
    re.compile(r"\b(?:gh|case|cs|sr|inc|tkt|crm|ref|cas|req|tck|disp|clm)[-_ ]?#?\d{3,}\b"),
    re.compile(
        r"(?<![\w/])(?!covid|iso|rfc|form|apr|cve|pub|sec|reg|title|suite|route|room|hwy|i-|us-|ca-|"
        r"w-|h-)[a-z]{2,5}-\d{3,}(?:-\d+)*\b"
    ),
    re.compile(r"(?<![\w&/])#\s?\d{3,}\b"),
    re.compile(
        r"(?<!\ba )(?<!\ban )(?<!any )(?<!each )(?<!every )\b(?:complaint|case|claim|dispute|"
        r"ticket|incident|request)\s+(?:has been |is |was )?(?:logged|registered|"
        r"filed|opened|raised|created|closed|upheld)\b"
    ),
)

_CARD_ENDINGS: Final = re.compile(
    r"\b(?:ending|ends|ended|terminad[ao]s?|termina|finalizad[ao]|acabad[ao]|endet|endend\w*|"
    r"endziffern?|endnummer|finissant|se terminant|terminant|finit|final|termina|nagtatapos)"
    r"\s*(?:in|en|with|on|par|auf|em|com|con|sa|mit|by|:)?\s*(?:the )?(?:digits |last |four |"
    r"cifre |cifras )*(?:[x*•#.…]+\s?-?)?\d{3,5}\b"
    r"|\b(?:last|final) (?:four|4)(?: digits)?\b[^.!?\n]{0,15}\d{4}\b|(?:\b[x]{2,}|[*•…]{1,4}|"
    r"\.{3})[ -]?\d{4}\b|\b[x]-?\d{4}\b|\b(?:card|account|acct|loan|mortgage|checking|"
    r"savings)\s+(?:no\.?\s?|number\s|#\s?)?\d{4}\b"
)

_PERSON: Final = (
    r"\b(?:where (?:do )?you|your (?:\w+ ){0,2}?(?:visit|appointment|banker|meeting|account|card|"
    r"loan|deposit|box|money|check|withdrawal|conversation|application|advisor|paperwork|"
    r"documents|wallet|statement)|"
    r"you (?:\w+ )?(?:bank|banked|opened|visited|came|went|applied|signed|stopped|dropped|met|"
    r"spoke|talked|deposited|withdrew|cashed|left|use|used|called)|"
    r"has your|have your|holding your|waiting for you|ready for (?:you|pick\s?up)|expecting you|"
    r"for you|to sign|pick (?:it|them|your) up|pick up (?:your|the)|home branch)\b"
)
_SIGNED: Final = (
    r"\b(?:sign(?:ed|ing)? the (?:papers|paperwork|documents|forms)|open(?:ed|ing)? (?:the|an|that) account)\b"
)
_DATED_VISIT: Final = (
    r"\b(?:visiting|coming|stopping|dropping|swinging|popping|meeting|sitting down|"
    r"banking)\b[^.!?\n]{0,60}\b(?:yesterday|today|earlier|this (?:morning|afternoon|week)|last "
    r"(?:week|night|month)|on (?:mon|tues|wednes|thurs|fri|satur)day)\b"
)
_CONDITION: Final = re.compile(r"\b(?:if|when you|whenever|should you|in case|once you)\b")
_TIES: Final = re.compile(f"{_PERSON}|{_DATED_VISIT}|{_SIGNED}")
_NAMED: Final = re.compile(
    r"\b(?:our|the|at|your)\s+(?:[\w'&.-]+\s+){1,3}(?:branch|location|banking center|financial center|office)\b"
)
_STOPS: Final = re.compile(r"(?<=[.!?\n])\s+|\n")


def cases(plain: str) -> list[tuple[int, int]]:
    """The places of case, ticket and claim numbers."""
    return [match.span() for pattern in _CASES for match in pattern.finditer(plain)]


def card_endings(plain: str) -> list[tuple[int, int]]:
    """The places where the end of a card or account number is named."""
    return [match.span() for match in _CARD_ENDINGS.finditer(plain)]


def branches(plain: str, names: re.Pattern[str] | None) -> list[tuple[int, int]]:
    """The places of a branch's name in a sentence that ties the person spoken to to it."""
    found: list[tuple[int, int]] = []
    begin = 0
    for end in [*(match.start() for match in _STOPS.finditer(plain)), len(plain)]:
        sentence = plain[begin:end]
        named = (names.search(sentence) if names else None) or _NAMED.search(sentence)
        if named and _TIES.search(sentence) and not _CONDITION.search(sentence):
            found.append((begin + named.start(), begin + named.end()))
        begin = end
    return found
