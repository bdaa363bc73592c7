"""Posts as the networks hand them over: Town Square's own JSON, and the contract's form for all others."""

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from config.demo import names
from config.demo.bank import SOURCES
from config.demo.chorus import Spoken
from config.demo.customers import Customer

ALPHABET: Final = "bcdfghjkmnpqrstvwxz"
NETWORK_OF: Final = {source.slug: source.network for source in SOURCES}


def key(rng: random.Random, length: int = 12) -> str:
    """An identifier as Town Square makes them."""
    return "".join(rng.choices(ALPHABET, k=length))


@dataclass(slots=True)
class Square:
    """One post on Town Square, a customer's or the bank's. `person` is its author's key there.

    `thread` is the first post's identifier, or the customer's for messages; `client_key` is the bank's alone.
    """

    id: str
    thread: str
    at: datetime
    who: Customer
    person: str
    text: str
    private: bool
    parent: str | None = None
    picture: str = ""
    client_key: str | None = None

    def event(self, base_url: str) -> dict[str, Any]:
        """The event that the webhook would carry for a customer's post."""
        return {
            "id": f"e-{self.id}",
            "type": "message.created" if self.private else "post.created",
            "at": self.at.isoformat(),
            "post": {
                "id": self.id,
                "handle": self.who.handle,
                "author": {
                    "id": self.person,
                    "handle": self.who.handle,
                    "name": self.who.name,
                    "followers": self.who.followers,
                    "verified": self.who.verified,
                },
                "text": self.text,
                "created_at": self.at.isoformat(),
                "in_reply_to": self.parent,
                "thread": self.thread,
                "private": self.private,
                "url": self.url(base_url),
            },
        }

    def url(self, base_url: str) -> str:
        """Where it stands."""
        return f"{base_url}/messages/{self.who.handle}/#{self.id}" if self.private else f"{base_url}/posts/{self.id}/"


def elsewhere(spoken: Spoken, name: str, rng: random.Random) -> dict[str, Any]:
    """A post of any other source in the contract's form; `name` is its identifier there."""
    city, country, lat, lon, _ = names.CITIES[spoken.who.city]
    network = NETWORK_OF[spoken.source]
    review = network == "reviews"
    return {
        "network": network,
        "external_id": name,
        "kind": "review" if review else "post",
        "visibility": "public",
        "author": {
            "id": f"{network}-{spoken.who.number}",
            "handle": spoken.who.handle,
            "name": spoken.who.name,
            "followers": 0 if review else spoken.who.followers,
            "verified": spoken.who.verified,
        },
        "text": spoken.written.text,
        "created_at": spoken.at.isoformat(),
        "url": f"https://{network}.example/{name}",
        "lang": None,
        "location": {
            "lat": round(lat + rng.gauss(0, 0.08), 4),
            "lon": round(lon + rng.gauss(0, 0.08), 4),
            "country": country,
            "place": city,
        },
        "metrics": {
            "likes": int(rng.expovariate(0.2)),
            "reposts": int(rng.expovariate(0.6)),
            "replies": int(rng.expovariate(0.8)),
        },
        "media": [],
    }
