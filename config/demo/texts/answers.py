"""What the bank's people answer, by language and matter: friendly, short, and never a word about who banks here.

Public answers ask the customer over to a private message; private ones say what happens next. {first} is the
customer's first name and {sign} the initials of whoever answers.
"""

import random
from collections.abc import Iterable
from typing import Final

# Themes that are answered in the same words.
MATTERS: Final[dict[str, str]] = {
    "app-down": "outage",
    "login": "login",
    "phishing-report": "phishing",
    "impostor": "impostor",
    "praise": "praise",
    "campaign": "campaign",
    "loan": "loan",
    "savings": "loan",
    "loan-denied": "complaint",
    "legal-threat": "complaint",
    "pr-anger": "complaint",
    "press": "press",
    "hardship": "care",
    "military": "care",
    "access": "care",
    "branch": "branch",
    "atm": "branch",
    "app-wish": "wish",
    "jobs": "jobs",
    "fraud": "fraud",
    "card-lost": "fraud",
}

PUBLIC: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "en": {
        "": (
            "We're sorry about this, {first}. Could you send us a private message with what happened and when? Please leave out card and account numbers. ^{sign}",
            "That is not how it should be. Please message us privately with a few details and we'll look into it. No card numbers, please. ^{sign}",
            "Hi {first}, thank you for telling us. A private message with the date and the amount helps us find out more. ^{sign}",
            "Sorry for the trouble. Could you write to us privately? We'd like to get to the bottom of this. ^{sign}",
            "Hi {first}, we hear you. Please send us a private message so that we can talk about it properly. ^{sign}",
        ),
        "outage": (
            "The app is having trouble for some people right now. Our engineers are on it, and we'll say so here once it is back. Sorry for the wait. ^{sign}",
            "Thanks for letting us know, {first}. We are working on it. Card payments are not affected. ^{sign}",
            "Sorry about this. Current status: https://help.larkmere.example/status ^{sign}",
        ),
        "login": (
            "Sorry for the trouble, {first}. These steps help with most codes that do not arrive: https://help.larkmere.example/codes. If not, please message us privately. ^{sign}",
            "That is frustrating. Please send us a private message and tell us which step fails, without any passwords or codes. ^{sign}",
        ),
        "phishing": (
            "Thank you for the warning, {first}. That message is not from us. Please do not follow the link, and forward it to phishing@larkmere.example. ^{sign}",
            "Good that you asked! We never ask for a PIN, a password or a one-time code. Please delete it. More here: https://help.larkmere.example/scams ^{sign}",
        ),
        "impostor": (
            "Please beware, everybody: this is not Larkmere Bank, and it has been reported. We never ask for card numbers, PINs or codes here. ^{sign}",
        ),
        "praise": (
            "Thank you, {first}! We'll pass it on to the team. ^{sign}",
            "What a lovely thing to read. Thank you! ^{sign}",
            "That made our morning, {first}. ^{sign}",
        ),
        "campaign": (
            "Thank you for taking part in #LarkmereGives, {first}! ^{sign}",
            "Voting is open to everybody until the 30th: https://larkmere.example/gives ^{sign}",
        ),
        "loan": (
            "Hi {first}, that depends on a few things, so a specialist should answer it. Please send us a private message with a good time to call. ^{sign}",
            "Current terms are listed at https://larkmere.example/rates. For anything personal, please write to us privately. ^{sign}",
        ),
        "complaint": (
            "We take this seriously, {first}. Please send us a private message so that our complaints team can answer in writing. ^{sign}",
            "Thank you for raising this. Our complaints team would like to know more: please write to us privately. ^{sign}",
        ),
        "press": ("Hello {first}, our press office will gladly help: press@larkmere.example. ^{sign}",),
        "care": (
            "We're sorry that you are going through this, {first}. Please send us a private message; a specialist will go through what is possible. ^{sign}",
            "Thank you for telling us. Our special assistance team would like to help: please write to us privately. ^{sign}",
        ),
        "branch": (
            "Hi {first}, opening hours and services of every branch are at https://larkmere.example/branches ^{sign}",
            "Thanks for pointing that out. We've told the team that looks after it. ^{sign}",
        ),
        "wish": ("Good idea, {first}! It's with the people who build the app. ^{sign}",),
        "jobs": ("Open positions are at https://larkmere.example/careers. Good luck, {first}! ^{sign}",),
        "fraud": (
            "Please call the number on the back of the card right away, {first}; somebody answers day and night. A private message works too, without card numbers. ^{sign}",
            "That sounds worrying. Freezing a card takes one tap in the app. Then please send us a private message. ^{sign}",
        ),
    },
    "es": {
        "": (
            "Lo sentimos, {first}. ¿Nos puede mandar un mensaje privado con lo que pasó y cuándo? Por favor sin números de tarjeta. ^{sign}",
            "Gracias por avisarnos. Escríbanos en privado con la fecha y el monto para poder revisarlo. ^{sign}",
            "Eso no debería pasar. Mándenos un mensaje privado, por favor, y lo vemos juntos. ^{sign}",
        ),
        "outage": (
            "Estamos trabajando para que la app vuelva cuanto antes. Avisaremos por aquí. Disculpe la espera. ^{sign}",
        ),
        "praise": ("¡Muchas gracias, {first}! Se lo diremos al equipo. ^{sign}",),
        "phishing": (
            "Gracias por avisar. Ese mensaje no es nuestro: no abra el enlace y reenvíelo a phishing@larkmere.example. ^{sign}",
        ),
        "branch": ("Hola {first}, los horarios están en https://larkmere.example/branches ^{sign}",),
    },
    "tl": {
        "": (
            "Pasensya na po, {first}. Paki-message po kami nang private kung ano ang nangyari, huwag pong isama ang card number. ^{sign}",
            "Salamat po sa pagsabi. I-private message po ninyo kami para matingnan namin. ^{sign}",
        ),
        "outage": ("Inaayos na po namin ang app. Mag-a-update po kami dito. Pasensya na sa abala. ^{sign}",),
        "praise": ("Maraming salamat po, {first}! Makakarating po ito sa team. ^{sign}",),
    },
    "fr": {
        "": (
            "Nous sommes désolés, {first}. Écrivez-nous en message privé, sans numéro de carte, s'il vous plaît. ^{sign}",
        )
    },
    "de": {
        "": (
            "Das tut uns leid, {first}. Bitte schreiben Sie uns privat, was passiert ist, ohne Kartennummern. ^{sign}",
        )
    },
    "pt": {
        "": (
            "Sentimos muito, {first}. Mande uma mensagem privada contando o que aconteceu, sem números de cartão. ^{sign}",
        )
    },
}

