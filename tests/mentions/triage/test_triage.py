"""A post is labelled as somebody who works for the bank would label it, and says why."""

import json
from pathlib import Path

import pytest

from mentions import reasons, telling
from mentions.triage import VERSION, Brand, Item, assess
from tests.catalogue import translated

BRAND = Brand(
    names=("larkmere",),
    hosts=frozenset({"larkmere.example"}),
    rivals=("northfield",),
    campaigns=("#larkmeregives",),
)

# text, language, tone, topic, urgency, actionable
POSTS = [
    (
        "@larkmere my card was declined at the store twice, please help!!",
        "en",
        "negative",
        "card-declined",
        "1",
        "true",
    ),
    ("Somebody is transferring money out of my savings RIGHT NOW", "en", "negative", "fraud", "3", "true"),
    ("@larkmere is the Oak Street branch open on Saturday?", "en", "neutral", "branch", "0", "true"),
    ("lost my wallet, how do I block my card", "en", "negative", "lost-card", "2", "true"),
    ("been on hold for an hour, nobody answers the phone", "en", "negative", "wait-time", "1", "true"),
    ("thank you so much, the support team was amazing", "en", "positive", "praise", "0", "false"),
    ("my rent is due today and your app is down", "en", "negative", "app-outage", "2", "true"),
    ("your app is down on payday. Great job.", "en", "negative", "app-outage", "1", "true"),
    ("got a text with a link, is this really you? looks fake", "en", "negative", "phishing", "2", "true"),
    ("I will be talking to my lawyer about this", "en", "negative", "legal", "2", "true"),
    ("no me llega la transferencia que hice ayer, ¿dónde está mi dinero?", "es", "neutral", "transfer", "1", "true"),
    ("me rechazaron la tarjeta otra vez, qué vergüenza de banco", "es", "negative", "card-declined", "1", "true"),
    ("Votre appli est en panne depuis ce matin, c'est inadmissible", "fr", "negative", "app-outage", "1", "true"),
    ("Danke für die schnelle Hilfe, super Kundenservice!", "de", "positive", "praise", "0", "false"),
    ("meu cartão foi recusado no mercado, que vergonha", "pt", "negative", "card-declined", "1", "true"),
    ("non riesco ad accedere con la password, cosa devo fare?", "it", "negative", "login", "1", "true"),
    ("wala pa po yung padala ko, 3 araw na, nasaan na po?", "tl", "unknown", "transfer", "1", "true"),
    ("我的卡被拒了，怎么回事", "zh", "negative", "card-declined", "1", "true"),
    ("アプリが開かないです。どうすればいいですか", "ja", "negative", "app-outage", "1", "true"),
    ("앱 오류 때문에 로그인이 안돼요", "ko", "negative", "app-outage", "1", "true"),
    ("Моя карта не работает, что делать?", "ru", "negative", "card-declined", "1", "true"),
    ("تطبيق البنك لا يعمل منذ الصباح", "ar", "negative", "app-outage", "1", "true"),
]

NOT_ACTIONABLE = [
    ("ok thanks!", {}, "no reply needed"),
    ("👍🏽", {}, "no reply needed"),
    ("Northfield raised its savings rate again", {}, "not us"),
    ("Larkmere announces record quarterly profit http://news.example/larkmere", {}, "news"),
    ("Quarterly results are out", {"network": "rss"}, "news"),
    ("best bank in town, love the new app ❤️", {}, "praise"),
    ("EARN $500 daily trading bitcoin, dm me https://bit.ly/x", {}, "spam"),
]

PHISHING = [
    "Your account will be suspended. Verify your card at http://larkmere-secure-login.example/verify",
    "Confirm your password now http://192.0.2.7/larkmere",
    "Your access expires today: http://xn--lrkmere-5wa.example/login confirm your PIN",
    "Official Larkmere Help Desk. Send us your username, password and the code you just received.",
    "Estimado cliente, su cuenta será suspendida. Confirme tarjeta y PIN en http://larkmere-clientes.example/acceso",
    "http://larkmere.example@evil.test/login verify your account",
]

NO_PHISHING = [
    "is http://larkmere-secure-login.example/verify yours? It asked for my card number",
    "log in at https://www.larkmere.example/login to verify your account",
    "got a text 'your account is suspended, verify your PIN at http://larkmere.test'. Fake?",
    "my mother was asked to send her PIN to a man on the phone",
    "I forgot my password and the app wants me to confirm my account",
    "nice read https://blog.example/larkmere-review",
]


