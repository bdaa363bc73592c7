"""An account is connected by its network's own sign-in, by the browser that was sent there and by nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Role
from mentions import networks, sources
from mentions.models import Gap, Source
from mentions.sources import connecting, managing
from tests.factories import make_person
from tests.mentions.networks.authority import CLIENT, OWN, SECRET, Authority, authority
from tests.mentions.networks.bound_authority import DID, HANDLE, bound_authority
from tests.mentions.networks.peer_youtube import serve as youtube

pytestmark = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def there() -> Iterator[Authority]:
    with authority() as found:
        yield found


@pytest.fixture
def waiting(there: Authority) -> Source:
    """A source of X that waits for its owner."""
    given = {"handle": "meridian", "base_url": there.url, "client_id": CLIENT, "client_secret": SECRET}
    source = connecting.connect(networks.get("x"), "Larkmere on X", given, by=1, local=True)
    Source.objects.filter(pk=source.pk).update(settings=source.settings | {"sign_in": f"{there.url}/sign-in"})
    return source


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(make_person("anneke", role=Role.ADMINISTRATOR), backend=BACKEND)
    return client


def sent_to(admin: Client, source: Source, *, secure: bool = False) -> str:
    answer = admin.post(reverse("agents:source_authorise", args=[source.pk]), secure=secure)
    assert answer.status_code == 200, "the redirect of a form would be stopped by our own policy"
    return answer.headers["refresh"].removeprefix("0; url=")


def test_a_yes_there_connects_it_here(admin: Client, waiting: Source, there: Authority) -> None:
    assert not waiting.active
    brought = there.consent(sent_to(admin, waiting))
    answer = admin.get(reverse("agents:authorised"), brought)
    assert (answer.status_code, answer.headers["location"]) == (302, reverse("agents:source", args=[waiting.pk]))
    fresh = Source.objects.get(pk=waiting.pk)
    assert (fresh.active, fresh.sending, fresh.account_id) == (True, False, OWN)
    assert sources.secrets_of(fresh)["token"].startswith("token-")
    assert fresh.expires_at is not None
    assert admin.get(reverse("agents:authorised"), brought).status_code == 404, "it is good once"


def test_what_was_never_signed_in_is_asked_for_nothing(admin: Client, waiting: Source) -> None:
    shown = admin.get(reverse("agents:source", args=[waiting.pk])).content.decode()
    assert ("Sign in at X" in shown, "Back-fill" in shown) == (True, False)
    asked = {"since": "2026-11-01T08:00", "until": "2026-11-01T09:00"}
    answer = admin.post(reverse("agents:source_back_fill", args=[waiting.pk]), asked)
    assert (answer.status_code, "not signed in" in answer.content.decode()) == (422, True)


def test_leaving_gives_back_what_we_were_let_in_by_and_says_so_if_not(
    admin: Client, waiting: Source, there: Authority
) -> None:
    for away in (False, True):
        Source.objects.filter(pk=waiting.pk).update(
            secrets=sources.seal({"client_secret": SECRET}), disconnected_at=None
        )
        admin.get(reverse("agents:authorised"), there.consent(sent_to(admin, waiting)))
        kept = sources.secrets_of(Source.objects.get(pk=waiting.pk))
        if away:
            Source.objects.filter(pk=waiting.pk).update(base_url="http://127.0.0.1:9")
        address = reverse("agents:source_disconnect", args=[waiting.pk])
        told = admin.post(address, {"sure": "yes"}, follow=True).content.decode()
        assert ("The network still takes them" in told) is away
        assert (kept["refresh_token"] in there.ended) is not away
        assert Source.objects.get(pk=waiting.pk).secrets == ""


def test_a_form_that_was_sent_twice_makes_one_that_waits(waiting: Source, there: Authority) -> None:
    given = {"handle": "meridian", "base_url": there.url, "client_id": CLIENT, "client_secret": SECRET}
    with pytest.raises(connecting.NotConnected, match="“Larkmere on X” waits to be signed in already"):
        connecting.connect(networks.get("x"), "Larkmere on X", given, by=1, local=True)
    another = connecting.connect(networks.get("x"), "Larkmere helps on X", given, by=1, local=True)
    connecting.disconnect(another, by=1)
    connecting.connect(networks.get("x"), "Larkmere helps on X", given, by=1, local=True)


def test_a_stranger_s_link_connects_nothing_and_spoils_nothing(
    admin: Client, waiting: Source, there: Authority
) -> None:
    brought = there.consent(sent_to(admin, waiting))
    for state in ("", "guessed"):
        assert admin.get(reverse("agents:authorised"), brought | {"state": state}).status_code == 404
    another = Client()
    another.force_login(make_person("another", role=Role.ADMINISTRATOR), backend=BACKEND)
    assert another.get(reverse("agents:authorised"), brought).status_code == 404
    assert admin.get(reverse("agents:authorised"), brought).status_code == 302


def test_a_no_there_is_said_here(admin: Client, waiting: Source, there: Authority) -> None:
    state = there.consent(sent_to(admin, waiting))["state"]
    answer = admin.get(reverse("agents:authorised"), {"error": "access_denied", "state": state})
    assert (answer.status_code, "did not let us in" in answer.content.decode()) == (422, True)
    assert not Source.objects.get(pk=waiting.pk).active


def test_what_was_unticked_is_said_here(admin: Client, waiting: Source, there: Authority) -> None:
    there.unticked = {"dm.write"}
    answer = admin.get(reverse("agents:authorised"), there.consent(sent_to(admin, waiting)))
    assert (answer.status_code, "dm.write" in answer.content.decode()) == (422, True)
    assert there.ended, "what is of no use is given back"
    assert not there.renewals


def test_whoever_comes_back_tomorrow_is_sent_again(admin: Client, waiting: Source, there: Authority) -> None:
    brought = there.consent(sent_to(admin, waiting))
    session = admin.session
    session["authorising"] |= {"at": session["authorising"]["at"] - 86_400}
    session.save()
    assert admin.get(reverse("agents:authorised"), brought).status_code == 404


def test_another_account_s_owner_connects_another_account(admin: Client, waiting: Source, there: Authority) -> None:
    Source.objects.filter(pk=waiting.pk).update(account_id="somebody-else")
    answer = admin.get(reverse("agents:authorised"), there.consent(sent_to(admin, waiting)))
    assert (answer.status_code, "another account" in answer.content.decode()) == (422, True)
    assert not there.renewals, "what was not taken is given back"


def test_signing_in_again_ends_what_we_were_let_in_by_before(admin: Client, waiting: Source, there: Authority) -> None:
    kept = []
    for _ in range(2):
        admin.get(reverse("agents:authorised"), there.consent(sent_to(admin, waiting)))
        known = sources.secrets_of(Source.objects.get(pk=waiting.pk))
        kept.append({known["token"], known["refresh_token"]})
    assert set(there.ended) == kept[0]
    assert there.renewals == kept[1]


def test_a_network_that_reads_who_we_are_is_told_at_an_address_of_ours(admin: Client) -> None:
    """Bluesky's road through the pages: sealed keys, a published one, no trace of the app password that was there."""
    with bound_authority() as there:
        given = {"handle": HANDLE, "base_url": there.url}
        source = connecting.connect(networks.get("bluesky"), "Larkmere on Bluesky", given, by=1, local=True)
        kept = sources.seal({"password": "abcd-efgh"})
        Source.objects.filter(pk=source.pk).update(settings={"directory": there.url}, secrets=kept, active=True)
        document = reverse("agents:client", args=[source.slug])
        assert Client().get(document).status_code == 404, "nobody has begun to sign in"
        sent = sent_to(admin, source, secure=True)
        published = Client().get(document, secure=True).json()
        assert published["client_id"] == f"https://testserver{document}"
        assert "d" not in published["jwks"]["keys"][0]
        there.published[published["client_id"]] = published
        brought = there.consent(sent)
        assert admin.get(reverse("agents:authorised"), brought, secure=True).status_code == 302
    fresh = Source.objects.get(pk=source.pk)
    secrets = sources.secrets_of(fresh)
    assert (fresh.active, fresh.account_id, secrets["issuer"]) == (True, DID, there.url)
    assert not {"password", "sign_in_key"} & secrets.keys()
    assert secrets["token"] not in fresh.secrets
    assert fresh.expires_at is not None


