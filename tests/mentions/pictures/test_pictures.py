"""Strangers' pictures: what is drawn anew and what is refused, from where they are fetched, and that they go again."""

import zlib
from datetime import timedelta
from io import BytesIO
from struct import pack

import pytest
from django.utils import timezone
from PIL import Image

from mentions import http, intake, networks
from mentions.models import Author, Media, Mention, Picture, Source
from mentions.networks import Account
from mentions.pictures import NotAPicture, fetching, make
from tests.factories import make_queue, make_source, post

SECRET = b"taken at 35.2271 N, 80.8431 W"


def drawn(kind: str = "JPEG", size: tuple[int, int] = (40, 30), **options) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **options)
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of a few bytes that says it has 900 million pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data))

    head = pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


class TestMaking:
    def test_nothing_but_pixels_comes_out(self):
        exif = Image.Exif()
        exif[0x010E] = SECRET.decode()
        body = drawn(exif=exif, comment=SECRET) + b"<script>alert(1)</script>" + SECRET
        assert body.count(SECRET) == 3
        made = make(body)
        assert SECRET not in made.body
        assert b"script" not in made.body
        again = Image.open(BytesIO(made.body))
        assert (again.size, dict(again.getexif()), made.type) == ((40, 30), {}, "image/jpeg")

    def test_it_stands_upright_and_is_made_small(self):
        exif = Image.Exif()
        exif[0x0112] = 6
        assert (make(drawn(size=(2000, 500), exif=exif)).width, make(drawn(size=(2000, 500))).width) == (320, 1280)

    @pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
    def test_other_kinds_are_read(self, kind):
        assert make(drawn(kind)).width == 40

    @pytest.mark.parametrize(
        "body",
        [
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            b"<!doctype html><script>alert(1)</script>",
            b"\x89PNG\r\n\x1a\n<svg onload='alert(1)'/>",
            b"",
            drawn("BMP"),
            drawn("TIFF"),
            drawn()[:200],
            bomb(),
            drawn("PNG", size=(13_000, 2)),
        ],
        ids=["svg", "html", "svg behind a png's head", "nothing", "bmp", "tiff", "cut", "bomb", "a strip"],
    )
    def test_anything_else_is_refused(self, body):
        with pytest.raises(NotAPicture):
            make(body)


class TestHosts:
    def test_each_network_names_its_own(self):
        at = Account("https://social.example/api")
        assert networks.get("mastodon").pictures_from(at) == ("social.example", "*.social.example")
        assert networks.get("x").pictures_from(Account("https://api.x.com")) == ("pbs.twimg.com",)
        assert networks.get("feeds").pictures_from(at) == ()

    @pytest.mark.parametrize(
        ("url", "why"),
        [
            ("http://10.0.0.1/a.png", "none of the hosts"),
            ("http://localhost.evil.example/a.png", "none of the hosts"),
            ("http://localhost:1/a.png", "not on the public network"),
            ("file:///etc/passwd", "only http"),
        ],
    )
    def test_what_is_elsewhere_or_private_is_not_asked(self, url, why):
        source = make_unsaved(base_url="http://localhost/sandbox", local=False)
        with pytest.raises(NotAPicture, match=why):
            fetching.bring(url, source, 100)

    @pytest.mark.django_db(transaction=True)
    def test_a_redirect_does_not_lead_out(self, live_server):
        seen = []

        def hosts(host: str) -> bool:
            seen.append(host)
            return len(seen) == 1

        with pytest.raises(http.HttpFailure) as refused:
            http.request("GET", f"{live_server.url}/console/", local=True, redirects=2, hosts=hosts)
        assert refused.value.permanent
        assert len(seen) == 2


def make_unsaved(**fields) -> Source:
    return Source(network="townsquare", slug="s", name="S", **fields)


@pytest.mark.django_db(transaction=True)
class TestTheRoad:
    @pytest.fixture
    def town(self, live_server):
        make_queue()
        return make_source(base_url=f"{live_server.url}/sandbox")

    def hear(self, town, live_server, **fields) -> Mention:
        static = f"{live_server.url}/static/sandbox"
        author = {"id": "ts:9", "handle": "dana", "name": "Dana", "avatar_url": f"{static}/avatars/1.png"}
        media = [{"url": f"{static}/images/queue.png", "type": "image", "alt": "a queue"}]
        intake.receive(town, [post(author=author, **({"media": media} | fields))])
        return Mention.objects.latest("pk")

    def test_a_posts_picture_and_face_are_fetched_kept_and_go_with_the_post(self, town, live_server):
        mention = self.hear(town, live_server)
        assert Media.objects.get().state == "pending"
        assert fetching.fetch_due() == 2
        medium, author = Media.objects.get(), Author.objects.get()
        assert (medium.state, medium.picture.width, author.avatar.width) == ("kept", 960, 128)
        assert fetching.fetch_due() == 0
        intake.receive(town, [{"network": "townsquare", "external_id": mention.external_id, "op": "delete"}])
        assert not Media.objects.exists()
        assert not Picture.objects.exists()
        assert Author.objects.get().avatar_id is None

    def test_a_picture_that_two_posts_show_stays_until_both_are_gone(self, town, live_server):
        first, second = self.hear(town, live_server), self.hear(town, live_server)
        fetching.fetch_due()
        assert Picture.objects.count() == 2
        intake.receive(town, [{"network": "townsquare", "external_id": first.external_id, "op": "delete"}])
        assert Picture.objects.count() == 2
        intake.receive(town, [{"network": "townsquare", "external_id": second.external_id, "op": "delete"}])
        assert Picture.objects.count() == 0

    def test_what_is_refused_says_why_and_what_may_come_is_asked_again(self, town, live_server):
        static = f"{live_server.url}/static/sandbox"
        nowhere = f"{live_server.url}/nowhere/a.png"
        for url in (f"{static}/mark.svg", nowhere):
            self.hear(town, live_server, media=[{"url": url, "type": "image"}])
        self.hear(town, live_server, media=[{"url": "https://evil.example/a.png", "type": "image"}])
        self.hear(town, live_server, media=[{"url": f"{static}/a.mp4", "type": "video"}])
        fetching.fetch_due()
        said = dict(Media.objects.values_list("url", "reason"))
        assert set(Media.objects.values_list("state", flat=True)) == {"refused"}
        assert "not a picture" in said[f"{static}/mark.svg"]
        assert "404" in said[nowhere]
        assert "none of the hosts" in said["https://evil.example/a.png"]
        assert "still pictures" in said[f"{static}/a.mp4"]

    def test_a_network_that_does_not_answer_is_asked_again_a_few_times(self, town, live_server):
        self.hear(town, live_server, media=[{"url": "http://localhost:9/a.png", "type": "image"}])
        for _again in range(fetching.TRIES):
            assert Media.objects.get().state == "pending"
            Media.objects.update(next_at=timezone.now() - timedelta(minutes=1))
            fetching.fetch_due()
        assert Media.objects.get().state == "refused"
