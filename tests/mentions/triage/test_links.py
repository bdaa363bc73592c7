"""Addresses that pretend to be the bank are told from those that are the bank's or nobody's."""

import pytest

from mentions import telling
from mentions.reasons import together
from mentions.triage.links import suspect

NAMES = ("larkmere",)
HOSTS = frozenset({"larkmere.example"})

SUSPICIOUS = [
    ("http://larkmere-login.example", "looks like 'larkmere'"),
    ("http://1arkmere.test/verify", "looks like 'larkmere'"),
    ("http://larkmeer.test/login", "looks like 'larkmere'"),
    ("http://larkmere.example.evil.test/login", "looks like 'larkmere'"),
    ("http://larkmere.example@evil.test/", "hides its host"),
    ("http://192.0.2.1/", "a bare number"),
    ("http://0x7f000001/", "a bare number"),
]
MINOR = ["https://bit.ly/abc", "https://friendly.weebly.com", "http://prize.top", "http://shop.test/account"]
HARMLESS = [
    "https://larkmere.example/login",
    "https://help.larkmere.example/verify?x=1",
    "https://news.test/story",
    "http://[broken",
    "",
]


@pytest.mark.parametrize(("address", "reason"), SUSPICIOUS)
def test_suspicious(address: str, reason: str) -> None:
    found = suspect(address, NAMES, HOSTS)
    assert found.weight >= 2
    assert reason in telling.why(together(found.reasons))


@pytest.mark.parametrize("address", MINOR)
def test_not_enough_by_themselves(address: str) -> None:
    assert suspect(address, NAMES, HOSTS).weight == 1


@pytest.mark.parametrize("address", HARMLESS)
def test_harmless(address: str) -> None:
    assert suspect(address, NAMES, HOSTS).weight == 0
