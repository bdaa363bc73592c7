"""Finds what a law ties to conditions or disclosures wherever a bank says it: rates, free accounts, insurance."""

import re
from typing import Final

from agents.guard.wording import BREAKS, around, spans

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
# That something is not insured is what the law wants said.
_DENIED: Final = re.compile(r"(?:\bnot|n't|\bnever|\bnor)\b(?! only\b)")


def rates(plain: str) -> list[tuple[int, int]]:
    """Terms that trigger disclosures under Regulation Z (12 CFR 1026.16, 1026.24)."""
    return [span for span in spans(_RATES, plain) if not _is_another_share(plain, *span)]


def _is_another_share(plain: str, start: int, end: int) -> bool:
    """Whether "20%" is a share of something else than money lent or saved: a tax, a cash back, a discount."""
    return bool(_SHARE.fullmatch(plain, start, end) and _OTHER_SHARE.search(plain, max(0, start - _NEAR), end + _NEAR))


def deposit_terms(plain: str) -> list[tuple[int, int]]:
    """Words that Regulation DD (12 CFR 1030.8) bars or ties to conditions: free, no cost, profit, bonus."""
    return spans((_FREE,), plain)


def insurance(plain: str) -> list[tuple[int, int]]:
    """Deposit insurance named beside what is no deposit (12 CFR 328 subpart B)."""
    if _NOT_DEPOSITS.search(plain) is None:
        return []
    return [
        (start, end)
        for start, end in spans((_INSURED,), plain)
        if not _DENIED.search(plain, around(plain, start, end, BREAKS)[0], start)
    ]
