"""What a server that speaks Mastodon's API says of itself: how it counts, what pictures it takes, where it streams."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from mentions.networks import Account, Limits, NetworkError, Pictures
from mentions.networks._clientapi import ask, decoded
from mentions.networks._length import LINK_WEIGHT, fediverse
from mentions.networks._shapes import mapping
from mentions.networks._statuses import whole_number

LENGTH: Final = 500
FOR_A_NAME: Final = 32  # kept free, because the reply must name whom it answers
PICTURES: Final = Pictures(most=4, private_most=4, max_bytes=8_000_000, alt=1_500)


def limits(told: Mapping[str, Any]) -> Limits:
    """The limits of an account whose settings hold what its server said, or those that most servers have."""
    longest = whole_number(told.get("max_characters"), LENGTH)
    link = whole_number(told.get("link_weight"), LINK_WEIGHT)
    ours, most = max(longest - FOR_A_NAME, 1), whole_number(told.get("max_pictures"), PICTURES.most)
    heaviest, alt = (
        whole_number(told.get("picture_bytes"), PICTURES.max_bytes),
        whole_number(told.get("alt"), PICTURES.alt),
    )
    return Limits(
        max=ours,
        private_max=ours,
        counter="graphemes",
        count=partial(fediverse, link_weight=link),
        pictures=Pictures(most, most, heaviest, alt=alt),
    )


def asked(account: Account) -> dict[str, Any]:
    """What the server says now, as settings. Older ones and those of other makes say it elsewhere or not."""
    instance: dict[str, Any] = {}
    for path in ("../v2/instance", "instance"):
        with contextlib.suppress(NetworkError):
            instance = mapping(decoded(ask(account, "GET", path)))
        if instance:
            break
    configuration = mapping(instance.get("configuration"))
    statuses, media = mapping(configuration.get("statuses")), mapping(configuration.get("media_attachments"))
    # An address that only version 1 names is often there for form's sake: nothing streams behind it.
    streaming = mapping(configuration.get("urls")).get("streaming")
    longest = statuses.get("max_characters", instance.get("max_toot_chars"))
    return {
        "max_characters": whole_number(longest, LENGTH),
        "max_pictures": whole_number(statuses.get("max_media_attachments"), PICTURES.most),
        "picture_bytes": whole_number(media.get("image_size_limit"), PICTURES.max_bytes),
        "alt": whole_number(media.get("description_limit"), PICTURES.alt),
        "streaming": streaming if isinstance(streaming, str) else "",
        "link_weight": whole_number(statuses.get("characters_reserved_per_url"), LINK_WEIGHT),
    }
