"""Raw records pass the same scrubbing as texts: keys, numbers, any depth."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentions.scrub import scrub_json

CASES: list[tuple[object, object]] = [
    ("card 4111 1111 1111 1111", "card •••• 1111"),
    (4111111111111111, "•••• 1111"),
    (-4111111111111111, "•••• 1111"),
    (4111111111111111.0, "•••• 1111"),
    (1763800000000, 1763800000000),
    ({"4111111111111111": 1}, {"•••• 1111": 1}),
    ({"4111111111111111": 1, "4111-1111-1111-1111": 2}, {"•••• 1111": 1, "•••• 1111 (2)": 2}),
    ({"a": [{"b": ["5555555555554444", None, True, 1.5]}]}, {"a": [{"b": ["•••• 4444", None, True, 1.5]}]}),
    (
        {"cvv": 123, "iban": "none", "account_number": "12345678"},
        {"cvv": "•••", "iban": "none", "account_number": "•••• 5678"},
    ),
    ({"pin": True, "likes": 12345678}, {"pin": True, "likes": 12345678}),
    ((1, "two"), [1, "two"]),
]


@pytest.mark.parametrize(("value", "clean"), CASES)
def test_scrubs_every_place(value: object, clean: object) -> None:
    assert scrub_json(value)[0] == clean


def test_escapes_hide_nothing_once_decoded() -> None:
    value = json.loads(r'{"text": "\u0034\u0031\u0031\u0031 1111 1111 1111"}')
    assert scrub_json(value) == ({"text": "•••• 1111"}, ("card",))


def test_keeps_a_networks_own_identifiers_and_the_addresses_that_hold_them() -> None:
    value = {
        "external_id": "4111111111111111",
        "id": 4111111111111111,
        "url": "https://x.test/post/4111111111111111",
        "text": "4111111111111111",
        "edit_ids": ["4111111111111111"],
    }
    assert scrub_json(value, frozenset({"external_id", "id", "edit_ids"})) == (
        {
            "external_id": "4111111111111111",
            "id": 4111111111111111,
            "url": "https://x.test/post/4111111111111111",
            "text": "•••• 1111",
            "edit_ids": ["4111111111111111"],
        },
        ("card",),
    )


def test_what_is_nested_under_a_kept_key_is_scrubbed() -> None:
    assert scrub_json({"id": {"x": "4111111111111111"}}, frozenset({"id"}))[0] == {"id": {"x": "•••• 1111"}}


def test_drops_what_is_nested_too_deep() -> None:
    value: object = "4111111111111111"
    for _ in range(5000):
        value = [value]
    clean, found = scrub_json(value, frozenset({"id"}))
    assert "4111111111111111" not in repr(clean)
    assert "degraded" in found


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(json_values)
def test_any_value_keeps_its_shape(value: object) -> None:
    clean, found = scrub_json(value, frozenset({"id"}))
    assert "degraded" not in found
    assert isinstance(clean, (type(value), str))
