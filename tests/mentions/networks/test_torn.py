"""Deliveries with everything in them, torn at every place: nothing but `Malformed` and `BadPost` may come of it."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from mentions import networks, posts
from mentions.networks import Malformed
from mentions.posts import BadPost
from mentions.sources import notices

JUNK: list[Any] = [
    None, True, 0, -1, 10**30, 1e308, float("nan"), "", "x", "\ud800", "9" * 20, [], {}, [[]], {"id": []},
]  # fmt: skip

WHOLE: dict[str, list[dict[str, Any]]] = {
    "facebook": [
        {
            "object": "page",
            "entry": [
                {
                    "id": "1",
                    "time": 1763800000000,
                    "changes": [
                        {
                            "field": "feed",
                            "value": {
                                "item": "comment",
                                "verb": "add",
                                "comment_id": "5_9",
                                "post_id": "1001_5",
                                "parent_id": "5_8",
                                "from": {"id": "7", "name": "A"},
                                "message": "me",
                                "created_time": 1763799990,
                                "post": {"permalink_url": "x"},
                                "photo": "http://x",
                            },
                        },
                        {
                            "field": "mention",
                            "value": {
                                "verb": "add",
                                "post_id": "1",
                                "sender_id": "1",
                                "sender_name": "n",
                                "message": "m",
                                "created_time": 1,
                            },
                        },
                        {
                            "field": "ratings",
                            "value": {
                                "item": "rating",
                                "verb": "add",
                                "reviewer_id": "7",
                                "review_text": "t",
                                "recommendation_type": "N",
                                "open_graph_story_id": "8",
                                "created_time": 1,
                            },
                        },
                    ],
                    "messaging": [
                        {
                            "sender": {"id": "5"},
                            "recipient": {"id": "1"},
                            "timestamp": 1763799990123,
                            "message": {
                                "mid": "m",
                                "text": "t",
                                "attachments": [{"type": "image", "payload": {"url": "u"}}],
                                "reply_to": {"mid": "x"},
                            },
                            "message_edit": {"mid": "m", "text": "t"},
                            "postback": {"mid": "m", "title": "Card", "payload": "P"},
                            "delivery": {"mids": ["m"], "watermark": 1763799990123},
                            "read": {"watermark": 1763799990123},
                        }
                    ],
                    "standby": [
                        {"sender": {"id": "5"}, "recipient": {"id": "1"}, "message": {"mid": "m", "text": "t"}}
                    ],
                }
            ],
        }
    ],
    "instagram": [
        {
            "object": "instagram",
            "entry": [
                {
                    "id": "1",
                    "time": 1763799990,
                    "changes": [
                        {
                            "field": "comments",
                            "value": {
                                "id": "17",
                                "text": "t",
                                "from": {"id": "9", "username": "a"},
                                "media": {"id": "5", "permalink": "x"},
                                "parent_id": "4",
                            },
                        },
                        {"field": "mentions", "value": {"media_id": "5", "comment_id": "17"}},
                    ],
                    "messaging": [
                        {
                            "sender": {"id": "5"},
                            "recipient": {"id": "1"},
                            "timestamp": 1763799990123,
                            "message": {
                                "mid": "m",
                                "is_echo": True,
                                "attachments": [{"type": "story_mention", "payload": {"url": "u"}}],
                                "reply_to": {"story": {"id": "s", "url": "u"}},
                            },
                        },
                        {
                            "sender": {"id": "5"},
                            "recipient": {"id": "1"},
                            "message": {"mid": "m", "is_deleted": True},
                        },
                        {
                            "sender": {"id": "5"},
                            "recipient": {"id": "1"},
                            "timestamp": 1763799990123,
                            "postback": {"mid": "m", "title": "Card"},
                            "read": {"mid": "m"},
                        },
                    ],
                }
            ],
        }
    ],
    "whatsapp": [
        {
            "object": "whatsapp_business_account",
            "entry": [
                {
                    "id": "9",
                    "changes": [
                        {
                            "field": "messages",
                            "value": {
                                "metadata": {"phone_number_id": "1"},
                                "contacts": [{"wa_id": "1", "profile": {"name": "n"}}],
                                "messages": [
                                    {
                                        "from": "1",
                                        "id": "w",
                                        "timestamp": "1763799990",
                                        "type": "interactive",
                                        "interactive": {"type": "list_reply", "list_reply": {"title": "C"}},
                                        "context": {"id": "x"},
                                        "location": {"latitude": 1},
                                        "errors": [{"title": "x"}],
                                    },
                                    {
                                        "from": "1",
                                        "id": "w",
                                        "timestamp": "1763799990",
                                        "type": "text",
                                        "text": {"body": "b"},
                                    },
                                    {
                                        "from": "1",
                                        "id": "w",
                                        "timestamp": "1763799990",
                                        "type": "reaction",
                                        "reaction": {"message_id": "x", "emoji": "👍"},
                                    },
                                    {
                                        "from": "1",
                                        "id": "w",
                                        "timestamp": "1763799990",
                                        "type": "document",
                                        "document": {
                                            "id": "9",
                                            "mime_type": "image/jpeg",
                                            "filename": "f",
                                            "caption": "c",
                                        },
                                        "contacts": [{"name": {"formatted_name": "n"}, "phones": [{"phone": "1"}]}],
                                    },
                                ],
                                "statuses": [
                                    {
                                        "id": "w",
                                        "status": "failed",
                                        "recipient_id": "1",
                                        "timestamp": "1763799990",
                                        "biz_opaque_callback_data": "k",
                                        "errors": [{"code": 131026, "title": "x"}],
                                    }
                                ],
                            },
                        },
                        {
                            "field": "smb_message_echoes",
                            "value": {
                                "metadata": {"phone_number_id": "1"},
                                "message_echoes": [
                                    {
                                        "from": "2",
                                        "to": "1",
                                        "id": "w",
                                        "timestamp": "1763799990",
                                        "type": "text",
                                        "text": {"body": "b"},
                                    }
                                ],
                            },
                        },
                    ],
                }
            ],
        }
    ],
    "threads": [
        {
            "topic": "moderate",
            "values": [
                {
                    "field": "replies",
                    "value": {
                        "id": "1",
                        "username": "u",
                        "text": "t",
                        "timestamp": "2026-01-01T00:00:00+0000",
                        "replied_to": {"id": "2"},
                        "root_post": {"id": "3"},
                        "media_url": "m",
                        "media_type": "IMAGE",
                    },
                }
            ],
        }
    ],
    "telegram": [
        {
            "update_id": 1,
            "message": {
                "message_id": 1,
                "from": {"id": 1, "first_name": "a", "language_code": "e"},
                "chat": {"id": 1, "type": "private", "username": "x"},
                "date": 1763799990,
                "text": "t",
                "reply_to_message": {"message_id": 2},
                "message_thread_id": 3,
            },
            "edited_message": {"message_id": 1, "chat": {"id": 1}, "edit_date": 1, "caption": "c", "photo": []},
        },
        {
            "update_id": 2,
            "channel_post": {
                "message_id": 1,
                "sender_chat": {"id": -1, "title": "t", "username": "u"},
                "chat": {"id": -1, "type": "channel", "username": "u"},
                "date": 1763799990,
                "photo": [{"file_id": "aaaaaaaaaaaa", "width": 1}],
                "document": {"file_id": "bbbbbbbbbbbb", "mime_type": "image/png", "file_name": "f"},
                "venue": {"title": "t", "address": "a"},
                "location": {"latitude": 1.0, "longitude": 2.0},
                "contact": {"first_name": "n", "phone_number": "1"},
                "poll": {"question": "q"},
            },
            "my_chat_member": {
                "chat": {"id": -1, "type": "group", "title": "t"},
                "date": 1763799990,
                "old_chat_member": {"status": "member"},
                "new_chat_member": {"status": "restricted", "is_member": False},
            },
        },
    ],
    "x": [
        {
            "for_user_id": "1",
            "tweet_create_events": [
                {
                    "id_str": "1",
                    "text": "t",
                    "created_at": "Wed Oct 10 20:19:24 +0000 2018",
                    "timestamp_ms": "1",
                    "user": {"id_str": "1", "screen_name": "s", "created_at": "Wed Oct 10 20:19:24 +0000 2018"},
                    "edit_history": {"initial_tweet_id": "1"},
                    "extended_tweet": {"full_text": "x", "extended_entities": {"media": [{"type": "photo"}]}},
                    "place": {"country_code": "US"},
                    "quoted_status": {"id_str": "1"},
                }
            ],
            "tweet_delete_events": [{"status": {"id": "1"}}],
            "direct_message_events": [
                {
                    "type": "message_create",
                    "id": "1",
                    "created_timestamp": "1",
                    "message_create": {
                        "target": {"recipient_id": "1"},
                        "sender_id": "2",
                        "message_data": {"text": "t"},
                    },
                }
            ],
            "users": {"2": {"id": "2"}},
        },
        {
            "user_event": {
                "revoke": {
                    "date_time": "2026-11-22T10:00:00Z",
                    "target": {"app_id": "1"},
                    "source": {"user_id": "2"},
                }
            }
        },
        {
            "data": {
                "event_type": "post.create",
                "payload": {
                    "id": "8",
                    "author_id": "4",
                    "text": "h",
                    "created_at": "2026-11-22T10:00:00Z",
                    "referenced_tweets": [{"type": "quoted", "id": "7"}],
                    "edit_history_tweet_ids": ["8"],
                    "geo": {"place_id": "p", "coordinates": {"coordinates": [1, 2]}},
                    "attachments": {"media_keys": ["k"]},
                    "public_metrics": {"like_count": 1},
                    "note_tweet": {"text": "n"},
                },
                "includes": {
                    "users": [{"id": "4", "public_metrics": {"followers_count": 1}}],
                    "media": [{"media_key": "k", "type": "photo", "url": "u"}],
                    "places": [{"id": "p"}],
                    "tweets": [{"id": "7", "text": "q"}],
                },
            }
        },
    ],
}


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside a value, itself included."""
    yield above
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inner:
        yield from places(part, (*above, name))


def torn(value: Any, place: tuple[Any, ...], junk: Any) -> Any:
    """A copy with something else in this place."""
    if not place:
        return junk
    whole = copy.deepcopy(value)
    inner = whole
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = junk
    return whole


@pytest.mark.parametrize("key", WHOLE)
def test_whatever_stands_in_any_place_breaks_no_more_than_its_own_post(key: str) -> None:
    network = networks.get(key)
    for whole in WHOLE[key]:
        assert network.parse(json.dumps(whole).encode())
        for place in places(whole):
            for junk in JUNK:
                try:
                    items = network.parse(json.dumps(torn(whole, place, junk)).encode())
                except Malformed:
                    continue
                said, items = notices.apart(key, items)
                assert all(isinstance(notice["external_id"], str) for notice in said)
                for item in items:
                    with contextlib.suppress(BadPost):
                        posts.parse(item)
