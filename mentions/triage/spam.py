"""Spam and phishing: what wants the reader's money or secrets rather than an answer."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from mentions.reasons import Part, kept, together
from mentions.triage.links import suspect
from mentions.triage.phrases import Hit, Phrasebook
from mentions.triage.reading import Reading, listed

_CONCEPTS = {
    "CHOSEN": (
        "congratulations you_have_won you_won_a you've_won have_won_a been_selected were_selected awarded been_chosen "
        "lucky_winner felicidades ganador felicitations gewonnen parabens"
    ),
    "EARN": (
        "earn earned earning make made making profit profits income gana ganar gagnez verdienen ganhe guadagna kumita"
    ),
    "HOME": "home online daily weekly hourly passive casa ligne heute renda extra sideline",
    "COIN": "crypto bitcoin btc forex eth usdt investment trading trader binary nft airdrop solana doge cripto",
    "INVITE": (
        "dm inbox whatsapp telegram join click follow link bio contact message text signal escribe contactez schreib"
    ),
    "SECRET": (
        "password passwords pin otp cvv code codes username seed passcode card_number social_security ssn contraseña "
        "clave tarjeta mot_de_passe passwort senha"
    ),
    "GIVE": (
        "send give confirm verify enter share provide submit tell dm message reply have confirme envíe envoyez "
        "bestätigen confirma ipadala need"
    ),
    "ACCOUNT": "account accounts access card profile wallet cuenta acceso compte konto conta",
    "THREAT": (
        "suspended suspend suspension locked deactivated blocked restricted closed expire expires expired hacked "
        "compromised limited suspendida bloqueada suspendu gesperrt suspensa"
    ),
    "OFFICIAL": (
        "official support helpdesk help_desk security_team security_department case_team customer_care agent team "
        "oficial soporte"
    ),
    "PRIZE": "prize gift reward payout bonus voucher jackpot felicidades ganador felicitations gewonnen parabens",
    "CLAIM": "claim redeem collect reclame reclamez einlösen resgate reclama receive",
}
SPAM = Phrasebook(
    _CONCEPTS,
    {
        "money": (
            "COIN + EARN + INVITE /30", "COIN + INVITE + profit /30", "EARN + HOME + INVITE /24", "double your",
            "financial freedom", "EARN + working from home /12", "guaranteed + profit* /8", "COIN + signal* /6",
            "recover + lost funds /10", "recovery + expert /4", "hacker + recover* /12", "loan + no credit check /12",
            "instant loan", "EARN + per week /8", "EARN + a day + INVITE /24", "changed my life + trad* /24",
            "thanks to + trader /16", "sugar daddy", "cash app + flip* /10", "COIN + presale /8", "presale + ends /8",
            "100x", "turned + into + days /14", "spell caster", "brings back your ex", "pautang + walang /8",
            "loan + processing fee /14", "EARN + HOME + message /16",
        ),
        "prize": (
            "CHOSEN + PRIZE /16", "CHOSEN + CLAIM /20", "PRIZE + call /12", "claim now", "prize + guaranteed /10",
            "free + gift card /6", "text to win", "txt + win /10", "txt + stop /30", "reply stop", "per min",
            "ringtone*", "free msg", "freemsg", "win a new", "only + left + PRIZE /16", "win + phone + left /14",
            "unsubscribe + stop /12", "to opt out", "150ppm", "per msg",
        ),
        "followers": (
            "free followers", "cheap followers", "buy followers", "followers + cheap /8", "followers + delivery /12",
            "follow back", "f4f", "check my bio", "check my page", "link in bio", "link in my bio", "onlyfans",
            "dm for promo", "promote your", "gain followers", "use my code", "meet singles", "sexy singles",
        ),
        "goods": (
            "cheap + viagra /8", "weight loss", "work from home", "limited offer", "order now", "buy now", "shop now",
            "discount + code /6", "promo code", "deals + off /10", "up to + off + today /10", "best price",
        ),
    },
)  # fmt: skip
PHISHING = Phrasebook(
    _CONCEPTS,
    {
        "harvest": ("GIVE + us + SECRET /12", "SECRET + GIVE us /12"),
        "secrets": (
            "SECRET + code you just received /16", "username password", "enter + card number /10", "GIVE + SECRET /10",
            "full card number", "photo of + back /8", "gift card + verify /12", "gift card + unlock /12",
        ),
        "threat": (
            "ACCOUNT + THREAT /8", "final notice", "unusual activity", "verify your account", "confirm your account",
            "update your account",
        ),
        "safe account": (
            "safe account", "move your money to", "transfer + to a safe /10",
        ),
        "prize": (
            "PRIZE + CLAIM /24", "refund portal", "loyalty payout", "refund + claim /10",
        ),
        "official": (
            "must verify", "all + users must /8", "we fix it", "OFFICIAL + INVITE /16", "OFFICIAL + call /14",
            "kindly", "hello dear", "dear customer", "estimado cliente", "cher client",
        ),
    },
)  # fmt: skip
# Somebody who asks whether it is genuine, or warns others, is no swindler.
_REPORTS = re.compile(
    r"\?\W*$|fake|scam|phish|beware|warn|careful|heads up|got (?:a|this|an)|i received|is this|\byours\b|legit"
    r"|cuidado|ojo\b|arnaque|betrug|golpe|truffa|peke|詐欺|诈骗|احتيال|мошен"
    r"|\bmy (?:mother|father|mom|dad|grand\w+|son|daughter)\b|asked (?:me|for)"
    r"|\bi (?:got|have|had|was|am)\b",
    re.IGNORECASE,
)
_WEIGHTS = {"money": 2.0, "prize": 2.0, "followers": 2.0, "goods": 1.0}
_ENOUGH = 2.0
_TOO_MANY_TAGS = 8
_OWN_STORY = listed("my i im ive mi mis yo mon ma je ich mein meine meu minha io mio ko ako")
_TELEPHONE = re.compile(r"\+?\d[\d ().-]{8,}\d")
_SHORT_CODE = re.compile(r"\b(?:0[89]\d{8,9}|\d{5,6})\b")
_POUNDS = re.compile(r"[£$€]\s?\d")


class Verdict(NamedTuple):
    """Whether it is, how sure (0 to 1), and what gave it away, as `reasons` keeps it."""

    value: bool
    score: float
    reason: str


def lures(reading: Reading, hits: Sequence[Hit], names: Sequence[str], hosts: frozenset[str]) -> Verdict:
    """Tells whether a post itself tries to get at secrets; one that reports such a thing does not.

    `hits` is what `PHISHING` finds in it.
    """
    if not reading.addresses and (not hits or len(reading.words) < 4):
        return Verdict(False, 0.0, kept("nothing_suspicious"))
    worst = max((suspect(a, names, hosts) for a in reading.addresses), key=lambda s: s.weight, default=None)
    asks = sum({"secrets": 2, "harvest": 2, "safe account": 3}.get(hit.key, 1) for hit in hits)
    weight = asks + (worst.weight if worst else 0)
    if weight < 3 or (worst is None and asks < 3):
        return Verdict(False, weight / 6, kept("too_little" if weight else "nothing_suspicious"))
    if _REPORTS.search(reading.plain) is not None and asks < 5:
        return Verdict(False, 0.4, kept("reported"))
    why = [*(worst.reasons if worst else ()), *(("quoted", hit.words) for hit in hits)]
    return Verdict(True, min(0.99, 0.5 + weight / 12), together(why[:4]))


def sells(reading: Reading, hits: Sequence[Hit], lure: Verdict) -> Verdict:
    """Tells whether a post sells, lures or floods; `hits` is what `SPAM` finds in it."""
    if lure.value:
        return Verdict(True, lure.score, kept("is_phishing"))
    tags = reading.text.count("#")
    if not hits and tags < _TOO_MANY_TAGS:
        return Verdict(False, 0.0, kept("nothing_of_spam"))
    weight = sum(_WEIGHTS[hit.key] for hit in hits)
    why: list[Part] = [("quoted", hit.words) for hit in hits]
    if tags >= _TOO_MANY_TAGS:
        weight += 2
        why.append(("hashtags", tags))
    if hits:
        weight += _extras(reading, hits, why)
    if not reading.addresses and not _OWN_STORY.isdisjoint(reading.words):
        weight -= 1.5  # swindlers speak of us, customers of themselves
    if weight < _ENOUGH:
        return Verdict(False, max(weight, 0.0) / 6, kept("only", why[0]))
    return Verdict(True, min(0.99, 0.5 + weight / 10), together(why[:4]))


def _extras(reading: Reading, hits: Sequence[Hit], why: list[Part]) -> float:
    weight = 0.0
    if reading.addresses:
        weight += 1.5
        why.append(("with_link",))
    if _TELEPHONE.search(reading.plain) or (hits[0].key == "prize" and _SHORT_CODE.search(reading.plain)):
        weight += 1.5
        why.append(("with_number",))
    if hits[0].key in ("money", "prize") and _POUNDS.search(reading.plain):
        weight += 1
        why.append(("with_sum",))
    if sum(map(str.isupper, reading.plain)) > 0.4 * len(reading.plain):
        weight += 0.5
        why.append(("in_capitals",))
    return weight
