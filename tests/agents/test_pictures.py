"""Pictures with a reply: drawn anew, described, seen by a second person, and never twice on the network."""

import base64
import io
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models.signals import post_save
from django.test import Client
from django.utils import timezone
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from agents import amendment_outbox, amendments, approving, attaching, cases, outbox, pictures, replies, scrutiny
from agents.cases import Refused
from agents.models import Reply, ReplyPicture, ReplyState, User
from mentions import intake
from mentions.models import Conversation, Source
from mentions.sandbox import faults, square
from mentions.sandbox.models import Photo
from mentions.sandbox.sealing import unseal
from tests.agents.photos import ALT, SVG, ours, photo
from tests.factories import make_team, post

pytestmark = [pytest.mark.django_db(transaction=True)]
GOOD = "Sorry about the trouble. This is how the new page looks."


@pytest.fixture
def conversation(town: Source, priya: User) -> Conversation:
    written = square.write("dana", "@meridian where is the button?")
    author = {"id": f"ts:{written.author.key}", "handle": "dana"}
    intake.receive(town, [post(written.text, external_id=f"ts:{written.key}", author=author)])
    found = Conversation.objects.get()
    cases.claim(found.pk, by=priya)
    found.refresh_from_db()
    return found


def attach(conversation: Conversation, by: User, body: bytes | None = None, visibility: str = "public") -> Reply:
    key = uuid.uuid4()
    return attaching.to_reply(conversation.pk, body or photo(), visibility=visibility, client_key=key, by=by)


def said(reply: Reply, alt: str = ALT) -> dict[int, str]:
    return {one.pk: alt for one in pictures.of(reply)}


def submit(conversation: Conversation, by: User, **changes: object) -> Reply:
    conversation.refresh_from_db()
    draft = Reply.objects.filter(conversation=conversation, author=by, state=ReplyState.DRAFT).first()
    asked = {
        "text": GOOD,
        "visibility": "public",
        "seen_version": conversation.version,
        "client_key": draft.client_key if draft else uuid.uuid4(),
        "said": said(draft) if draft else {},
    } | changes
    return replies.submit(conversation.pk, by=by, **asked)


def approved(reply: Reply, sam: User) -> Reply:
    return approving.approve(reply, digest=reply.digest, by=sam)


class TestWhatComesIn:
    def test_nothing_but_pixels_is_kept_of_a_file(self, conversation, priya):
        exif = Image.Exif()
        exif[0x010E] = "made at 12 Elm Street"
        file = photo(exif=exif, comment=b"card 4111 1111 1111 1111") + b"PK\x03\x04 an archive behind it"
        kept = attach(conversation, priya, file).pictures.get()
        shown = Image.open(io.BytesIO(bytes(kept.body)))
        assert not shown.getexif()
        assert "comment" not in shown.info
        for stranger in (b"Elm Street", b"4111", b"PK\x03\x04"):
            assert stranger not in bytes(kept.body)
        assert (kept.type, kept.width, kept.height, kept.size) == ("image/jpeg", 64, 48, len(bytes(kept.body)))

    def test_what_a_png_says_of_itself_is_gone_too(self, conversation, priya):
        notes = PngInfo()
        notes.add_text("Author", "Dana Whitfield")
        kept = attach(conversation, priya, photo(kind="PNG", pnginfo=notes)).pictures.get()
        assert b"Whitfield" not in bytes(kept.body)

    def test_a_large_one_is_made_to_fit_every_network(self, conversation, priya):
        noise = Image.effect_noise((2600, 1900), 120).convert("RGB")
        out = io.BytesIO()
        noise.save(out, "JPEG", quality=95)
        kept = attach(conversation, priya, out.getvalue()).pictures.get()
        assert kept.size <= 950_000
        assert max(kept.width, kept.height) <= 2048

    @pytest.mark.parametrize(
        ("file", "why"),
        [
            (SVG, "no picture"),
            (b"GIF89a<script>alert(1)</script>", "no picture"),
            (b"%PDF-1.7 something", "no picture"),
            (photo(size=(640, 480))[:900], "damaged"),
            (photo(kind="PNG", size=(12_001, 1)), "too many pixels"),
        ],
    )
    def test_what_is_no_picture_is_refused_and_costs_no_word(self, file, why, conversation, priya):
        draft = replies.save_draft(
            conversation.pk, text="Half a sentence", visibility="public", by=priya, client_key=uuid.uuid4()
        )
        with pytest.raises(Refused, match=why):
            attach(conversation, priya, file)
        draft.refresh_from_db()
        assert (draft.text, draft.pictures.count()) == ("Half a sentence", 0)

    def test_the_same_one_twice_is_one_and_a_fifth_is_one_too_many(self, conversation, priya):
        for color in ("red", "green", "blue", "red", "white"):
            draft = attach(conversation, priya, photo(color))
        assert draft.pictures.count() == 4
        with pytest.raises(Refused, match="4 pictures at most"):
            attach(conversation, priya, photo("black"))


