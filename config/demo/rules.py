"""The demonstration bank's routing rules, in order: the first that matches wins."""

from typing import Final

from config.demo.bank import Rule


def listed(text: str) -> list[str]:
    """Words and phrases written as a line."""
    return [item.strip() for item in text.split(",")]


RULES: Final = (
    Rule("Spam", "care", {"spam": True, "phishing": False}, 4, ("spam",), "false", "spam"),
    Rule("News", "press", {"network": "news"}, 4, ("news",), "false", "news"),
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
    Rule(
        "Money leaving now",
        "fraud",
        {
            "words_any": listed(
                "right now, unauthorized, stolen, stole, did not make, don't recognize, not mine, hacked, identity "
                "theft, opened an account in my name, security department, robaron, no hice, AHORA, ninakaw, "
                "nanakaw, hindi akin, nauto, n'est pas de moi, que eu não fiz, 不是我的, لم أقم بها"
            ),
        },
        1,
        ("fraud",),
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
    Rule(
        "Lawyers and regulators",
        "legal",
        {
            "words_any": listed(
                "lawyer, attorney, court, sue, lawsuit, subpoena, regulator, cfpb, ombudsman, class action, "
                "abogado, fiscal general, demanda, avocat, anwalt, advogado"
            )
        },
        2,
        ("complaint",),
        "true",
        "needs an answer",
    ),
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
    Rule(
        "Access for everybody",
        "assistance",
        {"words_any": listed("screen reader, blind, deaf, wheelchair, large print, talking ATM, contrast")},
        2,
        ("accessibility",),
    ),
    Rule("Loud voices", "press", {"reach_min": 50_000, "tone": "negative"}, 1, ("reach",), "true", "needs an answer"),
    Rule(
        "Lending",
        "lending",
        {
            "words_any": listed(
                "mortgage, loan, refinancing, pre-approval, rate lock, escrow, line of credit, appraiser, préstamo, "
                "hipoteca, prestan, mag-loan, car loan, prêt, kredit, empréstimo, 贷款"
            )
        },
        3,
        ("lending",),
    ),
    Rule("The campaign", "brand", {"words_any": listed("#LarkmereGives")}, 4, ("campaign",)),
    Rule("Reviews of the app", "brand", {"network": "reviews"}, 4, ("review",), "false", "no reply needed"),
    Rule(
        "Jobs",
        "brand",
        {"words_any": listed("teller job, interview at, call center on, hire remote, applied")},
        4,
        ("jobs",),
    ),
    Rule(
        "Praise",
        "brand",
        {"tone": "positive", "visibility": "public", "actionable": listed("false, undecided")},
        4,
        ("praise",),
    ),
    Rule("In Spanish", "espanol", {"language": "es"}, 3, ("español",)),
    Rule(
        "Outages and sign-in",
        "digital",
        {
            "words_any": listed(
                "app, website, online banking, log in, login, locked out, password, fingerprint, code, error code, "
                "outage, l'appli, anmelden, senha, ログイン, アプリ, 登录, 验证码, 앱, التطبيق"
            ),
            "urgency_min": 1,
        },
        2,
        ("digital",),
    ),
    Rule(
        "Cards",
        "cards",
        {
            "words_any": listed(
                "card, declined, chip, atm, contactless, carte, karte, cartão, carta, карту, карта, 卡, カード, 카드, "
                "thẻ, कार्ड, بطاقتي, بطاقة"
            )
        },
        3,
        ("cards",),
    ),
    Rule(
        "Payments and deposits",
        "cards",
        {
            "words_any": listed(
                "transfer, wire, deposit, paycheck, payment, pending, on hold, padala, nagpadala, virement, "
                "überweisung, transferência, перевод, 转账, 汇款, 送金, 송금, chuyển, حوّلت"
            )
        },
        3,
        ("payments",),
    ),
    Rule("In other languages", "languages", {"language": listed("tl, zh, ja, ko, vi, fr, de, pt, it, ru, ar, hi")}, 3),
    Rule("Private messages", "care", {"visibility": "private"}, 2),
)
