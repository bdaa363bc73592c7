"""The demonstration bank's routing rules, in order: the first that matches wins."""

from typing import Final

from config.demo.bank import Rule


def listed(text: str) -> list[str]:
    """Words and phrases written as a line."""
    return [item.strip() for item in text.split(",")]


RULES: Final = (
    Rule("News", "press", {"network": "feeds"}, 4, ("news",), "false", "news"),
    Rule("Reviews of the app", "brand", {"network": "reviews"}, 4, ("review",), "false", "no reply needed"),
    Rule(
        "Impostors",
        "fraud",
        {
            "visibility": "public",
            "words_any": listed(
                "confirm your card, confirm your pin, your access will be suspended, help desk, safe account, "
                "one-time code ready, loyalty payout, refund portal, confirme tarjeta, larkmere le regala, send "
                "photo of the back"
            ),
            "words_none": listed("is this, is that, scam, fake, beware"),
        },
        1,
        ("impostor",),
        "true",
        "needs an answer",
    ),
    Rule("Spam", "care", {"spam": True, "phishing": False}, 4, ("spam",), "false", "spam"),
    Rule(
        "Praise",
        "brand",
        {"topic": "praise", "tone": "positive", "visibility": "public", "actionable": ["false", "undecided"]},
        4,
        ("praise",),
    ),
    Rule(
        "Money leaving now",
        "fraud",
        {
            "words_any": listed(
                "transferring money out, block my card, unauthorized, stolen, stole, did not make, don't recognize, "
                "not mine, hacked, identity theft, opened an account in my name, security department, robaron, "
                "no hice, AHORA, ninakaw, nanakaw, hindi akin, nauto, n'est pas de moi, que eu não fiz, 不是我的, "
                "لم أقم بها"
            ),
        },
        1,
        ("fraud",),
    ),
    Rule(
        "Links that steal",
        "fraud",
        {"visibility": "public", "phishing": True},
        1,
        ("impostor",),
        "true",
        "needs an answer",
    ),
    Rule(
        "Scams and phishing",
        "fraud",
        {
            "words_any": listed(
                "phishing, scam, fake, pretending to be, qr code, one of your sites, is it yours, security key, "
                "isn't you, estafa, falso, no lo den, es de ustedes, arnaque, golpe, betrug, 诈骗, 冒充, احتيال, otp"
            )
        },
        2,
        ("phishing",),
    ),
    Rule("Fraud and lost cards", "fraud", {"topic": ["fraud", "lost-card"]}, 2, ("fraud",)),
    Rule(
        "The press",
        "press",
        {
            "words_any": listed(
                "reporter, journalist, press office, we go to print, column tomorrow, newsletter out, producing a "
                "segment"
            )
        },
        2,
        ("press",),
        "true",
        "needs an answer",
    ),
    Rule(
        "Fair lending",
        "legal",
        {
            "words_any": listed(
                "discrimination, redlining, family photos, is that even legal, doesn't lend in, denied my wife, "
                "disability benefits"
            )
        },
        1,
        ("fair-lending", "complaint"),
        "true",
        "needs an answer",
    ),
    Rule("Lawyers and regulators", "legal", {"topic": "legal"}, 2, ("complaint",), "true", "needs an answer"),
    Rule(
        "Veterans and service members",
        "assistance",
        {
            "words_any": listed(
                "veteran, veterans, deployed, deploying, military, navy, army, service members, va loan, active "
                "duty, apo"
            )
        },
        2,
        ("military",),
    ),
    Rule(
        "Hardship and bereavement",
        "assistance",
        {
            "words_any": listed(
                "passed away, late mother, late father, estate, dementia, power of attorney, lost my job, laid off, "
                "layoff, hardship, flooded, in hospital, falleció, perdí el trabajo, se inundó"
            )
        },
        2,
        ("hardship",),
        "true",
        "needs an answer",
    ),
    Rule("Hardship", "assistance", {"topic": "hardship"}, 2, ("hardship",), "true", "needs an answer"),
    Rule("Access for everybody", "assistance", {"topic": "accessibility"}, 2, ("accessibility",)),
    Rule(
        "Our name in public",
        "press",
        {
            "visibility": "public",
            "words_any": listed(
                "branch is closing, branch will close, closes, stadium, your ad, bank ad, the new ad, lounge, "
                "wetlands, your guard, no statement"
            ),
            "words_none": listed("my account, my card"),
        },
        3,
        ("reputation",),
    ),
    Rule("Loud voices", "press", {"reach_min": 50_000, "tone": "negative"}, 1, ("reach",), "true", "needs an answer"),
    Rule("Lending", "lending", {"topic": "lending"}, 3, ("lending",)),
    Rule("The campaign", "brand", {"words_any": ["LarkmereGives"]}, 4, ("campaign",)),
    Rule("Jobs", "brand", {"topic": "jobs"}, 4, ("jobs",)),
    Rule("In Spanish", "espanol", {"language": "es"}, 3, ("español",)),
    Rule("Outages and sign-in", "digital", {"topic": ["app-outage", "login"]}, 2, ("digital",)),
    Rule("Cards", "cards", {"topic": ["card-declined", "card-delivery", "dispute", "atm"]}, 3, ("cards",)),
    Rule("Payments and deposits", "cards", {"topic": ["transfer", "deposit"]}, 3, ("payments",)),
    Rule("In other languages", "languages", {"language": listed("tl, zh, ja, ko, vi, fr, de, pt, it, ru, ar, hi")}, 3),
    Rule("Private messages", "care", {"visibility": "private"}, 2),
)