def test_an_account_that_was_let_go_is_signed_in_again(admin: Client) -> None:
    """Bluesky reads who we are while the sign-in is under way, at an address that is empty before and after."""
    with bound_authority() as there:
        given = {"handle": HANDLE, "base_url": there.url}
        source = connecting.connect(networks.get("bluesky"), "Larkmere on Bluesky", given, by=1, local=True)
        Source.objects.filter(pk=source.pk).update(settings={"directory": there.url})
        document = reverse("agents:client", args=[source.slug])
        for times in (1, 2):
            assert Client().get(document, secure=True).status_code == 404
            sent = sent_to(admin, source, secure=True)
            assert not Source.objects.get(pk=source.pk).active
            there.published[f"https://testserver{document}"] = Client().get(document, secure=True).json()
            assert admin.get(reverse("agents:authorised"), there.consent(sent), secure=True).status_code == 302
            assert Source.objects.get(pk=source.pk).active
            connecting.disconnect(Source.objects.get(pk=source.pk), by=1)
            assert len(there.ended) == times


def test_an_app_that_was_let_go_is_named_again_and_then_signed_in(
    admin: Client, waiting: Source, there: Authority
) -> None:
    """Its secret was erased with all else: the page of keys takes it before there is anything to try it with."""
    admin.get(reverse("agents:authorised"), there.consent(sent_to(admin, waiting)))
    connecting.disconnect(Source.objects.get(pk=waiting.pk), by=1)
    known = {"handle": "meridian", "base_url": there.url, "client_id": CLIENT, "client_secret": SECRET}
    told = admin.post(reverse("agents:source_keys", args=[waiting.pk]), known, follow=True).content.decode()
    assert "Sign in at the network now" in told
    fresh = Source.objects.get(pk=waiting.pk)
    assert (fresh.active, fresh.disconnected_at) == (False, None)
    admin.get(reverse("agents:authorised"), there.consent(sent_to(admin, waiting)))
    assert Source.objects.get(pk=waiting.pk).active


def test_signing_in_again_starts_nothing_that_somebody_stopped(
    admin: Client, waiting: Source, there: Authority
) -> None:
    admin.get(reverse("agents:authorised"), there.consent(sent_to(admin, waiting)))
    Source.objects.filter(pk=waiting.pk).update(sending=True)
    managing.pause(waiting, by=1)
    answer = admin.get(reverse("agents:authorised"), there.consent(sent_to(admin, waiting)), follow=True)
    assert "reads only" not in answer.content.decode(), "it may send"
    assert not Source.objects.get(pk=waiting.pk).active
    assert Gap.objects.get(source=waiting).ended_at is None
    managing.resume(waiting, by=1)
    assert Source.objects.get(pk=waiting.pk).active
    assert Gap.objects.get(source=waiting).ended_at is not None


def test_a_refresh_token_alone_is_enough_to_connect() -> None:
    with youtube() as peer:
        given = {
            "account_id": peer.account.account_id,
            "base_url": peer.account.base_url,
            "client_id": "app",
            "client_secret": "s",
            "refresh_token": "long",
        }
        source = connecting.connect(networks.get("youtube"), "Our videos", given, by=1, local=True)
    assert source.active
    assert sources.secrets_of(source)["token"]
    assert source.expires_at is not None
