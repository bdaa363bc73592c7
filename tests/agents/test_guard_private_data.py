"""Private numbers, addresses, codes, and requests for them: stopped in public and in private."""

import pytest

from agents.guard import GuardPolicy
from tests.agents.guard_policy import private, public, rules_of


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("It was 4111 1111 1111 1111, right?", "private_data"),
        ("It was ４１１１-１１１１-１１１１-１１１１.", "private_data"),
        ("Send it to DE89 3704 0044 0532 0130 00.", "private_data"),
        ("The SSN 123-45-6789 was on it.", "private_data"),
        ("Call Anna at (415) 555-0132.", "private_data"),
        ("Call Anna at +44 7911 836796.", "private_data"),
        ("Write to anna.lee@mail.example.", "private_data"),
        ("The code is 482913.", "code_given"),
        ("482913 is your one-time code.", "code_given"),
        ("Use PIN 4471 at the machine.", "code_given"),
        ("Please send us your PIN.", "asks_secret"),
        ("Could you DM us your full card number?", "asks_secret"),
        ("We need the code that we texted, please share the verification code.", "asks_secret"),
        ("What is your mother's maiden name?", "asks_secret"),
        ("Reply with your account number and date of birth.", "asks_secret"),
        ("Por favor envíenos su clave.", "asks_secret"),
        ("Bitte nennen Sie uns Ihre PIN.", "asks_secret"),
        ("Envoyez-nous votre code secret.", "asks_secret"),
    ],
)
def test_it_is_blocked_everywhere_whatever_the_policy(text: str, rule: str) -> None:
    off = GuardPolicy(actions={rule: "off"})
    for verdict in (public(text), private(text), private(text, off)):
        assert verdict.outcome == "block"
        assert rule in rules_of(verdict)


def test_the_number_itself_is_named() -> None:
    text = "Was it 4111 1111 1111 1111 that you used?"
    (finding,) = [its for its in private(text).findings if its.rule == "private_data"]
    assert "4111 1111 1111" in text[finding.start : finding.end + 5]
    assert "used" not in finding.words


@pytest.mark.parametrize(
    "text",
    [
        "Call us at 1-800-555-0199, day or night.",
        "Call us at +1 (415) 555-0100.",
        "Our UK line is 0800 123 4567.",
        "Write to press@harborfirst.example.",
        "Never share your PIN or a code with anybody.",
        "We will never ask for your password.",
        "Please don't send us your card number.",
        "If anyone asks for your one-time code, hang up.",
        "Enter your PIN at the ATM and follow the screen.",
        "We're open 9:00-17:00, and closed on 12/25/2026.",
        "Our routing number is 121000248.",
        "More than 1,250,000 people visited in 2019-2020.",
        "Please send us a private message with your name and a phone number.",
        "Our zip code is 94110, and error code 1042 means that the app needs an update.",
        "Please send us a private message, and leave out any account details.",
        "Cash is taken at post office counters with a card and PIN.",
    ],
)
def test_public_numbers_and_warnings_pass(text: str) -> None:
    assert private(text).outcome == "pass", private(text).findings