class TestTheWholeRoad:
    def test_a_second_person_sees_it_before_everybody_does(self, conversation, priya, sam):
        attach(conversation, priya)
        reply = submit(conversation, priya)
        assert reply.state == ReplyState.AWAITING_APPROVAL
        assert [(found["rule"], found["action"], found["words"]) for found in reply.findings] == [
            ("picture", "approve", "")
        ]
        assert outbox.send_due() == 0
        approved(reply, sam)
        assert outbox.send_due() == 1
        (sent,) = ours()
        (shown,) = sent.photos.all()
        kept = reply.pictures.get()
        assert (sent.text, shown.alt) == (GOOD, ALT)
        assert base64.b64decode(unseal(shown.sealed)) == bytes(kept.body)
        page = Client().get(f"/sandbox/pictures/{shown.key}")
        assert (page.status_code, page["Content-Type"], page.content) == (200, "image/jpeg", bytes(kept.body))

    def test_a_private_one_leaves_as_its_words_do(self, conversation, priya):
        attach(conversation, priya, visibility="private")
        reply = submit(conversation, priya, visibility="private")
        assert (reply.state, reply.findings) == (ReplyState.HELD, [])
        assert outbox.send_due() == 1
        (sent,) = ours()
        assert (sent.private, sent.photos.count()) == (True, 1)

    def test_the_team_s_policy_may_let_pictures_go(self, conversation, priya):
        profile = make_team().profile
        profile.guard = {"picture": "warn"}
        profile.save()
        attach(conversation, priya)
        assert submit(conversation, priya).state == ReplyState.HELD

    def test_what_is_said_of_a_picture_passes_the_guard_like_the_text(self, conversation, priya):
        draft = attach(conversation, priya)
        reply = submit(conversation, priya, said=said(draft, "Card 4111 1111 1111 1111 on a table"))
        assert reply.state == ReplyState.DRAFT
        assert "private_data" in {found["rule"] for found in reply.findings}
        assert "4111" not in reply.pictures.get().alt

    def test_it_does_not_leave_unless_somebody_says_what_it_shows(self, conversation, priya):
        draft = attach(conversation, priya)
        with pytest.raises(Refused, match="Say what picture 1 shows"):
            submit(conversation, priya, said=said(draft, "  "))
        with pytest.raises(Refused, match="200 characters too many"):
            submit(conversation, priya, said=said(draft, "x" * 1200))

    def test_a_page_that_shows_other_pictures_is_told_so(self, conversation, priya):
        draft = attach(conversation, priya)
        seen = said(draft)
        attach(conversation, priya, photo("red"))
        with pytest.raises(Refused, match="another window"):
            submit(conversation, priya, said=seen)
        attaching.from_reply(pictures.of(draft)[1], by=priya)
        assert submit(conversation, priya, said=seen).state == ReplyState.AWAITING_APPROVAL


class TestTheSecondPerson:
    @pytest.mark.parametrize("change", ["body", "alt", "gone", "more"])
    def test_an_approval_holds_for_just_these_pictures(self, change, conversation, priya, sam):
        attach(conversation, priya)
        reply = submit(conversation, priya)
        seen = reply.digest
        one = reply.pictures.get()
        if change == "body":
            ReplyPicture.objects.filter(pk=one.pk).update(digest="0" * 64)
        elif change == "alt":
            ReplyPicture.objects.filter(pk=one.pk).update(alt="Something else")
        elif change == "gone":
            one.delete()
        else:
            pictures.add(reply, pictures.drawn(photo("red")))
        with pytest.raises(Refused, match="changed since you read it"):
            approving.approve(reply, digest=seen, by=sam)

    def test_what_was_changed_after_the_approval_is_asked_about_again(self, conversation, priya, sam):
        attach(conversation, priya)
        reply = approved(submit(conversation, priya), sam)
        ReplyPicture.objects.filter(reply=reply).update(alt="Something else")
        assert outbox.send_due() == 0
        reply.refresh_from_db()
        assert reply.state == ReplyState.AWAITING_APPROVAL
        assert reply.digest == scrutiny.digest_of(reply)

    def test_a_returned_one_comes_back_with_what_was_begun_meanwhile(self, conversation, priya, sam):
        attach(conversation, priya)
        reply = submit(conversation, priya)
        attach(conversation, priya, photo("red"))
        approving.return_(reply, digest=reply.digest, reason="Blur the name.", by=sam)
        reply.refresh_from_db()
        assert (reply.state, [one.alt for one in pictures.of(reply)]) == (ReplyState.DRAFT, [ALT, ""])
        assert Reply.objects.count() == 1


