"""What posts are about: service topics as data, in the languages of the bank's customers.

A topic's key is part of what rules and reports use: add, never rename. Capitals name a concept, see
`mentions.triage.phrases` for how phrases are written.
"""

from typing import Final

from mentions.triage.concepts import CONCEPTS
from mentions.triage.phrases import Phrasebook

# Topics that more than rules ask for by name.
PRAISE: Final = "praise"
CAMPAIGN: Final = "campaign"
LEAVING: Final = "closing-account"
# Beside these a good word is meant the other way round.
SOURING: Final = frozenset({"card-declined", "app-outage", "login", "wait-time", "complaint", "legal"})

PHRASES: Final[dict[str, tuple[str, ...]]] = {
    "phishing": (
        "isn't you right", "that isn't you", "looked exactly like yours", "looks fake", "shows as yours",
        "wants my + number /8", "please warn people", "heads up + scam /14", "called me + code /14", "PHISH + MESSAGE",
        "is this really you", "is this you guys", "is this legit", "is this a scam", "pretending to be",
        "claiming to be", "posing as", "haciendose pasar", "se fait passer pour", "gibt sich als", "se passando por",
        "si spaccia per", "nagpapanggap", "got a text + link /14", "from your fraud department",
        "asked for my + pin /8", "asked me for my code", "asking for my + code /8", "asks for the code", "phishing",
        "one of your sites", "swap the chip",
    ),
    "fraud": (
        "FRAUD + CHARGE", "NOT_MINE + CHARGE /10", "FRAUD + CARD", "FRAUD + BANK_ACCOUNT", "identity theft",
        "account in my name", "opened in my name", "FRAUD", "money + stolen /6", "transferring money out",
        "took money from my", "test charges", "someone + used my card /6", "NOT_MINE + DEPOSIT", "SOMEBODY + MONEY /8",
        "NOT_MINE + card /12", "not mine + statement /12",
    ),
    "lost-card": (
        "LOST + CARD", "LOST + WALLET", "found + CARD /8", "stole* + bag /4", "BLOCK + CARD /6",
        "machine + ate + card /8", "card fell out", "left my card", "card + swallowed /6", "took my bag",
        "lost my phone", "phone + LOST /5", "stolen phone",
    ),
    "card-declined": (
        "CARD + DECLINED /10", "CARD + stopped working /6", "CARD + isn't working /6", "CARD + not going through /8",
        "CARD + pay* + DECLINED /12", "insufficient funds + CARD /10", "CARD + not + work* /6",
        "CARD + doesn't work /6", "CARD + won't work /6", "CARD + not accepted /8", "declined + at /6", "declined for",
        "was declined", "got declined", "fondos insuficientes", "chip + reader /4", "payment + declined /6",
        "CARD + DOWN /6", "declined. declined", "keeps declining", "CARD + NOT + WORK /8", "payment + refus* /6",
        "chip + NOT + WORK /6", "declined", "rechazada", "rechazado", "refusé + paiement /6", "na decline",
        "nadecline", "UNABLE + USE + CARD /10", "CARD + payment + NOT /8", "CARD + payment + failed /8",
        "payment + NOT + WORK /8", "payment + not accepted /6", "payment + going through /6", "accept my card",
        "accept + CARD + UNABLE /8", "CARD + broke* /6", "get my card to work",
    ),
    "card-delivery": (
        "CARD + DELIVERY /8", "new card", "replacement card", "tarjeta nueva", "nouvelle carte", "neue karte",
        "novo cartao", "nuova carta", "bagong card", "CARD + NOT + ARRIVE /8", "where + CARD + order* /12",
        "order* + CARD + ago /12", "waiting + CARD /8", "card + isn't here /6", "card + shown up /8",
        "CARD + still + here /8", "get my card", "arrival + CARD /6", "sent my card", "card + on route /8",
        "order + card /5", "how long + CARD /10",
    ),
    "login": (
        "CANNOT + LOGIN /8", "locked out", "reset my password", "forgot my password", "password reset", "two factor",
        "verification code + never /10", "code + never arrives /10", "code + not + arriv* /10", "codigo + no llega /8",
        "code + arrive pas /8", "LOGIN + DOWN /8", "LOGIN + stopped working /6", "unlock + LOGIN /6", "login code*",
        "prove i'm human", "log in + known problem /12", "LOGIN + code /10", "locked + account /6", "face id + not /8",
        "log me out", "logs me out", "logged me out", "security question*", "CODE + NOT + ARRIVE /8",
        "naka lock + account /8", "contraseña + NOT /8", "LOGIN + impossible /6", "FORGOT + SECRET /6",
        "FORGOT + LOGIN /6", "NOT + SECRET + access /12", "LOGIN + NOT + WORK /8",
    ),
    "app-outage": (
        "APP + DOWN /8", "can't open + APP /6", "APP + error code /8", "error code", "when it's down", "is it down",
        "status page", "APP + blank /6", "APP + loading /6", "SYSTEM + DOWN /6", "is anyone else + APP /10",
        "app + crash* /8", "APP + update /8", "APP + white screen /10", "APP + blank /8", "APP + slow /6", "outage",
        "APP + CANNOT /6", "spinning wheel", "maintenance + APP /8", "APP + NOT + OPEN /8", "APP + NOT + WORK /8",
    ),
    "transfer": (
        "TRANSFER + MISSING /10", "MONEY + MISSING /6", "sent + MONEY + MISSING /14", "wrong account",
        "TRANSFER + HOLD /8", "how long + transfer* /8", "TRANSFER + DECLINED /8", "TRANSFER + DOWN /8",
        "sent + wrong person /10", "sent + processing /16", "daily limit", "transfer limit", "TRANSFER",
        "sent + WRONG /10", "mandé + WRONG /10", "mande + WRONG /12", "na send + WRONG /10", "mandei + NOT /12",
        "mandei + nada /12", "MONEY + NOT + ARRIVE /12", "mandé + en proceso /16",
    ),
    "deposit": (
        "DEPOSIT + HOLD /10", "DEPOSIT + MISSING /10", "mobile deposit", "mobile deposits", "deposited + cash /8",
        "refund + pending /8", "tax refund", "cutoff time", "direct deposit", "DEPOSIT + DECLINED /8",
        "DEPOSIT + early /6", "photo of + check /8", "TOP_UP", "cash deposit", "cheque + NOT /10", "deposit + NOT /8",
        "deposited + NOT /10",
    ),
    "fees": (
        "FEE + UNFAIR /10", "overdraft fee", "monthly fee", "maintenance fee", "late fee", "foreign transaction fee",
        "FEE", "charge* + for + USE /8", "extra + fee /5", "charged + extra /5", "was charged for", "why + charged /6",
        "a charge for", "pound charge", "euro charge", "dollar charge",
    ),
    "dispute": (
        "DISPUTE", "charged twice", "double charged", "charged me twice", "cobraron dos veces", "deux fois debite",
        "doppelt abgebucht", "cobrado duas vezes", "addebitato due volte", "refund + CHARGE /10", "billed twice",
        "cancelled + still charg* /12", "CHARGED + TWICE /8", "refund", "refunded", "item refunded",
        "cancel + purchase /6", "extra charge", "charge + statement /8", "charged extra", "reembolso", "remboursement",
        "erstattung", "rimborso", "estorno",
    ),
    "rates": (
        "RATE + SAVINGS /10", "interest rate*", "RATE + up /6", "RATE + low /6", "RATE + LENDING /8", "high yield",
        "apy", "tasa de interes", "taux d'interet", "zinssatz", "taxa de juros", "tasso di interesse",
        "RATE + percent /6", "SAVINGS + best /8", "savings account", "SAVINGS + bonus /8", "exchange rate*",
        "conversion rate*", "tipo de cambio", "taux de change", "wechselkurs", "taxa de cambio", "tasso di cambio",
    ),
    "lending": (
        "LENDING", "credit limit", "turned down because", "who gets approved", "denied my + approved /12", "appraiser",
        "bother applying", "loan officer", "pre approval", "rate lock", "closing date + house /10", "credit score",
        "home buyer", "prestan para", "loan + denied /6",
    ),
    "atm": (
        "ATM + MONEY /10", "ATM + DOWN /8", "ATM + LOST /8", "machine + out of order /10", "machine + gave me /6",
        "machine + cash /8", "out of cash", "machine + empty /8", "ATM", "cash withdrawal", "withdraw* + cash /6",
        "withdrawal + NOT /8", "withdrawal + CHARGE /8", "wrong amount of cash", "cash machine",
    ),
    "hours": (
        "HOURS + BRANCH /8", "BRANCH + open /8", "opening hours", "what time + open /8", "what time + close /8",
        "are you open", "open on + saturday /4", "open on + sunday /4", "BANK_ACCOUNT + HOURS + holiday /8",
        "abren el", "abren + domingo /8", "bukas + sabado /10", "bukas po ba", "ouvert le", "geöffnet am",
        "abre no sabado", "aperto il sabato",
    ),
    "branch": (
        "BRANCH", "need an appointment", "drive through", "exchange currency", "which documents", "currency exchange",
        "safe deposit box", "NEW_ACCOUNT", "PAPERS + BANK_ACCOUNT /10", "PAPERS + NEW_ACCOUNT /12",
    ),
    "wait-time": (
        "WAITING + PHONE /10", "on hold", "transferred + times /6", "callback promised", "call me back",
        "called me back", "number + human answers /8", "agent told me", "your agent + rude /10",
        "your line + rude /10", "hold music", "hung up on me", "nobody answers", "no one answers", "no one picks up",
        "speak to a human", "talk to a human", "real person", "still waiting", "been waiting", "minute wait",
        "hour wait", "nadie contesta", "personne ne repond", "niemand geht ran", "ninguem atende", "nessuno risponde",
        "walang sumasagot",
    ),
    "legal": (
        "LEGAL", "see you in court", "consumer protection", "my lawyer", "fiscal general", "pongo la queja",
    ),
    "hardship": (
        "HARDSHIP", "payment plan", "skip a payment", "deferment", "forbearance",
    ),
    "closing-account": (
        "CLOSE + BANK_ACCOUNT /6", "taking my business", "moving everything to", "so done with", "lost a customer",
        "opened an account at", "take my business elsewhere", "switching to", "switched from", "leaving you",
        "leaving for", "moving my money", "close everything", "done with this bank", "done with you",
        "GONE + BANK_ACCOUNT /6", "stop + account + using /8", "don't want + account /8",
    ),
    "privacy": (
        "PRIVACY", "who sees my data", "sell my data", "stop emailing me", "stop sending me",
        "someone else's statement", "wrong person's",
    ),
    "accessibility": (
        "ACCESS", "talking atm", "contrast + page /8", "font + small /6",
    ),
    "campaign": (
        "CAMPAIGN", "food bank", "voted + community /8", "need your votes", "announce + winners /8",
        "rounded up + coffee /8", "voté por", "vote for + community /12", "bumoto na ako", "paano po sumali",
    ),
    "jobs": (
        "interview at", "interview + tips /10", "call center on", "hire remote", "applied + portal /8",
        "starting at + call center /8", "JOB + BANK_ACCOUNT /10", "JOB + BRANCH /8", "are you hiring", "is hiring",
        "teller job", "job interview", "applied for", "estan contratando", "my application for the",
    ),
    "complaint": (
        "APOLOGY_BAD + SERVICE /8", "worst bank", "file a complaint", "formal complaint", "customer service is",
        "never again", "do better", "peor banco", "pire banque", "schlechteste bank", "pior banco", "peggior banca",
        "hoja de reclamaciones", "shame on you", "what a joke", "APOLOGY_BAD + PHONE /8",
    ),
    "praise": (
        "i love you", "APP + really good /8", "app + good actually /6", "impressed", "without a fight",
        "more of that please", "give him a raise", "give her a raise", "best + decision /8", "can't thank you enough",
        "actually solved it", "explained everything", "thank you + helped /8", "refunded + thank* /14", "was so kind",
        "so helpful", "very helpful", "thank you so much", "THANKS + GREAT /12", "GREAT + SERVICE /4",
        "GREAT + PHONE /6", "GREAT + BRANCH /8", "GREAT + APP /6", "THANKS + helped /8", "THANKS + help /6",
        "well done", "good job", "great job", "credit where", "hats off", "made my day", "made my week",
        "love this bank", "love my bank", "best bank", "mejor banco", "meilleure banque", "beste bank", "melhor banco",
        "miglior banca", "never a bad day", "keep it up", "shout out", "shoutout",
    ),
}  # fmt: skip

# How much a topic alone says about the tone, in the lexicons' weights.
LEANING: Final[dict[str, float]] = {
    "card-declined": -1.4, "app-outage": -1.2, "login": -0.9, "fraud": -1.2, "lost-card": -0.8, "dispute": -0.8,
    "wait-time": -1.2, "complaint": -1.8, "closing-account": -0.6, "legal": -1.2, "hardship": -1.2,
    "phishing": -0.6, "praise": 1.4,
}  # fmt: skip

BOOK: Final = Phrasebook(CONCEPTS, PHRASES)
