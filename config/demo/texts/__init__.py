"""What the demonstration's customers write, by language and theme. All of it was written for this project."""

from typing import Final

from config.demo.texts import asian, english_everyday, english_public, english_special, european, spanish, tagalog
from config.demo.texts.english_elsewhere import NEWS, REVIEWS, RIVALS
from config.demo.texts.theme import Theme

__all__ = [
    "ADDED",
    "BEFORE",
    "BEHIND",
    "IMPATIENT",
    "NEWS",
    "PICTURES",
    "REVIEWS",
    "RIVALS",
    "VOICES",
    "WORDS",
    "Theme",
]

VOICES: Final[dict[str, tuple[Theme, ...]]] = {
    "en": english_everyday.THEMES + english_special.THEMES + english_public.THEMES,
    "es": spanish.THEMES,
    "tl": tagalog.THEMES,
    "fr": european.FRENCH,
    "de": european.GERMAN,
    "pt": european.PORTUGUESE,
    "it": european.ITALIAN,
    "ru": european.RUSSIAN,
    "zh": asian.CHINESE,
    "ja": asian.JAPANESE,
    "ko": asian.KOREAN,
    "vi": asian.VIETNAMESE,
    "hi": asian.HINDI,
    "ar": asian.ARABIC,
}

# Written by somebody who waits for an answer.
IMPATIENT: Final[dict[str, tuple[str, ...]]] = {
    "en": (
        "Hello?? {at}",
        "Anyone there?",
        "{hours} hours and nothing. {at}",
        "still waiting for a human {at}",
        "do you even read these {at}",
        "I see you answering everyone else {at}",
        "Bumping this.",
    ),
    "es": ("¿Hola? {at}", "¿Alguien me puede contestar?", "{hours} horas y nada {at}", "sigo esperando"),
    "tl": ("Hello po? {at}", "May sasagot po ba?", "{hours} oras na po {at}", "Paki-sagot naman po"),
    "fr": ("Il y a quelqu'un ? {at}", "Toujours pas de réponse."),
    "de": ("Hallo? {at}", "Immer noch keine Antwort."),
    "pt": ("Alguém aí? {at}", "ainda esperando resposta"),
    "zh": ("有人吗？{at}", "还在等回复"),
    "ja": ("まだお返事がありません {at}",),
    "ar": ("هل من أحد؟ {at}", "ما زلت أنتظر الرد"),
}

# What goes before and behind a sentence when somebody feels like it, by tone.
BEFORE: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "en": {
        "negative": (
            "Seriously,",
            "Ok so",
            "Unbelievable.",
            "Not again.",
            "Ugh.",
            "So",
            "Wow.",
            "Hi,",
            "Right,",
            "Great.",
        ),
        "neutral": ("Hi,", "Quick question:", "Hey,", "Hello!", "Random question:", "Morning,", "Asking for a friend:"),
        "positive": ("Ok,", "Credit where it's due:", "Just wanted to say:", "Well,", "Good news:", "Honestly,"),
    },
    "es": {
        "negative": ("En serio,", "Otra vez.", "A ver,", "Increíble.", "Hola,"),
        "neutral": ("Hola,", "Buenas,", "Una pregunta:", "Buenos días,"),
        "positive": ("Oigan,", "La verdad,", "Solo quería decir:"),
    },
    "tl": {
        "negative": ("Hay naku.", "Grabe.", "Ano ba yan.", "Hello po,"),
        "neutral": ("Hello po,", "Tanong lang po:", "Good morning po,"),
        "positive": ("Wow,", "Grabe,", "Gusto ko lang sabihin:"),
    },
}
BEHIND: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "en": {
        "negative": (
            "Please fix this.", "Anyone else?", "Not okay.", "I've been a customer for {days} years.", "What a joke.",
            "Expected better.", "Third time this month.", "Can someone help?", "This is the worst time for it.",
            "I need this sorted before {day}.", "Do better.", "My patience is gone.", "Is this normal?", "help",
        ),
        "neutral": ("Thanks!", "Thank you in advance.", "Cheers", "TIA", "Just curious.", "Need to know by {day}."),
        "positive": ("Thank you!", "Made my week.", "More of this.", "Just saying.", "Keep it up.", "You rock."),
    },
    "es": {
        "negative": ("Arreglen esto.", "¿A alguien más?", "No se vale.", "Ya me cansé.", "Lo necesito antes del {day}."),
        "neutral": ("Gracias!", "Gracias de antemano.", "Saludos"),
        "positive": ("Gracias!", "Así da gusto.", "Sigan así."),
    },
    "tl": {
        "negative": ("Pakiayos naman po.", "Kayo rin ba?", "Nakakapagod na.", "Kailangan ko bago mag-{day}."),
        "neutral": ("Salamat po!", "Thank you po", "Maraming salamat."),
        "positive": ("Maraming salamat po!", "God bless po.", "More power po!"),
    },
}  # fmt: skip

