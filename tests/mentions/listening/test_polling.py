"""Saved searches are asked of a network, what fits is stored once, and rivals' posts enter no queue.

Town Square is the network, behind a real server.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from mentions import events, hooks, intake, networks, rulebook, sandbox
from mentions.listening import noting, pacing, polling, searches
from mentions.listening.searches import NotSaved, Wanted
from mentions.models import Conversation, Gap, Heard, Mention, OwnPost, Reject, SavedSearch, Source
from mentions.sandbox import faults, square
from mentions.sources import sweep
from tests.factories import make_queue, make_source, post

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def town(live_server: Any) -> Iterator[Source]:
    make_queue()
    url = live_server.url.replace("127.0.0.1", "localhost")
    sandbox.configure(f"{url}/hooks/townsquare/square", "webhook-secret", "meridian", "bank-token")
    source = make_source(base_url=f"{url}/sandbox", handle="meridian")
    hooks.forget()
    rulebook.forget()
    yield source
    rulebook.forget()


def save(town: Source, query: str, kind: str = "rival", **fields: Any) -> SavedSearch:
    fields = {"name": query[:60], "voice": "Northquay Bank" if kind == "rival" else ""} | fields
    return searches.save(Wanted(query=query, kind=kind, accounts=frozenset({town.pk}), **fields), by=7)


def ask(search: SavedSearch) -> None:
    for source in search.sources.select_related("search", "via"):
        polling.poll(source, now=timezone.now())


def note() -> None:
    sealer = events.Sealer()
    while sealer.tick():
        pass
    while noting.note_new():
        pass


def heard() -> dict[str, list[str]]:
    return {row.search.name: row.words for row in Heard.objects.select_related("search")}


def kinds(like: str) -> list[tuple[str, int | None]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, actor_id FROM mentions_event WHERE kind LIKE %s ORDER BY id", [like])
        return list(cursor.fetchall())


def test_what_we_wrote_ourselves_about_a_rival_is_kept_as_ours_and_not_refused(town: Source) -> None:
    written = square.write("our_news", "NORTHQUAY may close branches, we do not")
    Source.objects.filter(pk=town.pk).update(account_id=f"ts:{written.author.key}")
    rulebook.forget()
    ask(save(town, "northquay"))
    assert OwnPost.objects.get().external_id == f"ts:{written.key}"
    assert not Mention.objects.exists()
    assert not Reject.objects.exists()


def test_a_rivals_posts_are_stored_counted_as_theirs_and_in_no_queue(town: Source) -> None:
    square.write("dana", "NORTHQUAY declined my card")
    square.write("kim", "northquays are birds")
    ask(save(town, "northquay decl*"))
    note()
    mention = Mention.objects.get()
    assert mention.source.rival == "Northquay Bank"
    assert not Conversation.objects.exists()
    assert heard() == {"northquay decl*": ["northquay", "declined"]}


def test_what_is_ours_enters_a_queue_of_the_account_if_the_search_says_so(town: Source) -> None:
    square.write("dana", "nobody at meridian answers")
    ask(save(town, "meridian", "ours", enters_queues=True))
    assert Conversation.objects.get().source == town
    square.write("kim", "meridian gives")
    ask(save(town, "gives", "product"))
    assert Conversation.objects.count() == 1


def test_the_cursor_goes_on_where_it_was_and_a_post_is_stored_once(town: Source) -> None:
    search = save(town, "northquay OR northquey")
    square.write("dana", "northquay one")
    ask(search)
    square.write("dana", "northquey two")
    ask(search)
    ask(search)
    assert Mention.objects.count() == 2
    assert set(search.sources.get().cursor) == {'"northquay"', '"northquey"'}


def test_found_by_two_searches_it_remembers_both_and_addressed_to_us_it_enters_a_queue(town: Source) -> None:
    written = square.write("dana", "@meridian is as bad as northquay")
    rival = save(town, "northquay")
    ask(rival)
    save(town, "meridian", "ours")
    note()
    assert set(heard()) == {"northquay", "meridian"}
    assert not Conversation.objects.exists()

    said = post("@meridian is as bad as northquay", external_id=f"ts:{written.key}", author="ts:dana")
    assert intake.receive(town, [said]).count("accepted") == 1
    mention = Mention.objects.get()
    assert mention.source == town
    assert mention.conversation == Conversation.objects.get()
    assert mention.conversation.stretches.count() == 1
    ask(rival)
    assert intake.receive(town, [said]).count("duplicate") == 1
    assert Mention.objects.count() == 1


def test_an_edit_is_compared_again_and_a_deletion_takes_the_words(town: Source) -> None:
    save(town, "northquay")
    said = post("northquay is down", external_id="ts:1")
    intake.receive(town, [said])
    note()
    assert heard() == {"northquay": ["northquay"]}
    change = {"network": "townsquare", "external_id": "ts:1", "op": "edit", "text": "all is well"}
    intake.receive(town, [change | {"edited_at": timezone.now().isoformat()}])
    note()
    assert heard() == {}
    intake.receive(town, [post("northquay again", external_id="ts:2")])
    note()
    intake.receive(town, [{"network": "townsquare", "external_id": "ts:2", "op": "delete"}])
    assert heard() == {}


def test_a_search_that_cannot_be_asked_is_blind_from_when_it_last_saw_until_it_was_filled(town: Source) -> None:
    search = save(town, "northquay")
    ask(search)
    seen = search.sources.get().last_ok_at
    faults.set_faults(failing=100)
    ask(search)
    source = search.sources.get()
    assert source.blind_since == seen
    assert Gap.objects.get(source=source).ended_at is None
    assert not Gap.objects.filter(source=town).exists()
    faults.set_faults()
    square.write("dana", "northquay meanwhile")
    Source.objects.filter(pk=town.pk).update(failures=0, circuit_until=None)
    ask(search)
    gap = Gap.objects.get(source=source)
    assert (gap.state, gap.found) == ("filled", 1)


def test_what_came_while_it_was_blind_is_all_here_before_its_gap_is_filled(
    town: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a page: the first one fills nothing, however soon the next may be asked for."""
    monkeypatch.setattr("mentions.sandbox.api.PAGE", 3)
    monkeypatch.setattr("mentions.sandbox.square._OVERLAP", 0)
    square.write("dana", "northquay before")
    search = save(town, "northquay")
    ask(search)
    faults.set_faults(failing=100)
    ask(search)
    faults.set_faults()
    for number in range(4):
        square.write("dana", f"northquay {number}")
    Source.objects.filter(pk=town.pk).update(failures=0, circuit_until=None)
    ask(search)
    gap = Gap.objects.get()
    assert (gap.state, gap.found) == ("filling", 3)
    ask(search)
    gap.refresh_from_db()
    assert (gap.state, gap.found) == ("filled", 4)


