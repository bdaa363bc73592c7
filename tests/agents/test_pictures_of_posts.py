"""Pictures with a post of our own."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from agents import approving, outbox, pictures
from agents.models import Reply, ReplyState, Role, User
from mentions.models import Source
from tests.agents.photos import SVG, ours, photo
from tests.factories import make_person, make_team

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def mia(town: Source, client: Client) -> User:
    mia = make_person("mia", role=Role.MANAGER)
    client.force_login(mia)
    return mia


def write(client: Client, town: Source, key: uuid.UUID, deed: str, *files: bytes, **more: str):
    fields = {
        "title": "Saturday",
        "kind": "notice",
        "source": str(town.pk),
        "team": str(make_team().pk),
        "text": "All branches open at nine on Saturday.",
        "client_key": str(key),
        "deed": deed,
        "pictures": [SimpleUploadedFile(f"{n}.jpg", body, "image/jpeg") for n, body in enumerate(files)],
    }
    return client.post("/posts/write/", fields | more)


def test_pictures_are_put_into_the_draft_described_and_taken_out_and_leave_with_it(client, town, mia, sam):
    key = uuid.uuid4()
    added = write(client, town, key, "add", photo("red"), photo("blue"))
    reply = Reply.objects.get()
    assert (added.status_code, added["Location"]) == (302, f"/posts/{reply.pk}/#pictures")
    red, blue = pictures.of(reply)
    told = {f"alt-{red.pk}": "A red door", f"alt-{blue.pk}": ""}
    refused = write(client, town, key, "submit", **told)
    assert refused.status_code == 409
    assert "Say what picture 2 shows" in refused.content.decode()
    assert "A red door" in refused.content.decode()
    assert write(client, town, key, f"out-{blue.pk}", **told).status_code == 302
    assert write(client, town, key, "submit", **{f"alt-{red.pk}": "A red door"}).status_code == 302
    reply.refresh_from_db()
    assert (reply.state, [one.alt for one in pictures.of(reply)]) == (ReplyState.AWAITING_APPROVAL, ["A red door"])
    assert f'src="/console/attached/{red.pk}/"' in client.get(f"/posts/{reply.pk}/").content.decode()
    approving.approve(reply, digest=reply.digest, by=sam)
    Reply.objects.update(held_until=timezone.now())
    assert outbox.send_due() == 1
    assert [one.alt for one in ours()[0].photos.all()] == ["A red door"]


def test_what_is_no_picture_costs_no_word_of_the_post(client, town, mia):
    answer = write(client, town, uuid.uuid4(), "add", SVG)
    assert answer.status_code == 409
    assert "It is no picture." in answer.content.decode()
    assert "All branches open at nine" in answer.content.decode()
    assert Reply.objects.count() == 0


def test_other_pictures_than_the_network_may_have_are_another_post(client, town, mia):
    key = uuid.uuid4()
    write(client, town, key, "add", photo("red"))
    Reply.objects.update(answers=[{"at": timezone.now().isoformat(), "follow": "unknown"}])
    again = write(client, town, key, "add", photo("red"))
    assert Reply.objects.count() == 1  # the same picture is no other post
    assert again.status_code == 302
    write(client, town, key, "add", photo("blue"))
    left, draft = Reply.objects.order_by("pk")
    assert (left.client_key, left.state, len(pictures.of(left))) == (key, ReplyState.FAILED, 1)
    assert (draft.state, draft.text, len(pictures.of(draft))) == (ReplyState.DRAFT, left.text, 2)
