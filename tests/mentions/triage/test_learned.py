"""Topics can be learned from a few examples, the same way each time."""

import pytest

from mentions.triage.learned import train

EXAMPLES = [
    ("card_declined", "my card was declined at the store"),
    ("card_declined", "they refused my card at the till"),
    ("card_declined", "payment with the card did not work"),
    ("opening_hours", "when do you open on Saturday"),
    ("opening_hours", "what time does the branch close"),
    ("opening_hours", "are you closed on holidays"),
    ("lost_card", "I lost my card on the bus"),
    ("lost_card", "someone stole my wallet with the card"),
    ("lost_card", "card gone, please block it"),
]
QUESTIONS = [
    ("card_declined", "why was my card refused"),
    ("opening_hours", "is the branch open on sunday"),
    ("lost_card", "I think I lost my wallet"),
]


@pytest.mark.parametrize(("label", "text"), QUESTIONS)
def test_learns_from_a_few_examples(label: str, text: str) -> None:
    (prediction,) = train(EXAMPLES).predict([text])
    assert prediction.label == label
    assert 1 / 3 < prediction.score <= 1
    assert prediction.reason.startswith("learned from")


def test_names_the_words_that_decided() -> None:
    (prediction,) = train(EXAMPLES).predict(["open on Saturday"])
    assert "'saturday'" in prediction.reason


def test_the_name_of_a_topic_is_an_example() -> None:
    model = train([("fees", "charged five dollars"), ("mortgage_rates", "buying a home")])
    assert model.predict(["what are your mortgage rates"])[0].label == "mortgage_rates"


def test_training_twice_gives_the_same() -> None:
    texts = [text for _, text in QUESTIONS]
    assert train(EXAMPLES).predict(texts) == train(EXAMPLES).predict(texts)


def test_words_never_seen_do_not_break_it() -> None:
    assert train(EXAMPLES).predict(["", "ккк 日本"])[0].label


def test_one_topic_is_nothing_to_choose_from() -> None:
    with pytest.raises(ValueError, match="two topics"):
        train([("only", "one")])
