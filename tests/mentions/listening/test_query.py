"""The language of saved searches, and what stands against a query that cannot be understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentions.listening.query import And, BadQuery, From, Handle, Lang, Near, Not, On, Or, Tag, Words, parse


def word(text: str, *, begins: bool = False) -> Words:
    return Words((text,), text, begins)


def test_words_side_by_side_are_all_asked_for() -> None:
    assert parse("card declined") == And((word("card"), word("declined")))
    assert parse("card AND declined") == parse("card declined")


def test_and_binds_more_than_or_and_parentheses_most() -> None:
    assert parse("a b OR c") == Or((And((word("a"), word("b"))), word("c")))
    assert parse("a (b OR c)") == And((word("a"), Or((word("b"), word("c")))))


def test_a_minus_or_not_leaves_out() -> None:
    assert parse("bank -river") == parse("bank NOT river") == And((word("bank"), Not(word("river"))))
    assert parse('bank -"river bank"') == And((word("bank"), Not(Words(("river", "bank"), "river bank"))))
    assert parse("bank -(river OR food)") == And((word("bank"), Not(Or((word("river"), word("food"))))))


def test_a_word_within_a_word_keeps_its_hyphen() -> None:
    assert parse("e-mail") == Words(("e", "mail"), "e-mail")


def test_phrases_beginnings_handles_hashtags_and_fields() -> None:
    assert parse("“Card Declined”") == Words(("card", "declined"), "Card Declined")
    assert parse("decl*") == word("decl", begins=True)
    assert parse('"card decl"*') == Words(("card", "decl"), "card decl", True)
    assert parse("@Larkmere") == Handle("larkmere")
    assert parse("#AñoNuevo") == Tag("anonuevo", "AñoNuevo")
    assert parse("bank lang:es,en network:x from:@Dana") == And(
        (word("bank"), Lang(("es", "en")), On(("x",)), From(("dana",)))
    )


def test_near_stands_between_two_words_or_phrases() -> None:
    assert parse('card NEAR/3 "not working"') == Near(word("card"), Words(("not", "working"), "not working"), 3)
    assert parse("card NEAR declined") == Near(word("card"), word("declined"), 5)


def test_operators_are_capitals_so_that_or_is_a_word() -> None:
    assert parse("more or less") == And((word("more"), word("or"), word("less")))


@pytest.mark.parametrize(
    ("query", "place", "says"),
    [
        ("", "", "nothing to look for"),
        ("card OR", "R", "missing at the end"),
        ("OR card", "OR", "one of them is missing"),
        ("(card", "(", "not closed"),
        ("card)", ")", "closes nothing"),
        ("card () x", ")", "nothing before"),
        ('say "card', '"card', "no partner"),
        ("card - declined", "-", "directly before"),
        ("de*", "de*", "three letters"),
        ("de*clined", "de*clined", "at the end of a word"),
        ("card ...", "...", "no letter"),
        ("card NEAR/99 x", "NEAR/99", "50 words"),
        ("(a b) NEAR/2 x", ")", "two words or phrases"),
        ("card site:example", "site:example", "There is no"),
        ("card lang:spanish", "lang:spanish", "no language"),
        ("card from:", "from:", "follows the colon"),
        ("@", "@", "follows the @"),
        ("#", "#", "letters or digits"),
        ("lang:es -card", "lang:es -card", "Add a word"),
        ("card OR NOT x", "card OR NOT x", "Add a word"),
    ],
)
def test_an_error_points_at_its_place(query: str, place: str, says: str) -> None:
    with pytest.raises(BadQuery) as bad:
        parse(query)
    assert says in bad.value.reason
    assert query[bad.value.start : bad.value.end] == place


def test_what_goes_too_deep_or_too_far_is_refused() -> None:
    for query in ("(" * 500 + "a" + ")" * 500, "NOT " * 400 + "a", "a " * 900, "a" * 3000):
        with pytest.raises(BadQuery):
            parse(query)


@given(st.text(alphabet=' ab"“”()-*@#:/ORNTAEDé名\n', max_size=60) | st.text(max_size=40))
def test_any_text_is_a_query_or_a_refusal_with_a_place(query: str) -> None:
    try:
        parse(query)
        refused = None
    except BadQuery as bad:
        refused = bad
    assert refused is None or (refused.reason and 0 <= refused.start <= refused.end <= len(query))