class TestWhatMayHaveGone:
    @pytest.mark.parametrize("lost", ["of the picture", "of the post"])
    def test_whichever_answer_is_lost_there_is_one_post_with_its_picture(self, lost, conversation, priya, sam):
        attach(conversation, priya)
        reply = approved(submit(conversation, priya), sam)
        if lost == "of the picture":
            faults.set_faults(dropping=1)
        else:

            def lose(**_: object) -> None:
                faults.set_faults(dropping=1)  # from the next call on
                post_save.disconnect(lose, sender=Photo)

            post_save.connect(lose, sender=Photo)
        outbox.send_due()
        reply.refresh_from_db()
        # A picture that was brought shows nothing to anybody; a post may.
        assert reply.state == (ReplyState.HELD if lost == "of the picture" else ReplyState.UNKNOWN)
        Reply.objects.filter(pk=reply.pk).update(next_try_at=timezone.now())
        outbox.settle()
        Reply.objects.filter(pk=reply.pk, state=ReplyState.HELD).update(held_until=timezone.now())
        outbox.send_due()
        reply.refresh_from_db()
        assert reply.state == ReplyState.SENT
        assert [one.photos.count() for one in ours()] == [1]

    def test_a_sender_that_died_between_upload_and_post_is_asked_about_and_begins_again(self, conversation, priya, sam):
        attach(conversation, priya)
        reply = approved(submit(conversation, priya), sam)
        Reply.objects.filter(pk=reply.pk).update(
            state=ReplyState.SENDING, sending_at=timezone.now() - timedelta(minutes=5), tries=1
        )
        square.bring(bytes(reply.pictures.get().body), "image/jpeg")  # what the dead sender had brought
        outbox.settle()
        reply.refresh_from_db()
        assert reply.state == ReplyState.HELD
        assert outbox.send_due() == 1
        assert [one.photos.count() for one in ours()] == [1]
        assert Photo.objects.filter(post=None).count() == 1  # and Town Square forgets it within a day

    @pytest.mark.parametrize("change", ["more", "alt", "out"])
    def test_other_pictures_than_the_network_may_have_go_under_another_key(self, change, conversation, priya, sam):
        attach(conversation, priya)
        reply = approved(submit(conversation, priya), sam)
        key = reply.client_key
        Reply.objects.filter(pk=reply.pk).update(
            state=ReplyState.FAILED, answers=[{"at": timezone.now().isoformat(), "follow": "unknown"}]
        )
        reply.refresh_from_db()
        replies.to_draft(reply)
        on_the_page = pictures.of(reply)[0]
        if change == "more":
            attach(conversation, priya, photo("red"))
        elif change == "alt":
            replies.save_draft(
                conversation.pk,
                text=GOOD,
                visibility="public",
                client_key=key,
                by=priya,
                said={on_the_page.pk: "Something else"},
            )
        else:
            attaching.from_reply(on_the_page, by=priya)
        left, draft = Reply.objects.order_by("pk")
        assert (left.client_key, left.state, [one.alt for one in pictures.of(left)]) == (key, ReplyState.FAILED, [ALT])
        assert draft.client_key != key
        shown = {"more": [ALT, ""], "alt": ["Something else"], "out": []}[change]
        assert [one.alt for one in pictures.of(draft)] == shown
        if change != "out":
            assert pictures.of(draft)[0].pk == on_the_page.pk  # the page that is open goes on

    def test_what_a_colleague_tries_again_has_the_same_pictures(self, conversation, priya, sam):
        attach(conversation, priya)
        reply = submit(conversation, priya)
        Reply.objects.filter(pk=reply.pk).update(state=ReplyState.FAILED)
        cases.release(conversation.pk, by=priya)
        conversation.refresh_from_db()
        cases.claim(conversation.pk, by=sam)
        Reply.objects.filter(pk=reply.pk).update(seen_version=Conversation.objects.get().version)
        again = replies.retry(reply, by=sam)
        assert again.pk != reply.pk
        assert [(one.digest, one.alt) for one in pictures.of(again)] == [
            (one.digest, one.alt) for one in pictures.of(reply)
        ]


