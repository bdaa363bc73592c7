"""Limits that count by address count clients, neither proxies nor what clients write."""

import pytest

from config import proxies
from config.installation import Refused, read
from tests.config.test_installation import BANK

PROXY = "10.0.0.2"


def seen(*forwarded: str, count: int) -> str:
    return proxies.client(PROXY, [(b"X-Forwarded-For", value.encode()) for value in forwarded], count)


@pytest.mark.parametrize(
    ("forwarded", "count", "address"),
    [
        (("203.0.113.9",), 0, PROXY),  # nobody of ours wrote it
        ((), 1, PROXY),
        (("203.0.113.9",), 1, "203.0.113.9"),
        (("1.1.1.1, 203.0.113.9",), 1, "203.0.113.9"),  # the first was written by the client
        (("1.1.1.1", "203.0.113.9"), 1, "203.0.113.9"),  # in a header of its own as well
        (("1.1.1.1, 203.0.113.9, 10.0.0.1",), 2, "203.0.113.9"),
        (("203.0.113.9",), 2, PROXY),  # whoever came past one of them is counted as that one
        (("2001:DB8::1",), 1, "2001:db8::1"),
        (("<script>",), 1, PROXY),
        (("1.1.1.1,",), 1, PROXY),
    ],
)
def test_only_what_our_own_proxies_wrote_is_believed(forwarded, count, address):
    assert seen(*forwarded, count=count) == address


def test_a_connection_keeps_everything_but_its_client():
    scope = {"type": "http", "path": "/", "client": [PROXY, 4], "headers": [(b"x-forwarded-for", b"203.0.113.9")]}
    assert proxies.behind(scope, 1) == scope | {"client": ["203.0.113.9", 4]}
    assert proxies.behind({"headers": []}, 1)["client"] == ["", 0]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("2001:db8:1:2:aaaa::9", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff:1:2:3", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("::1", "::1"),
    ],
)
def test_who_has_a_network_of_ipv6_is_one_client(address, counted):
    assert proxies.behind({"client": [address, 4], "headers": []}, 0)["client"] == [counted, 4]


def test_their_number_is_asked_for_where_only_a_proxy_can_speak_https(tmp_path):
    bank = BANK | {"DATA_DIR": str(tmp_path)}
    assert read(bank).proxies == 1
    assert read(bank | {"PROXIES": "0"}).proxies == 0
    with pytest.raises(Refused, match="PROXIES is missing"):
        read({name: value for name, value in bank.items() if name != "PROXIES"})


def test_their_number_is_told_by_the_environment(tmp_path):
    asked = {"DATA_DIR": str(tmp_path), "DEMO": "1"}
    assert read(asked).proxies == 0
    assert read(asked | {"PROXIES": "2"}).proxies == 2
    with pytest.raises(Refused, match="PROXIES"):
        read(asked | {"PROXIES": "-1"})
