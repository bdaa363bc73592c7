"""What is particular about the stores: stars without words, one response each, and statements signed by a key."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from mentions import intake, networks, posts
from mentions.models import Mention
from mentions.networks import Account, NetworkError, Outgoing
from mentions.networks._polling import Page, walk
from mentions.networks.appstore import statement
from mentions.posts import Post
from tests.factories import make_queue, make_source
from tests.mentions.networks import peer_appstore, peer_googlebusiness, peer_googleplay

STORES = {"googleplay": peer_googleplay, "googlebusiness": peer_googlebusiness, "appstore": peer_appstore}


def part(coded: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)))


def pem(key: Any) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@pytest.mark.parametrize("key", STORES)
class TestReviews:
    def test_stars_without_words_are_a_review(self, key: str) -> None:
        with STORES[key].serve() as store:
            store.write("")
            (review,) = map(posts.parse, networks.get(key).fetch(store.account, {}).items)
        assert isinstance(review, Post)
        assert (review.kind, review.text, review.rating) == ("review", "2/5", 2)

    def test_stars_that_change_are_stored_though_the_words_stay(self, key: str, db: None) -> None:
        network = networks.get(key)
        make_queue()
        with STORES[key].serve() as store:
            source = make_source(key, network=key, account_id=store.account.account_id)
            wanted = store.write("It crashes")
            page = network.fetch(store.account, {})
            intake.receive(source, list(page.items))
            assert Mention.objects.get().rating == 2
            store.reviews[wanted] |= {"stars": 5, "at": time.time() + 1}
            intake.receive(source, list(network.fetch(store.account, page.cursor).items))
        assert Mention.objects.get().rating == 5

    def test_a_second_response_takes_the_place_of_the_first(self, key: str) -> None:
        network = networks.get(key)
        with STORES[key].serve() as store:
            wanted = store.write("It crashes")
            network.publish(store.account, Outgoing("Sorry.", "public", "k1", in_reply_to=wanted))
            network.publish(store.account, Outgoing("It is mended.", "public", "k2", in_reply_to=wanted))
            assert store.answers_to(wanted) == ["It is mended."]
            assert (
                network.reconcile(store.account, "k1", Outgoing("Sorry.", "public", "k1", in_reply_to=wanted)) is None
            )

    def test_a_response_in_our_name_is_heard_whoever_wrote_it(self, key: str) -> None:
        network = networks.get(key)
        with STORES[key].serve() as store:
            wanted = store.write("It crashes")
            network.publish(store.account, Outgoing("Sorry.", "public", "k1", in_reply_to=wanted))
            page = network.fetch(store.account, {})
            _review, ours = map(posts.parse, page.items)
            assert isinstance(ours, Post)
            assert (ours.author.id, ours.text, ours.in_reply_to) == (store.account.account_id, "Sorry.", wanted)
            assert ours.external_id == f"{wanted}#response"
            store.reviews[wanted]["response"] = "Write to our helpline at t.example"
            (changed,) = network.fetch(store.account, page.cursor).items
            assert (changed["op"], changed["external_id"]) == ("edit", ours.external_id)

    def test_what_is_too_long_is_not_sent_to_be_cut_off(self, key: str) -> None:
        network = networks.get(key)
        with STORES[key].serve() as store:
            wanted = store.write("It crashes")
            with pytest.raises(NetworkError, match="takes") as told:
                network.publish(
                    store.account, Outgoing("x" * (network.limits.max + 1), "public", "k", in_reply_to=wanted)
                )
            assert told.value.follow == "give_up"
            assert store.heard == []


def test_a_review_that_was_changed_hides_no_new_one_behind_it() -> None:
    """Google lists by the last change: while nobody asked, an old review came to the head and seventy new ones did."""

    def read(after: str | None) -> Page:
        at = int(after or 0)
        return listed[at : at + 50], str(at + 50) if at + 50 < len(listed) else None

    old = [{"external_id": f"old-{number}", "text": "as it was"} for number in range(60)]
    listed = old
    first = walk(read, {})
    listed = [old[3] | {"text": "changed"}] + [{"external_id": f"new-{n}", "text": "new"} for n in range(70)] + old[:3]
    page = walk(read, first.cursor)
    assert (len(page.items), page.complete) == (71, True)
    assert walk(read, page.cursor).items == ()


def test_google_is_shown_a_statement_of_the_service_account() -> None:
    key = rsa.generate_private_key(65_537, 2048)
    account_key = json.dumps({"client_email": "a@b.example", "private_key": pem(key), "private_key_id": "k1"})
    with peer_googleplay.serve() as store:
        account = Account(store.account.base_url, "", "com.app", {"service_account": account_key}, local=True)
        assert networks.get("googleplay").refresh(account).secrets == {"token": "next"}
        head, claims, signed = store.heard[-1].form["assertion"].split(".")
    assert part(head)["kid"] == "k1"
    assert part(claims)["iss"] == "a@b.example"
    signature = base64.urlsafe_b64decode(signed + "=" * (-len(signed) % 4))
    key.public_key().verify(signature, f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())


def test_apple_is_shown_a_statement_of_the_team_s_key() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    account = Account("", "", "1", {"private_key": pem(key)}, {"issuer": "team", "key_id": "k1"})
    head, claims, signed = statement(account).split(".")
    assert part(head) == {"alg": "ES256", "kid": "k1", "typ": "JWT"}
    assert part(claims)["exp"] - part(claims)["iat"] <= 1200
    raw = base64.urlsafe_b64decode(signed + "==")
    halves = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.public_key().verify(halves, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("between", ["", " ", "\\n"])
def test_a_key_that_lost_its_lines_in_a_form_is_a_key(between: str) -> None:
    pasted = between.join(pem(ec.generate_private_key(ec.SECP256R1())).splitlines())
    assert statement(Account("", "", "1", {"private_key": pasted})).count(".") == 2


@pytest.mark.parametrize("broken", ["", "no key", pem(rsa.generate_private_key(65_537, 2048))])
def test_a_key_that_cannot_sign_asks_for_another(broken: str) -> None:
    with pytest.raises(NetworkError) as told:
        statement(Account("", "", "1", {"private_key": broken}))
    assert told.value.follow == "reauthorise"


def test_google_s_translation_is_not_what_the_customer_wrote() -> None:
    with peer_googlebusiness.serve() as store:
        wanted = store.write("(Translated by Google)\nVery slow\n\n(Original)\nMuy lento")
        found = networks.get("googlebusiness").lookup(store.account, [wanted])[wanted]
    assert found is not None
    assert found["text"] == "Muy lento"
