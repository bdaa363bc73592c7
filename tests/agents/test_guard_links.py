"""Links leave only to hosts that the bank has listed."""

from itertools import product

import pytest

from agents.guard import Draft, check
from tests.agents.guard_policy import POLICY, private, public, rules_of

SHORTENERS = ("bit.ly", "t.co", "goo.gl", "tinyurl.com", "ow.ly", "is.gd", "rb.gy", "cutt.ly", "lnkd.in", "shorturl.at")
LOOK_ALIKES = (
    "harborfirst.example.evil.com", "harborf1rst.com", "harbor-first.com", "harborfirst.co", "harborfirstt.com",
    "secure-harborfirst.com", "harborfirst.login.top", "harborfirst-help.info", "xn--harborfrst-t8a.com",
    "harborfirst.support", "harborfirst.example.ru", "harborfirst-example.com", "evilharborfirst.example",
    "hаrborfirst.example", "harborfirst.exаmple", "hárborfirst.example", "ｈarborfirst.example",
)  # fmt: skip
NUMBERS = ("192.168.0.1", "8.8.8.8/login", "http://3232235521/", "http://0x7f.1/", "[2001:db8::1]", "http://127.1")
TRICKS = (
    "https://harborfirst.example@evil.com", "https://evil.com/harborfirst.example", "https://evil.com#harborfirst.example",
    "hxxps://evil.com", "evil[.]com", "evil(dot)com", "evil dot com", "evil . com", "EVIL.COM", "ｅｖｉｌ．ｃｏｍ",
    "evil。com", "ev\u200bil.com", "javascript:alert(1)", "data:text/html,hi", "//evil.com/x", "evil.com:8080",
    "www.evil.example", "https://harborfirst.example.evil.com/help", "https:/evil.com", "https://evil。com",
    "sub.harborfirst.example",
)  # fmt: skip
FRAMES = (
    "Details: {}", "Please go to {} to sign in.", "{}", "See ({}) for more", "Have a look at {}, it helps", "More →{}",
    "Help is here: {}!",
)  # fmt: skip


def foreign() -> list[str]:
    made = [
        f"{word}.{ending}"
        for word, ending in product(("login", "my-bank", "care"), ("com", "net", "top", "xyz", "io", "ph"))
    ]
    return [*SHORTENERS, *LOOK_ALIKES, *NUMBERS, *TRICKS, *made]


def test_none_of_three_hundred_foreign_hosts_leaves() -> None:
    replies = [frame.format(host) for host, frame in product(foreign(), FRAMES)]
    assert len(replies) >= 300
    # In public the rest is read as well, which takes long.
    for verdicts, texts in ((private, replies), (public, replies[::3])):
        for text in texts:
            assert verdicts(text).outcome == "block", text


@pytest.mark.parametrize(
    "text",
    [
        "More at https://harborfirst.example/help?topic=cards#lock.",
        "More at www.harborfirst.example.",
        "More at HARBORFIRST.EXAMPLE/fees, or help.harborfirst.example",
        "Open from 9 a.m. to 5 p.m., e.g. on Mondays. Dr. Lee and St. Mary agree.",
        "Version 4.2.1 is out, about $3.50 a seat. Version 12.4.1.3 comes next.",
        "Thanks.We hope this helps.",
        "Thanks @harborfirst and #harborfirst!",
        "Thanks. App is back, info on our page.",
        "Hello bro, app needs an update",
        "Any shop can ask for our QR stickers.",
    ],
)
def test_listed_hosts_and_ordinary_dots_pass(text: str) -> None:
    assert public(text).outcome == "pass", public(text).findings


def test_a_draft_may_name_its_own_host() -> None:
    text = "Please continue at chat.harborfirst.example/s/abc"
    assert public(text).outcome == "block"
    assert check(Draft(text, links_allowed=frozenset({"chat.harborfirst.example"})), POLICY).outcome == "pass"


WAY = "https://twitter.com/messages/compose?recipient_id=3805104374"


@pytest.mark.parametrize(
    ("text", "leaves"),
    [
        (f"Please write to us in private. {WAY}", True),
        (f"Please write to us: {WAY}.", True),
        (f"Please write to us in private. {WAY}1", False),
        (f"Please write to us in private. {WAY}&text=hi", False),
        (f"Please write to us in private. {WAY}.evil.com", False),
        (f"Please write to us in private. {WAY.replace('https', 'http')}", False),
        (f"Please write to us in private. {WAY.replace('twitter', 'twltter')}", False),
        (f"Please write to us in private. {WAY.replace('3805104374', '3805104375')}", False),
        (f"Please write to us in private. evil.com/{WAY}", False),
        ("Please write to us in private. https://twitter.com/", False),
    ],
)
def test_a_way_into_a_private_message_leaves_by_its_very_letters_alone(text: str, leaves: bool) -> None:
    verdict = check(Draft(text, addresses_allowed=frozenset({WAY})), POLICY)
    assert (verdict.outcome == "pass") is leaves, verdict.findings
    assert check(Draft(text), POLICY).outcome == "block"


@pytest.mark.parametrize(
    "text",
    [
        "Scan the QR code below.",
        "The QR-code in the picture helps.",
        "Just scan this code.",
        "Avoid the queue: scan QR code 4 on our page.",
        "Before you go, scan QR at the door.",
        "To report the scam scan QR code 12.",
        "Please scan QR code 3 for our fraud team.",
    ],
)
def test_the_reader_is_not_sent_to_a_qr_code(text: str) -> None:
    assert "qr_code" in rules_of(private(text))
