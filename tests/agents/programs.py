"""A program with a token, as the API meets it."""

import json
from typing import Any

from django.test import Client

from agents import tokens
from mentions import hooks, rulebook
from tests.factories import make_queue

POSTS = "/api/v1/posts"
MENTIONS = "/api/v1/mentions"


def fresh_bank() -> None:
    """A bank with one queue and nothing remembered from another test's."""
    for module in (hooks, rulebook, tokens):
        module.forget()
    make_queue()


class Program:
    """A program with a token."""

    def __init__(self, secret: str) -> None:
        self.client = Client(headers={"authorization": f"Bearer {secret}"}, raise_request_exception=False)

    def send(self, body: object, content_type: str = "application/json"):
        if not isinstance(body, bytes):
            body = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        return self.client.post(POSTS, data=body, content_type=content_type)

    def ask(self, **query: object):
        return self.client.get(MENTIONS, query)

    def all_of(self, limit: int = 500, **query: object) -> list[str]:
        """The external identifiers of every page, in their order."""
        found: list[str] = []
        after = None
        while True:
            page = self.ask(limit=limit, **query, **({"after": after} if after else {})).json()
            found += [item["external_id"] for item in page["items"]]
            after = page["next"]
            if after is None:
                return found


def program(*scopes: str, **of: Any) -> Program:
    return Program(tokens.make(of.pop("name", "a program"), scopes=scopes, **of)[1])
