"""Pictures that go with what we write on X: brought first, named then."""

from __future__ import annotations

import base64
from typing import Final, Literal

from django.utils.translation import gettext as _

from mentions.networks import Account, NetworkError, Picture, Pictures
from mentions.networks._shapes import identifier, mapping
from mentions.networks._x_calls import TITLE, ask

# A post shows four; a message one. X takes 5 MB of each.
PICTURES: Final = Pictures(most=4, private_most=1, max_bytes=5_000_000, alt=1_000)

Category = Literal["tweet_image", "dm_image"]


def bring(account: Account, picture: Picture, category: Category) -> str:
    """What X calls a picture that was brought to it, for a day. Raises `NetworkError`, never "unknown"."""
    payload = {
        "media": base64.b64encode(picture.body).decode(),
        "media_category": category,
        "media_type": picture.type,
    }
    try:
        body, _answer = ask(account, "POST", "2/media/upload", payload=payload, acting=False)
    except NetworkError as error:
        if error.follow != "give_up":
            raise
        why = _(
            "%(network)s did not take the picture; an account that was connected for words alone is connected again"
        ) % {"network": TITLE}
        raise NetworkError(why, "give_up") from None
    own = identifier(mapping(body.get("data")).get("id"))
    if not own:
        raise NetworkError(
            _("%(network)s took a picture and did not say what it calls it") % {"network": TITLE}, "retry"
        )
    if picture.alt:
        told = {"id": own, "metadata": {"alt_text": {"text": picture.alt}}}
        ask(account, "POST", "2/media/metadata", payload=told, acting=False)
    return own
