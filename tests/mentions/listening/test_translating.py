"""What the networks are asked: never too little, whatever they cannot express."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentions.listening.matching import Subject, compiled
from mentions.listening.query import parse
from mentions.listening.translating import GRAMMARS, translate

NETWORKS = sorted(GRAMMARS)
WORDS = ["card", "declined", "app", "larkmere", "northquay", "river"]


def asked(query: str, network: str) -> tuple[str, ...]:
    return translate(parse(query), network).texts


def test_x_is_asked_for_everything_it_can_say() -> None:
    told = translate(parse('("card declined" OR #bankfail) -river lang:es from:dana'), "x")
    assert told.texts == ('("card declined" OR #bankfail) -river lang:es from:dana',)
    assert told.exact


def test_what_cannot_be_said_is_widened_and_told() -> None:
    told = translate(parse("card NEAR/3 declined"), "x")
    assert told.texts == ("card declined",)
    assert not told.exact
    assert "near" in told.why[0]


def test_a_network_without_alternatives_is_asked_more_than_once() -> None:
    assert asked("northquay OR northquey", "bluesky") == ("northquay", "northquey")
    assert asked("northquay OR northquey", "youtube") == ("northquay|northquey",)


def test_a_hashtag_by_itself_is_mastodons_own_timeline() -> None:
    assert asked("#LarkmereGives", "mastodon") == ("#LarkmereGives",)


def test_another_network_is_not_asked() -> None:
    told = translate(parse("card network:reddit"), "x")
    assert told.texts == ()
    assert told.exact


def test_what_would_ask_for_everything_is_not_asked() -> None:
    told = translate(parse("decl*"), "x")
    assert told.texts == ()
    assert not told.exact


def test_too_many_alternatives_become_fewer_wider_questions_or_none() -> None:
    many = " OR ".join(f"word{n}" for n in range(40))
    assert asked(f"bank ({many})", "bluesky") == ("bank",)
    assert asked(many, "bluesky") == ()
    assert len(asked(many, "x")) <= 5


def test_operators_in_quotation_marks_stay_words() -> None:
    assert asked('"OR" card', "x") == ('"OR" card',)


def as_ours(text: str) -> str:
    """A question to a network, in our own language; every network has the same operators under other names."""
    told = text.replace("|", " OR ").replace("author:", "from:").replace("language:", "lang:")
    return told.replace("mentions:", "@")


TERMS = ['"card declined"', "decl*", "#river", "@larkmere", "card NEAR/2 declined", "lang:es", "from:dana"]
terms = st.sampled_from([*WORDS, *TERMS, "network:x", "network:bluesky", '"app card"*'])
queries = st.recursive(
    terms,
    lambda inner: (
        st.tuples(inner, inner).map(lambda two: f"({two[0]} {two[1]})")
        | st.tuples(inner, inner).map(lambda two: f"({two[0]} OR {two[1]})")
        | inner.map(lambda one: f"NOT ({one})")
    ),
    max_leaves=8,
)
texts = st.lists(st.sampled_from([*WORDS, "#river", "@larkmere", "declining", "cards"]), max_size=8).map(" ".join)
subjects = st.builds(
    Subject,
    texts,
    handle=st.sampled_from(["dana", "kim"]),
    network=st.just(""),
    language=st.sampled_from(["es", "en"]),
)


def fits_there(question: str, subject: Subject, network: str) -> bool:
    """How such a network would decide; Town Square finds words within words."""
    if GRAMMARS[network].parts:
        wanted = [part.strip('"#@') for part in question.split() if not part.startswith("from:")]
        authors = [part.removeprefix("from:") for part in question.split() if part.startswith("from:")]
        phrases = question.replace('"', "").replace("#", "").replace("@", "")
        whole = phrases in subject.text or all(part in subject.text for part in wanted)
        return whole and all(author == subject.handle for author in authors)
    return compiled(as_ours(question)).match(subject) is not None


@pytest.mark.parametrize("network", NETWORKS)
@settings(max_examples=150, deadline=None)
@given(query=queries, posts=st.lists(subjects, max_size=12))
def test_asked_there_and_narrowed_here_is_the_same_as_matched_here(
    network: str, query: str, posts: list[Subject]
) -> None:
    query = f"larkmere ({query})"
    told = translate(parse(query), network)
    matcher = compiled(query)
    stored = [Subject(post.text, post.handle, network, post.language) for post in posts]
    direct = [post for post in stored if matcher.match(post) is not None]
    if not told.texts:
        assert told.exact, "a query with a word can always be asked"
        assert direct == []
        return
    assert all(len(text) <= GRAMMARS[network].longest for text in told.texts)
    heard = [post for post in stored if any(fits_there(text, post, network) for text in told.texts)]
    assert [post for post in heard if matcher.match(post) is not None] == direct
    if told.exact:
        assert heard == direct
