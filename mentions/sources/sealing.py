"""A source's secrets: ciphertext in the database, in the clear only in the hand of whoever calls its network."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.translation import gettext as _

from mentions.models import Source
from mentions.networks import Account


class UnreadableSecrets(Exception):
    """The key that a source's secrets were sealed with is not in the key ring."""


def seal(secrets: Mapping[str, str]) -> str:
    """Secrets as they are stored: the identifier of the newest key, and ciphertext under it."""
    key_id, key = settings.SOURCE_KEYS[0]
    return f"{key_id}:{Fernet(key).encrypt(json.dumps(dict(secrets)).encode()).decode()}"


def secrets_of(source: Source) -> dict[str, str]:
    """A source's secrets in the clear, for one use. Raises `UnreadableSecrets`."""
    if not source.secrets:
        return {}
    key_id, sealed = source.secrets.partition(":")[::2]
    key = dict(settings.SOURCE_KEYS).get(key_id)
    if key is None:
        why = _("key %(key)s is not in SOURCE_KEYS; add it again or connect %(source)s anew")
        raise UnreadableSecrets(why % {"key": key_id, "source": source.slug})
    try:
        return {str(k): str(v) for k, v in json.loads(Fernet(key).decrypt(sealed.encode())).items()}
    except InvalidToken as broken:
        why = _("the secrets of %(source)s do not open with key %(key)s")
        raise UnreadableSecrets(why % {"key": key_id, "source": source.slug}) from broken


def account(source: Source) -> Account:
    """The source as its network's connector needs it. Raises `UnreadableSecrets`."""
    return Account(
        base_url=source.base_url,
        handle=source.handle,
        account_id=source.account_id,
        secrets=secrets_of(source),
        settings=source.settings,
        local=source.local,
    )
