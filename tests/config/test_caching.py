"""Whoever can write into Valkey makes none of our processes run anything, and breaks no page."""

import pickle

import pytest
from django.conf import settings
from django.core.cache import cache
from redis import Redis

RAN: list[int] = []


class Evil:
    def __reduce__(self):
        return RAN.append, (1,)


@pytest.mark.parametrize("value", [7, "words", [1, "two", None], {"at": 1.5, "loops": {"seal": "ok"}}])
def test_what_is_kept_comes_back(value):
    cache.set("kept", value, 5)
    assert cache.get("kept") == value


def test_bytes_of_a_stranger_are_as_good_as_nothing():
    with Redis.from_url(settings.REDIS_URL) as valkey:
        valkey.set(cache.make_key("kept"), pickle.dumps(Evil()))
    assert cache.get("kept") is None
    assert RAN == []