@pytest.mark.parametrize(
    ("text", "language", "tone", "topic", "urgency", "actionable"), POSTS, ids=lambda v: str(v)[:30]
)
def test_posts_are_understood(text: str, language: str, tone: str, topic: str, urgency: str, actionable: str) -> None:
    (labels,) = assess([Item(text)], BRAND)
    assert labels.language.value == language
    assert labels.sentiment.value == tone
    assert topic in [label.value for label in labels.topics]
    assert labels.urgency.value == urgency
    assert labels.actionable.value == actionable


@pytest.mark.parametrize(("text", "more", "reason"), NOT_ACTIONABLE, ids=lambda v: str(v)[:30])
def test_what_needs_no_answer_says_why(text: str, more: dict[str, str], reason: str) -> None:
    (labels,) = assess([Item(text, **more)], BRAND)
    assert (labels.actionable.value, labels.actionable.reason) == ("false", reason)


@pytest.mark.parametrize("text", PHISHING, ids=lambda text: text[:40])
def test_posts_that_want_secrets_are_phishing(text: str) -> None:
    (labels,) = assess([Item(text)], BRAND)
    assert labels.phishing.value == "true"
    assert labels.spam.value == "true"
    assert labels.phishing.reason


@pytest.mark.parametrize("text", NO_PHISHING, ids=lambda text: text[:40])
def test_posts_that_report_it_or_link_home_are_not(text: str) -> None:
    (labels,) = assess([Item(text)], BRAND)
    assert labels.phishing.value == "false"
    assert labels.spam.value == "false"


def test_reasons_quote_the_post() -> None:
    (labels,) = assess([Item("My card was declined at the store")], BRAND)
    assert telling.why(labels.topics[0].reason) == "matched 'card … declined'"
    assert "'declined'" in telling.why(labels.sentiment.reason)
    assert telling.why(labels.urgency.reason) == "Card declined: 'card … declined'"
    assert labels.version == VERSION


def test_every_reason_is_told_in_the_language_of_who_reads(tmp_path: Path) -> None:
    texts = [*(text for text, *_ in (*POSTS, *NOT_ACTIONABLE)), *PHISHING, "", "#a " * 9]
    told = set()
    for labels in assess([Item(text, followers=70_000) for text in texts], BRAND):
        for label in (labels.language, labels.sentiment, *labels.topics, labels.urgency, labels.spam, labels.phishing):
            code = json.loads(label.reason)[0]
            assert telling.why(label.reason)[:2] not in ("", '["'), label
            told.add(code)
    assert len(told) > 12
    with translated(tmp_path, "de", {"nothing presses": "nichts eilt"}):
        assert telling.why(reasons.kept("nothing_presses")) == "nichts eilt"


def test_undecided_has_no_reason() -> None:
    (labels,) = assess([Item("Larkmere billboards everywhere")], BRAND)
    assert (labels.actionable.value, labels.actionable.reason) == ("undecided", "")


def test_a_picture_without_words_is_left_to_a_person() -> None:
    (labels,) = assess([Item("")], BRAND)
    assert labels.actionable.value == "undecided"
    assert labels.language.value == "und"


def test_private_messages_always_wait_for_an_answer() -> None:
    (labels,) = assess([Item("are you there", visibility="private")], BRAND)
    assert (labels.actionable.value, labels.urgency.value) == ("true", "1")


def test_reach_counts_followers_and_reposts_and_raises_urgency_of_complaints() -> None:
    quiet, loud = assess(
        [Item("worst bank ever, never again"), Item("worst bank ever, never again", followers=60_000, reposts=10)],
        BRAND,
    )
    assert (quiet.reach, loud.reach) == (0, 61_000)
    assert int(loud.urgency.value) > int(quiet.urgency.value)
    assert "61,000 people" in telling.why(loud.urgency.reason)


def test_campaigns_and_rivals_are_told_by_the_brand_alone() -> None:
    text = "Voted for the library #LarkmereGives"
    (with_brand,) = assess([Item(text)], BRAND)
    assert [label.value for label in with_brand.topics] == ["campaign"]
    (leaving,) = assess([Item("switching to Northfield, I'm so done with this bank")], BRAND)
    assert leaving.actionable.value == "true"


def test_labels_come_in_the_order_of_the_items_whatever_the_batch() -> None:
    texts = [post[0] for post in POSTS]
    together = assess([Item(text) for text in texts], BRAND)
    assert together == [assess([Item(text)], BRAND)[0] for text in texts]
    assert assess([], BRAND) == []


def test_odd_texts_are_labelled_too() -> None:
    odd = [
        "\ud800",
        "\x00",
        "?" * 5000,
        "😀" * 300,
        "a" * 100_000,
        "http://[",
        "@",
        "#",
        "İ",
        "1 2 3",
        "http://" + "a." * 99,
    ]
    assert len(assess([Item(text, lang="xx") for text in odd], BRAND)) == len(odd)
