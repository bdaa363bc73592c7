"""Town Square: a small made-up social network, so that anybody can play the bank's customer.

It stands in for the outside world. It imports nothing of the product, keeps its own tables, and knows the bank
only as an account with a token and a webhook to call: what works here works against a real network's API.

- `square`: what people do here (write, edit, delete, answer); every such act leaves an event
- `delivery`: brings the events to the webhook, with retries, from a loop that somebody else runs
- `api`, `pages`: the two faces, for programs and for people
- `gazette`: the town's newspaper, with a feed, for whoever listens to blogs and news
- `faults`: makes it misbehave, for tests alone
"""

from __future__ import annotations


def configure(webhook_url: str, secret: str, bank_handle: str, bank_token: str, bank_name: str = "") -> None:
    """Opens the bank's account here and says where its events go. Safe to repeat; what was written stays.

    `webhook_url` also tells where Town Square itself is found, since the demonstration serves both.
    """
    from mentions.sandbox import square

    square.open_account(webhook_url, secret, bank_handle, bank_token, bank_name)