def test_other_words_leave_the_picture_standing_and_taking_back_takes_it_along(conversation, priya, sam):
    attach(conversation, priya)
    reply = approved(submit(conversation, priya), sam)
    outbox.send_due()
    reply.refresh_from_db()
    amendments.reword(reply, text="Sorry about that. This is how it looks now.", by=priya)
    amendment_outbox.send_due()
    (sent,) = ours()
    assert (sent.text, sent.photos.count()) == ("Sorry about that. This is how it looks now.", 1)
    shown = sent.photos.get()
    amendments.retract(reply, by=priya)
    amendment_outbox.send_due()
    assert Client().get(f"/sandbox/pictures/{shown.key}").status_code == 404


class TestTheDesk:
    def put(self, client: Client, conversation: Conversation, body: bytes, name: str = "photo.jpg"):
        file = SimpleUploadedFile(name, body, "image/jpeg")
        fields = {"mode": "public", "client_key": str(uuid.uuid4()), "picture": file}
        return client.post(f"/console/{conversation.pk}/attach/", fields, headers={"HX-Request": "true"})

    def test_it_is_attached_shown_described_and_taken_out(self, client, conversation, priya):
        client.force_login(priya)
        page = self.put(client, conversation, photo()).content.decode()
        kept = ReplyPicture.objects.get()
        assert f'name="alt-{kept.pk}"' in page
        shown = client.get(f"/console/attached/{kept.pk}/")
        assert (shown.content, shown["Content-Type"]) == (bytes(kept.body), "image/jpeg")
        assert shown["X-Content-Type-Options"] == "nosniff"
        draft = {"text": "Half", "mode": "public", "client_key": str(uuid.uuid4()), f"alt-{kept.pk}": ALT}
        said = client.post(f"/console/{conversation.pk}/draft/", draft, headers={"HX-Request": "true"}).content.decode()
        assert "Needs a second person" in said
        assert ReplyPicture.objects.get().alt == ALT
        assert ALT in client.get(f"/console/{conversation.pk}/").content.decode()
        out = client.post(f"/console/attached/{kept.pk}/out/", headers={"HX-Request": "true"})
        assert (out.status_code, ReplyPicture.objects.count()) == (200, 0)
        assert Reply.objects.get().text == "Half"

    def test_why_one_was_not_taken_stands_beside_the_others(self, client, conversation, priya):
        client.force_login(priya)
        self.put(client, conversation, photo())
        refused = self.put(client, conversation, SVG, "logo.svg")
        page = refused.content.decode()
        assert (refused.status_code, "It is no picture." in page, "pictured-alt" in page) == (409, True, True)
        assert client.post(f"/console/{conversation.pk}/attach/", {}).status_code == 422

    def test_what_does_not_leave_so_is_said_beside_the_picture(self, client, conversation, priya):
        client.force_login(priya)
        self.put(client, conversation, photo())
        kept, draft = ReplyPicture.objects.get(), Reply.objects.get()
        sent = {"text": GOOD, "mode": "public", "version": conversation.version, "client_key": str(draft.client_key)}
        answer = client.post(
            f"/console/{conversation.pk}/reply/", sent | {f"alt-{kept.pk}": ""}, headers={"HX-Request": "true"}
        )
        assert answer.status_code == 409
        assert "Say what picture 1 shows" in answer.content.decode()
        assert GOOD in answer.content.decode()

    def test_a_draft_s_pictures_are_its_writer_s_alone_and_an_approver_sees_those_that_wait(
        self, client, conversation, priya, sam
    ):
        draft = attach(conversation, priya)
        kept = draft.pictures.get()
        client.force_login(sam)
        assert client.get(f"/console/attached/{kept.pk}/").status_code == 404
        assert client.post(f"/console/attached/{kept.pk}/out/").status_code == 404
        submit(conversation, priya)
        assert client.get(f"/console/attached/{kept.pk}/").status_code == 200
        page = client.get("/approvals/").content.decode()
        assert f'src="/console/attached/{kept.pk}/"' in page
        assert ALT in page
        client.force_login(priya)
        assert client.post(f"/console/attached/{kept.pk}/out/").status_code == 404

    def test_a_network_of_words_shows_no_button_and_says_so(self, client, conversation, priya):
        Source.objects.update(network="reddit")
        client.force_login(priya)
        page = client.get(f"/console/{conversation.pk}/").content.decode()
        assert "Reddit takes words only, no pictures." in page
        assert 'data-act="attach"' not in page
        assert self.put(client, conversation, photo()).status_code == 409


def test_a_draft_that_is_thrown_away_leaves_no_picture_behind(conversation, priya):
    draft = attach(conversation, priya)
    draft.delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM agents_replypicture")
        assert cursor.fetchone() == (0,)
