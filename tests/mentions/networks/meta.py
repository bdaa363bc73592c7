"""What Meta's networks deliver, as posts."""

from __future__ import annotations

import json
from typing import Any

from mentions import networks, posts
from mentions.posts import Operation, Post
from mentions.sources import notices


def delivered(key: str, body: dict[str, Any]) -> list[Post | Operation]:
    """What is in a webhook's body."""
    _said, items = notices.apart(key, networks.get(key).parse(json.dumps(body).encode()))
    return [posts.parse(item) for item in items]
