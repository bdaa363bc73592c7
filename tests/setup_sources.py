"""Sources as administrators meet them: one in each state that its page has words for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from mentions.models import Gap, Source, Stream, Usage
from mentions.networks import Quota
from mentions.sources import quota, seal
from mentions.sources.delivery import Delivery


def sources_in_every_state() -> list[Source]:
    """Streaming, fallen back to asking with its quota near the end, delivered, blind with gaps, refused, not signed in,
    paused, late, with keys about to end, and let go."""
    now = timezone.now()

    def made(slug: str, network: str, **fields: Any) -> Source:
        keys = seal({"token": "t", "webhook": "w", "bearer": "b", "verify_token": "v"})
        usual: dict[str, Any] = {"base_url": "https://api.example", "handle": "meridian", "account_id": "42"}
        usual |= {"secrets": keys, "local": True, "poll_every_s": 60, "last_ok_at": now, "probed_at": now}
        return Source.objects.create(slug=slug, network=network, name=slug.title(), **(usual | fields))

    def hook(problem: str = "", **told: Any) -> dict[str, Any]:
        return Delivery(problem, now - timedelta(hours=2), now, **told).stored()

    unproven = "X asked our address for proof that it is ours and got none: is it reachable from outside?"
    x = made(
        "account",
        "x",
        hook=hook(unproven, tries=4),
        settings={"price_per_call": 0.005, "currency": "USD", "client_id": "c"},
        expires_at=now + timedelta(hours=1),
        reconciled_at=now,
        swept_at=now - timedelta(hours=3),
        last_post_at=now - timedelta(minutes=3),
    )
    for minutes, left in ((10, 300), (0, 96)):
        told = Quota("calls", 450, left, now + timedelta(minutes=9))
        quota.note(x, told, now=now - timedelta(minutes=minutes))
    lost = now - timedelta(minutes=4)
    why = "X ended the stream (operational-disconnect)"
    Stream.objects.create(source=x, name="posts", lost_at=lost, seen_at=lost, failures=3, error=why)
    Source.objects.filter(pk=x.pk).update(created_at=now - timedelta(days=20))
    for days in range(20):
        Usage.objects.create(source=x, day=(now - timedelta(days=days)).date(), lane="reads", calls=1400 + days * 13)
    bluesky = made("bluesky", "bluesky", last_post_at=now)
    Stream.objects.create(
        source=bluesky, name="jetstream", live_since=now - timedelta(hours=7), seen_at=now, delivered=81_231
    )
    telegram = made("bot", "telegram", hook=hook(waiting=2), delivered_at=now, sending=True)
    facebook = made(
        "page",
        "facebook",
        blind_since=now - timedelta(minutes=50),
        last_error="Facebook has a fault (code 2)",
        failures=7,
        circuit_until=now + timedelta(hours=1),
    )
    Gap.objects.create(source=facebook, started_at=now - timedelta(minutes=50), reason=Gap.Reason.UNREACHABLE)
    for days, state in (
        (2, {"state": Gap.Status.OPEN, "error": "The network no longer has everything."}),
        (4, {"state": Gap.Status.FILLED, "found": 12, "closed_at": now}),
    ):
        began = now - timedelta(days=days)
        Gap.objects.create(
            source=facebook, started_at=began, ended_at=began + timedelta(hours=1), reason=Gap.Reason.STOPPED, **state
        )
    refused = "Reddit does not take what we were let in by; connect the account again"
    reddit = made("reddit", "reddit", refused_at=now - timedelta(hours=3), last_error=refused)
    mastodon = made("mastodon", "mastodon", active=False, secrets="", account_id="", handle="", last_ok_at=None)
    youtube = made("videos", "youtube", active=False)
    Gap.objects.create(source=youtube, started_at=now - timedelta(minutes=9), reason=Gap.Reason.PAUSED)
    whatsapp = made("helpline", "whatsapp", poll_every_s=None, late_since=now, rhythm_s=600)
    ending = made("shop", "whatsapp", poll_every_s=None, expires_at=now + timedelta(days=3))
    gone = {"active": False, "secrets": "", "disconnected_at": now - timedelta(days=3)}
    return [
        x,
        bluesky,
        telegram,
        facebook,
        reddit,
        mastodon,
        youtube,
        whatsapp,
        ending,
        made("former", "googleplay", **gone),
    ]
