"""The one inbound format: what is taken, what is refused and why, and that nothing else is raised."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentions import lines
from mentions.posts import (
    MAX_COUNT,
    MAX_ID,
    MAX_TEXT,
    BadPost,
    Operation,
    Post,
    dump,
    parse,
    parse_time,
)
from mentions.storable import MAX_DEPTH, clean_text

EXAMPLE: dict[str, Any] = {
    "network": "x",
    "external_id": "1790",
    "kind": "post",
    "visibility": "public",
    "author": {
        "id": "42",
        "handle": "customer42",
        "name": "A Customer",
        "followers": 120,
        "verified": False,
        "avatar_url": None,
        "created_at": None,
    },
    "text": "@bank my card was declined",
    "created_at": "2026-11-21T10:15:00Z",
    "url": "https://x.example/1790",
    "in_reply_to": None,
    "conversation_id": None,
    "lang": None,
    "location": {"lat": None, "lon": None, "country": None, "place": None},
    "metrics": {"likes": 0, "reposts": 0, "replies": 0},
    "media": [{"url": "https://x.example/1.png", "type": "image", "alt": "a receipt"}],
}


def post(**changes: Any) -> Post:
    item = parse(EXAMPLE | changes)
    assert isinstance(item, Post)
    return item


def reason(obj: object) -> str:
    with pytest.raises(BadPost) as caught:
        parse(obj)
    return caught.value.reason


def without(*names: str) -> dict[str, Any]:
    return {key: value for key, value in EXAMPLE.items() if key not in names}


class TestPost:
    def test_the_contract_s_example_is_read_whole(self) -> None:
        item = post()
        assert (item.network, item.external_id, item.kind, item.visibility) == ("x", "1790", "post", "public")
        assert (item.author.id, item.author.handle, item.author.followers) == ("42", "customer42", 120)
        assert item.created_at == datetime(2026, 11, 21, 10, 15, tzinfo=UTC)
        assert item.media[0].alt == "a receipt"
        assert item.origin == "live"
        assert item.raw == EXAMPLE

    def test_the_required_fields_are_enough(self) -> None:
        item = parse(
            {
                "network": "blog",
                "external_id": "1",
                "author": {"id": "a"},
                "text": "hi",
                "created_at": "2026-11-21T10:15:00+08:00",
            }
        )
        assert isinstance(item, Post)
        assert (item.kind, item.visibility, item.likes, item.media) == ("post", "public", 0, ())
        assert item.created_at == datetime(2026, 11, 21, 2, 15, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("obj", "expected"),
        [
            ([], "a post is an object"),
            ("text", "a post is an object"),
            (without("network"), "network is missing"),
            (without("external_id"), "external_id is missing"),
            (EXAMPLE | {"external_id": " "}, "external_id is missing"),
            (without("author"), "author is missing"),
            (EXAMPLE | {"author": "bob"}, "author is not an object"),
            (EXAMPLE | {"author": {"handle": "bob"}}, "author.id is missing"),
            (EXAMPLE | {"author": {"id": ["42"]}}, "author.id is not a string"),
            (without("text"), "text is missing"),
            (EXAMPLE | {"text": 5}, "text is not a string"),
            (EXAMPLE | {"text": " ", "media": []}, "text is empty and there is no media"),
            (without("created_at"), "created_at is missing"),
            (EXAMPLE | {"created_at": "2026-11-21T10:15:00"}, "created_at has no zone"),
            (EXAMPLE | {"created_at": "yesterday at noon"}, "created_at is not an ISO 8601 time"),
            (EXAMPLE | {"created_at": 1795256100}, "created_at is not an ISO 8601 time"),
            (
                EXAMPLE | {"created_at": "0001-01-01T00:00:00+23:59"},
                "created_at is not between the years 1990 and 2100",
            ),
            (EXAMPLE | {"kind": "shout"}, "kind is none of post, reply, quote, comment, review, message"),
            (EXAMPLE | {"kind": {}}, "kind is none of post, reply, quote, comment, review, message"),
            (EXAMPLE | {"visibility": "friends"}, "visibility is neither public nor private"),
            (EXAMPLE | {"in_reply_to": {}}, "in_reply_to is not a string"),
            (EXAMPLE | {"op": "move"}, "op is none of edit, delete, hide, show, unplace"),
            (EXAMPLE | {"external_id": "9" * (MAX_ID + 1)}, "external_id is longer than 512 characters"),
            (EXAMPLE | {"text": "a" * (MAX_TEXT + 1)}, "text is longer than 65536 characters"),
            (EXAMPLE | {"extra": b"bytes"}, "bytes is not a JSON value"),
            (EXAMPLE | {"extra": ["a" * 100_000] * 3}, "the object is too large"),
            (EXAMPLE | {5: "x"}, "a key is not a string"),
        ],
    )
    def test_what_is_wrong_is_said_in_words(self, obj: object, expected: str) -> None:
        assert reason(obj) == expected

    @pytest.mark.parametrize("slug", ["", "X", "two words", "a" * 33, "x\n", 5, None, "é"])
    def test_a_network_is_a_slug(self, slug: object) -> None:
        assert reason(EXAMPLE | {"network": slug}).startswith("network is")

    def test_a_number_is_taken_for_an_identifier(self) -> None:
        assert post(external_id=1790, author={"id": 42}).external_id == "1790"
        assert reason(EXAMPLE | {"external_id": True}) == "external_id is not a string"

    def test_text_may_be_empty_beside_a_picture(self) -> None:
        assert post(text="").text == ""

    def test_a_message_is_private_unless_it_says_otherwise(self) -> None:
        item = parse(without("visibility") | {"kind": "message"})
        assert isinstance(item, Post)
        assert item.visibility == "private"

    def test_nobody_outside_can_mark_a_post_as_a_drill(self) -> None:
        assert post(origin="drill").origin == "live"
        canary = parse(EXAMPLE, origin="canary")
        assert isinstance(canary, Post)
        assert canary.origin == "canary"

    def test_figures_are_clamped_and_nonsense_counts_as_nothing(self) -> None:
        item = post(
            metrics={"likes": -5, "reposts": 10**30, "replies": "many"},
            author={"id": "1", "followers": float("nan")},
        )
        assert (item.likes, item.reposts, item.replies, item.author.followers) == (0, 0, 0, None)
        assert (post(author={"id": "1", "followers": -5}).author.followers, post().author.verified) == (0, False)
        assert post(metrics={"likes": 2**40}).likes == MAX_COUNT
        assert post(metrics={"likes": 3.7}).likes == 3

    def test_a_place_is_clamped_to_the_globe_and_needs_both_coordinates(self) -> None:
        item = post(location={"lat": 91, "lon": -500.5, "country": "us", "place": " Charlotte "})
        assert (item.lat, item.lon, item.country, item.place) == (90.0, -180.0, "US", "Charlotte")
        assert post(location={"lat": 5, "lon": None}).lat is None
        assert post(location={"lat": True, "lon": True}).lon is None
        assert post(location="here", metrics=[], media="none").place is None

    def test_addresses_that_are_not_web_addresses_are_dropped(self) -> None:
        item = post(
            url="javascript:alert(1)",
            author={"id": "1", "avatar_url": "data:image/png;base64,AA"},
            media=[{"url": "javascript:alert(1)"}, {"url": "HTTPS://x.example/a", "type": "hologram"}, 7],
        )
        assert (item.url, item.author.avatar_url) == (None, None)
        assert [(m.url, m.type) for m in item.media] == [("HTTPS://x.example/a", "other")]

    def test_a_broken_ornament_never_costs_the_post(self) -> None:
        item = post(author={"id": "1", "created_at": "long ago", "verified": "yes", "handle": 5}, lang=5)
        assert (item.author.created_at, item.author.verified, item.author.handle, item.lang) == (
            None,
            None,
            "",
            None,
        )


class TestOperation:
    def test_an_edit(self) -> None:
        item = parse(
            {
                "network": "x",
                "external_id": "1",
                "op": "edit",
                "text": "new",
                "edited_at": "2026-11-21T10:15:00Z",
            }
        )
        assert isinstance(item, Operation)
        assert (item.op, item.text, item.edited_at) == (
            "edit",
            "new",
            datetime(2026, 11, 21, 10, 15, tzinfo=UTC),
        )

    def test_a_delete_needs_no_more_than_its_target(self) -> None:
        item = parse({"network": "x", "external_id": "1", "op": "delete"})
        assert isinstance(item, Operation)
        assert (item.op, item.text, item.edited_at) == ("delete", None, None)

    def test_an_edit_without_its_time_cannot_be_ordered(self) -> None:
        assert reason({"network": "x", "external_id": "1", "op": "edit", "text": "new"}) == "edited_at is missing"


class TestWhatJsonbRefuses:
    def test_nul_and_lone_surrogates_leave_text_ids_keys_and_raw(self) -> None:
        item = post(
            external_id="17\x0090",
            text="a\x00b\ud800c",
            author={"id": "4\udc002", "name": "A\x00"},
            extra={"ke\x00y": ["\udfff", float("inf"), 2**70]},
        )
        assert item.external_id == "1790"
        assert item.text == "ab\ufffdc"
        assert item.author.id == "4\ufffd2"
        assert item.raw is not None
        assert item.raw["extra"] == {"key": ["\ufffd", None, str(2**70)]}

    def test_nul_cannot_hide_a_card_number(self) -> None:
        assert clean_text("4111\x001111\x001111\x001111") == "4111111111111111"

    def test_halves_of_a_pair_become_their_character(self) -> None:
        assert clean_text("\ud83d\ude00 \ude00\ud83d") == "😀 \ufffd\ufffd"

    def test_deep_nesting_is_refused(self) -> None:
        deep: Any = "x"
        for _ in range(MAX_DEPTH + 1):
            deep = [deep]
        assert reason(EXAMPLE | {"extra": deep}) == f"nested deeper than {MAX_DEPTH} levels"
        assert reason(EXAMPLE | {"extra": 10**5000}) == "a number has too many digits"

    def test_a_number_of_any_length_keeps_no_post_out(self) -> None:
        author = EXAMPLE["author"] | {"followers": "long"}
        for digits in (400, 5000):
            written = json.dumps([EXAMPLE | {"author": author, "extra": "long"}, EXAMPLE])
            written = written.replace('"long"', "9" * digits)
            first, second = lines.body(written.encode())
            assert (parse(first).raw or {})["extra"] == "9" * digits
            assert parse(first).author.followers == 0
            assert second == EXAMPLE

    def test_a_failing_parse_leaves_the_caller_s_object_alone(self) -> None:
        given_object = {"network": "x", "external_id": "1\x00", "op": "move"}
        with pytest.raises(BadPost):
            parse(given_object)
        assert given_object["external_id"] == "1\x00"


class TestTime:
    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ("2026-11-21T10:15:00Z", datetime(2026, 11, 21, 10, 15, tzinfo=UTC)),
            ("2026-11-21t10:15:00z", datetime(2026, 11, 21, 10, 15, tzinfo=UTC)),
            ("2026-11-21 10:15:00.123456789+05:30", datetime(2026, 11, 21, 4, 45, 0, 123456, tzinfo=UTC)),
            ("20261121T101500Z", datetime(2026, 11, 21, 10, 15, tzinfo=UTC)),
            ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
            ("2026-11-21T10:15:00-08:00", datetime(2026, 11, 21, 18, 15, tzinfo=UTC)),
        ],
    )
    def test_zones_and_spellings(self, written: str, expected: datetime) -> None:
        assert parse_time(written) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
TIMES = st.sampled_from(["2026-11-21T10:15:00Z", "2026-11-21", "9999-12-31T23:59:59-23:59", "T", "\ud800" * 12])


@given(
    st.fixed_dictionaries(
        {},
        optional={name: JSON for name in EXAMPLE if name != "created_at"}
        | {"op": JSON, "created_at": TIMES | JSON, "edited_at": TIMES | JSON},
    ).map(lambda changes: EXAMPLE | changes)
    | JSON
)
def test_parse_raises_nothing_but_bad_post_and_what_passes_can_be_stored(obj: object) -> None:
    try:
        item = parse(obj)
    except BadPost:
        return
    written = json.dumps(item.raw, ensure_ascii=False, allow_nan=False).encode()
    assert b"\\u0000" not in written
    again = parse(json.loads(json.dumps(dump(item))))
    assert dump(again) == dump(item)