def test_the_accounts_budget_is_respected(town: Source) -> None:
    Source.objects.filter(pk=town.pk).update(settings={"rate": {"calls": 4, "per_s": 3600}})
    search = save(town, "northquay")
    for _ in range(5):
        ask(search)
    source = search.sources.get()
    assert source.next_poll_at > timezone.now() + timedelta(minutes=10)
    assert town.usage.get().calls == 3


def test_copies_of_what_a_search_heard_are_looked_up_again(town: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    written = square.write("dana", "northquay")
    ask(save(town, "northquay"))
    from mentions.networks.townsquare import TownSquare

    monkeypatch.setattr(TownSquare, "recheck_every", timedelta(hours=24))
    square.delete(written)
    sweep.sweep_due()
    assert Mention.objects.get().deleted_at is not None


def test_each_save_is_an_event_with_its_person_and_a_version(town: Source) -> None:
    search = save(town, "northquay")
    again = searches.save(
        Wanted("Northquay", "northquay bank", "rival", "Northquay Bank", accounts=frozenset()), by=8, search=search
    )
    assert again.version == 2
    assert kinds("search.%") == [("search.made", 7), ("search.changed", 8)]
    assert not search.sources.get().active
    assert polling.poll_due() == 0


def test_a_topic_of_the_industry_is_no_rivals_name(town: Source) -> None:
    save(town, '"overdraft fee"', "industry", name="Overdraft fees")
    rulebook.forget()
    assert rulebook.current().brand.rivals == ()
    assert Source.objects.get(search__isnull=False).rival == "Overdraft fees"


def test_what_makes_no_sense_is_refused(town: Source) -> None:
    with pytest.raises(NotSaved):
        save(town, "northquay", voice="")
    save(town, "northquay")
    with pytest.raises(NotSaved):
        save(town, "northquay")


def test_searches_share_the_allowance_that_their_network_keeps_for_them(town: Source) -> None:
    channel = make_source(network="youtube", slug="channel", base_url="https://youtube.example")
    assert pacing.apart(town) == timedelta(0)
    for name in ("Meridian", "Northquay"):
        wanted = Wanted(query=name, name=name, kind="rival", voice=name, accounts=frozenset({channel.pk}))
        searches.save(wanted, by=7)
    rate = networks.get("youtube").search_rate
    assert rate is not None
    turn = pacing.apart(channel)
    assert 2 * (timedelta(days=1) / turn) <= rate.calls
    assert pacing.apart(channel, more=1) > turn