# What people add to a private message because they believe that it helps.
ADDED: Final[dict[str, tuple[str, ...]]] = {
    "en": (
        "My name is {name}.",
        "The card ends in {last4}.",
        "Reference {reference}.",
        "You can reach me at {phone} after five.",
        "My card number is {pan} if that helps.",
        "Date of the payment was {day}.",
        "I'd rather not post this in public.",
        "",
        "",
    ),
    "es": (
        "Soy {name}.",
        "La tarjeta termina en {last4}.",
        "Referencia {reference}.",
        "El número de mi tarjeta es {pan}.",
        "Me pueden llamar al {phone}.",
        "",
    ),
    "tl": (
        "Ako po si {name}.",
        "Card ending {last4} po.",
        "Reference {reference} po.",
        "Ito po card number ko {pan}",
        "",
    ),
    "fr": ("Je m'appelle {name}.", "La carte finit par {last4}.", "Référence {reference}.", ""),
    "de": ("Mein Name ist {name}.", "Die Karte endet auf {last4}.", "Referenz {reference}.", ""),
    "pt": ("Meu nome é {name}.", "O cartão termina em {last4}.", "Referência {reference}.", ""),
    "zh": ("我叫{name}。", "卡号尾数 {last4}。", "参考号 {reference}。", ""),
}

# Words that the slots of other languages take; a language that is not named takes those of English.
WORDS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "en": {
        "when": (
            "this morning", "last night", "since 6am", "yesterday", "an hour ago", "today", "all day", "just now",
            "since the weekend", "at noon",
        ),
        "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "the 1st", "tomorrow"),
    },
    "es": {
        "when": ("esta mañana", "anoche", "desde las 6", "ayer", "hace una hora", "hoy", "todo el día", "al mediodía"),
        "day": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado"),
    },
    "tl": {
        "when": ("kaninang umaga", "kagabi", "kahapon", "ngayong araw", "kanina lang", "simula pa kahapon"),
        "day": ("Lunes", "Martes", "Miyerkules", "Huwebes", "Biyernes"),
    },
    "fr": {
        "when": ("ce matin", "hier soir", "depuis 6 h", "hier", "aujourd'hui"),
        "day": ("lundi", "mardi", "mercredi", "jeudi", "vendredi"),
    },
    "de": {
        "when": ("heute früh", "gestern Abend", "seit gestern", "heute", "vor einer Stunde"),
        "day": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag"),
    },
    "pt": {
        "when": ("hoje cedo", "ontem à noite", "desde ontem", "hoje", "agora há pouco"),
        "day": ("segunda", "terça", "quarta", "quinta", "sexta"),
    },
    "zh": {"when": ("今天早上", "昨晚", "从昨天起", "今天", "刚才"), "day": ("周一", "周二", "周三", "周四", "周五")},
}  # fmt: skip

# The pictures of Town Square that fit a theme.
PICTURES: Final[dict[str, str]] = {
    "card-declined": "card-terminal",
    "app-down": "app-error",
    "login": "app-error",
    "branch": "queue",
    "atm": "queue",
    "phishing-report": "text-message",
    "loan-denied": "letter",
    "fees": "letter",
    "chatter": "square",
}
