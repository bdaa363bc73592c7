"""Reusable replies of the demonstration bank, each approved, for a team or for everybody."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Macro:
    """A reusable reply; `team` is a slug, or empty for all teams."""

    name: str
    text: str
    team: str = ""
    language: str = "en"
    visibility: str = "public"


MACROS: Final = (
    Macro("Ask for a private message", "Hi {{ first_name }}, we'd like to look into this. Please send us a private message, without card or account numbers. ^{{ initials }}"),
    Macro("Outage known", "We know about this and our engineers are working on it. We'll post here once it is back. Sorry for the wait, {{ first_name }}. ^{{ initials }}"),
    Macro("Outage over", "It's working again. Thank you for your patience, {{ first_name }}. ^{{ initials }}"),
    Macro("Phishing: thank you", "Thank you for the warning. That message is not from us. Please forward it to phishing@larkmere.example and delete it. ^{{ initials }}", "fraud"),
    Macro("We never ask for codes", "We never ask for a PIN, a password or a one-time code. More on scams: https://help.larkmere.example/scams ^{{ initials }}", "fraud"),
    Macro("Freeze a card", "A card can be frozen with one tap in the app, under Cards. Then please write to us privately, without the number. ^{{ initials }}", "cards"),
    Macro("Dispute opened", "Thank you, {{ first_name }}. The dispute is open. You can follow it in the app, and I'm here if anything is unclear. ^{{ initials }}", "cards", "en", "private"),
    Macro("Never the full number", "Thank you, {{ first_name }}. Please never send a full card number, not even here: the last four digits are enough. ^{{ initials }}", "", "en", "private"),
    Macro("Opening hours", "Opening hours and services of every branch: https://larkmere.example/branches ^{{ initials }}", "care"),
    Macro("Specialist will write", "Hi {{ first_name }}, I've handed this to a specialist who answers here. ^{{ initials }}", "care", "en", "private"),
    Macro("Complaints team", "We take this seriously. Please send us a private message so that our complaints team can answer in writing. ^{{ initials }}", "lending-legal"),
    Macro("Loan terms", "Terms depend on several things, so a specialist should answer this. Please send us a private message with a good time to call. ^{{ initials }}", "lending-legal"),
    Macro("Press office", "Our press office will gladly help: press@larkmere.example ^{{ initials }}", "pr"),
    Macro("Thank you", "Thank you, {{ first_name }}! We'll pass it on. ^{{ initials }}"),
    Macro("Campaign", "Thank you for taking part in #LarkmereGives! Voting is open until the 30th: https://larkmere.example/gives ^{{ initials }}", "marketing"),
    Macro("Pedir mensaje privado", "Hola {{ first_name }}, queremos revisarlo con usted. Mándenos un mensaje privado, sin números de tarjeta. ^{{ initials }}", "care", "es"),
    Macro("Gracias", "¡Muchas gracias, {{ first_name }}! Se lo diremos al equipo. ^{{ initials }}", "", "es"),
    Macro("Paki-message po", "Hi {{ first_name }}, paki-message po kami nang private para matingnan namin. Huwag pong isama ang card number. ^{{ initials }}", "care", "tl"),
)  # fmt: skip
