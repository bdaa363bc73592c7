"""Tells people and programs what the rows say, at least once each.

A row is there before anything is sent. An attempt takes the row for a minute; a sender that dies in that minute
leaves it to the next, and the receiver tells a repetition by its key: the mail's Message-ID, the webhook's
`Glasshouse-Delivery`. Run by the listener.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import smtplib
import time
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agents.alerts import wording
from agents.models import AlertDelivery
from mentions import http, sources
from mentions.models import Source

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
TRIES = 8
_BACK_OFF_S = (10, 30, 120, 300, 600, 1800, 3600)
_AT_ONCE = 50
_LONGEST_S = 30.0


class Undelivered(Exception):
    """It did not arrive. `for_good` means that trying again cannot help."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.for_good = for_good


def send_due() -> bool:
    """Send what is due for as long as a tick may last; true if more is waiting."""
    began = time.monotonic()
    due = AlertDelivery.objects.filter(state=AlertDelivery.State.WAITING, next_try_at__lte=timezone.now())
    for pk in list(due.order_by("next_try_at").values_list("pk", flat=True)[:_AT_ONCE]):
        if time.monotonic() - began > _LONGEST_S:
            return True
        if take(pk):
            deliver(pk)
    return False


def take(pk: int, *, now: datetime | None = None) -> bool:
    """Make the next attempt ours; False if somebody else just has."""
    moment = now or timezone.now()
    waiting = AlertDelivery.objects.filter(pk=pk, state=AlertDelivery.State.WAITING, next_try_at__lte=moment)
    return waiting.update(next_try_at=moment + LEASE, tries=F("tries") + 1) == 1


def deliver(pk: int) -> None:
    """One attempt, and what came of it."""
    delivery = AlertDelivery.objects.select_related("alert", "person", "hook").get(pk=pk)
    try:
        with translation.override(settings.LANGUAGE_CODE):
            answer = _post(delivery) if delivery.hook_id is not None else _mail(delivery)
    except Undelivered as fault:
        _failed(delivery, fault)
        return
    AlertDelivery.objects.filter(pk=pk).update(
        state=AlertDelivery.State.SENT, sent_at=timezone.now(), next_try_at=None, answer=answer[:300]
    )


def signature(secret: str, stamp: str, body: bytes) -> str:
    """What proves that a webhook came from us now: HMAC-SHA256 over the time, a dot and the body, in hex."""
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def _mail(delivery: AlertDelivery) -> str:
    alert = delivery.alert
    if not delivery.address:
        raise Undelivered(_("the person has no e-mail address"), for_good=True)
    if settings.EMAIL_BACKEND.endswith(".dummy.EmailBackend"):
        raise Undelivered(_("no mail server is set up: EMAIL_HOST is empty"), for_good=True)
    title = wording.title_abroad(alert)
    lines = [
        title,
        "",
        wording.advice(alert),
        "",
        _("Acknowledge it here, after signing in: %(link)s") % {"link": wording.link(alert)},
        _("Whoever acknowledges it first stops it from going on to the next person."),
    ]
    if delivery.level > 1:
        lines.insert(1, _("Nobody has acknowledged it so far."))
    domain = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    message = EmailMessage(
        subject=" ".join(f"[Glasshouse] {title}".split())[:180],
        body="\n".join(lines) + "\n",
        to=[delivery.address],
        headers={"Message-ID": f"<{delivery.key}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    try:
        message.send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError) as fault:
        raise Undelivered(f"{type(fault).__name__}: {fault}"[:300], for_good=True) from fault
    except (smtplib.SMTPException, OSError, ValueError) as fault:
        raise Undelivered(f"{type(fault).__name__}: {fault}"[:300]) from fault
    return _("handed to the mail server")


def _post(delivery: AlertDelivery) -> str:
    alert, hook = delivery.alert, delivery.hook
    if hook is None or not hook.active:
        raise Undelivered(_("the webhook was removed"), for_good=True)
    payload = {
        "delivery": delivery.key,
        "alert": alert.pk,
        "kind": str(alert.kind),
        "state": wording.state(alert),
        "level": delivery.level,
        "title": wording.title_abroad(alert),
        "text": f"{wording.title_abroad(alert)}\n{wording.link(alert)}",  # what Teams and Slack show
        "advice": wording.advice(alert),
        "url": wording.link(alert),
        "opened_at": alert.opened_at.isoformat(),
        "acknowledged_by": str(alert.acknowledged_by) if alert.acknowledged_by else None,
    }
    try:
        told = sources.secrets_of(Source(slug=hook.name, secrets=hook.sealed))
    except sources.UnreadableSecrets as fault:
        raise Undelivered(str(fault), for_good=True) from fault
    stamp = str(int(time.time()))
    body = json.dumps(payload, ensure_ascii=False).encode()
    headers = {
        "Glasshouse-Delivery": delivery.key,
        "Glasshouse-Signature": f"t={stamp},v1={signature(told['secret'], stamp, body)}",
    }
    try:
        answer = http.request(
            "POST", told["url"], headers=headers, payload=payload, local=hook.local, secret_path=True, total_s=10
        )
    except http.HttpFailure as fault:
        raise Undelivered(str(fault), for_good=fault.permanent) from fault
    if answer.status in (404, 410):
        raise Undelivered(_("the address answered %(status)s") % {"status": answer.status}, for_good=True)
    if not 200 <= answer.status < 300:
        raise Undelivered(_("the address answered %(status)s") % {"status": answer.status})
    return _("answered %(status)s") % {"status": answer.status}


def _failed(delivery: AlertDelivery, fault: Undelivered) -> None:
    given_up = fault.for_good or delivery.tries >= TRIES
    wait = _BACK_OFF_S[min(delivery.tries, len(_BACK_OFF_S)) - 1]
    AlertDelivery.objects.filter(pk=delivery.pk).update(
        state=AlertDelivery.State.FAILED if given_up else AlertDelivery.State.WAITING,
        next_try_at=None if given_up else timezone.now() + timedelta(seconds=wait),
        answer=str(fault)[:300],
    )
    log.warning("an alert was not delivered", extra={"delivery": delivery.key, "given_up": given_up})
