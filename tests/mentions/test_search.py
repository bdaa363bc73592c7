"""Finding words: fed behind the sealed events, so that intake does not pay for it."""

import pytest

from mentions import intake, rulebook, search
from mentions.events import Sealer
from mentions.models import Consumer, Mention, SearchEntry, Source
from tests.factories import make_queue, make_source, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(settings, tmp_path) -> Source:
    settings.ANCHOR_FILE = str(tmp_path / "anchor.json")
    rulebook.forget()
    make_queue()
    return make_source()


def take_in(source: Source, *texts: str, **fields: object) -> list[str]:
    """Store and index posts; their identifiers."""
    posts = [post(text, **fields) for text in texts]
    intake.receive(source, posts)
    index()
    return [each["external_id"] for each in posts]


def index() -> None:
    while Sealer().tick() or search.index_new():
        pass


def found(words: str, *, private: bool = False) -> set[str]:
    return set(search.matching(words, private=private).values_list("external_id", flat=True))


@pytest.mark.parametrize(
    ("words", "hit"),
    [
        ("card", True),
        ("CARD", True),
        ("declined card", True),
        ('"card was declined"', True),
        ('"declined card"', False),
        ("card -declined", False),
        ("card -loan", True),
        ("loan or card", True),
        ("loan", False),
        ("car", True),
        ("declined car", True),
        ("ard", False),
        ("@dana", True),
        ("dana", True),
        ("Okafor", True),
        ("réglé", True),
        ("regle", True),
    ],
)
def test_words_are_found_as_people_search(source, words, hit):
    author = {"id": "1", "handle": "dana", "name": "Dana Okafor"}
    (key,) = take_in(source, "@bank my card was declined, pas réglé", author=author)
    assert (key in found(words)) is hit


@pytest.mark.parametrize(
    ("text", "words", "hit"),
    [
        ("銀行のカードが使えません", "カード", True),
        ("銀行のカードが使えません", "カード 銀行", True),
        ("銀行のカードが使えません", "口座", False),
        ("บัตรของฉันถูกปฏิเสธ", "บัตร", True),
        ("卡被拒绝了", "拒绝", True),
        ("100%のカード", "100%の", True),
        ("100のカード", "100%の", False),
        ("100xカード", "100_カ", False),
    ],
)
def test_scripts_without_spaces_are_found_inside_a_sentence(source, text, words, hit):
    (key,) = take_in(source, text)
    assert (key in found(words)) is hit


def test_private_messages_are_found_only_by_who_may_read_them(source):
    (secret,) = take_in(source, "my secret question", visibility="private", kind="message")
    assert found("secret") == set()
    assert found("secret", private=True) == {secret}


def test_an_edited_post_is_found_by_what_it_says_now(source):
    (key,) = take_in(source, "my card was declined")
    edit = {"network": "townsquare", "external_id": key, "op": "edit", "text": "my loan was refused"}
    intake.receive(source, [edit | {"edited_at": "2026-11-21T10:15:00Z"}])
    index()
    assert found("card") == set()
    assert found("loan") == {key}


def test_a_deleted_post_is_found_no_more(source):
    (key,) = take_in(source, "my card was declined")
    intake.receive(source, [{"network": "townsquare", "external_id": key, "op": "delete"}])
    assert found("card") == set()
    index()
    assert found("card") == set()
    assert not SearchEntry.objects.exists()


def test_a_post_deleted_while_it_was_indexed_does_not_come_back(source):
    """The indexer read the text before the deletion and writes it after."""
    (key,) = take_in(source, "my card was declined")
    late = SearchEntry.objects.get()
    intake.receive(source, [{"network": "townsquare", "external_id": key, "op": "delete"}])
    SearchEntry.objects.create(mention_id=late.pk, visibility=late.visibility, words=late.words, text=late.text)
    index()
    assert not SearchEntry.objects.exists()


def test_a_number_over_two_messages_is_masked_here_as_well(source):
    author = {"id": "1", "handle": "dana"}
    first, second = (
        take_in(source, text, author=author)[0] for text in ("card starts 4111 1111", "and ends 1111 1111")
    )
    text = " ".join(SearchEntry.objects.order_by("pk").values_list("text", flat=True))
    assert "4111" not in text
    assert found("starts") == {first}
    assert found("ends") == {second}


def test_canaries_are_not_found(source):
    canary = make_source("canary", origin="canary")
    take_in(canary, "a canary flies")
    assert found("canary") == set()


def test_it_goes_on_where_it_stopped(source):
    take_in(source, *[f"post number{n}" for n in range(5)])
    before = Consumer.objects.get(name="search").position
    SearchEntry.objects.all().delete()
    assert search.index_new() is False
    assert not SearchEntry.objects.exists(), "what was indexed is not indexed again"
    take_in(source, "one more")
    assert SearchEntry.objects.count() == 1
    assert Consumer.objects.get(name="search").position > before


@pytest.mark.parametrize("words", ["", " ", "'", '"', '"" ""', "-", "!", "a & | b", ":*", "\\", "<->", "%", "(" * 500])
def test_nothing_that_can_be_typed_breaks_it(source, words):
    take_in(source, "my card was declined")
    assert found(words) <= set(Mention.objects.values_list("external_id", flat=True))
