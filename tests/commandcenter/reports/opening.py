"""Reports as somebody opens them who has signed in."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.test import Client

LINKED = re.compile(r'<a href="(/reports/\w+/rows/\?[^"]*)">([\d,.\s]+)</a>')
TITLE = re.compile(r'id="rows-title">.*?<span role="figure"[^>]*>([\d,]+)</span>', re.DOTALL)


def client(person: Any) -> Client:
    signed_in = Client()
    signed_in.force_login(person)
    return signed_in


def page(who: Client, address: str, status: int = 200) -> str:
    response = who.get(address)
    assert response.status_code == status, (address, response.status_code)
    return str(response.content.decode())


def figures(html: str) -> list[tuple[str, int]]:
    """Every count on the page that leads to rows; a reach is a sum over its rows and no count of them."""
    return [
        (unescape(url), int(said.replace(",", "")))
        for url, said in LINKED.findall(html)
        if said.strip().replace(",", "").isdigit() and "list=public" not in url
    ]


def rows_listed(who: Client, address: str) -> tuple[int, int]:
    """The number that a list claims, and how many rows it really has over all its pages."""
    claimed = listed = 0
    while address:
        html = page(who, address)
        match = TITLE.search(html)
        assert match
        claimed = int(match[1].replace(",", ""))
        listed += html.count("<tr>") - (1 if "<thead>" in html else 0)
        older = re.search(r'href="(\?[^"]*)" rel="next"', html)
        address = address.partition("?")[0] + unescape(older[1]) if older else ""
    return claimed, listed