PRIVATE: Final[dict[str, tuple[str, ...]]] = {
    "en": (
        "Thank you, {first}. I'm looking into this now and will write here as soon as I know more. ^{sign}",
        "Hi {first}, thanks for the details. The team that handles this has them now; they answer here. ^{sign}",
        "Thanks, {first}. Could you tell me the date and the rough amount? Please never send the full card number. ^{sign}",
        "Hello {first}, that helps. I've asked our specialists and will come back to you here. ^{sign}",
        "Thank you for waiting, {first}. It has been put right; please have a look and tell me if anything is still odd. ^{sign}",
    ),
    "es": (
        "Gracias, {first}. Lo estoy revisando y le escribo por aquí en cuanto sepa más. ^{sign}",
        "Hola {first}, ya lo tiene el equipo que lo resuelve. Por favor nunca envíe el número completo de la tarjeta. ^{sign}",
    ),
    "tl": ("Salamat po, {first}. Tinitingnan ko na po at magme-message ako dito. ^{sign}",),
    "fr": ("Merci, {first}. Je regarde cela et je reviens vers vous ici. ^{sign}",),
    "de": ("Danke, {first}. Ich kümmere mich darum und melde mich hier. ^{sign}",),
    "pt": ("Obrigado, {first}. Estou verificando e volto a escrever por aqui. ^{sign}",),
}


# What a conversation is about, by the tags that the routing rules gave it.
BY_TAG: Final[dict[str, str]] = {
    "impostor": "impostor",
    "phishing": "phishing",
    "fraud": "fraud",
    "campaign": "campaign",
    "praise": "praise",
    "lending": "loan",
    "complaint": "complaint",
    "press": "press",
    "military": "care",
    "hardship": "care",
    "accessibility": "care",
    "jobs": "jobs",
}


def matter_of(tags: Iterable[str]) -> str:
    """The matter of a conversation; empty for what is answered in general words."""
    return next((BY_TAG[tag] for tag in tags if tag in BY_TAG), "")


def answer(matter: str, language: str, rng: random.Random, *, first: str, sign: str, private: bool) -> str:
    """An answer in the customer's language where somebody here writes it, in English otherwise."""
    if private:
        lines = PRIVATE.get(language, PRIVATE["en"])
    else:
        spoken = PUBLIC.get(language, PUBLIC["en"])
        lines = spoken.get(matter, spoken[""])
    return rng.choice(lines).format(first=first, sign=sign)
