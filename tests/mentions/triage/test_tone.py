"""Tone is called by its name where words show it, and unknown where nobody measured."""

import pytest

from mentions import telling
from mentions.triage import tone
from mentions.triage.reading import read

CASES = [
    ("en", "negative", "this is the worst app I have ever used"),
    ("en", "negative", "not happy with this at all"),
    ("en", "negative", "three weeks and still waiting"),
    ("en", "negative", "what a joke"),
    ("en", "positive", "absolutely love the new app"),
    ("en", "positive", "can't wait for the new branch to open"),
    ("en", "positive", "not bad at all, well done"),
    ("en", "positive", "sooooo happyyyy"),
    ("en", "positive", "thank you ❤️"),
    ("en", "neutral", "the branch is on Oak Street"),
    ("en", "neutral", "Watching the Grateful Dead on Saturday"),
    ("en", "neutral", "a branch like the one in Manila"),
    ("es", "negative", "pésimo servicio, qué vergüenza"),
    ("es", "positive", "muchas gracias, excelente atención"),
    ("fr", "negative", "une honte, service lamentable"),
    ("fr", "positive", "merci beaucoup, c'est parfait"),
    ("de", "negative", "unverschämt, so ein schlechter Service"),
    ("de", "positive", "vielen Dank, das war großartig"),
    ("pt", "negative", "péssimo atendimento, vergonha"),
    ("pt", "positive", "adorei, muito obrigada"),
    ("it", "negative", "servizio pessimo, vergogna"),
    ("it", "positive", "grazie mille, ottimo lavoro"),
    ("tl", "negative", "nakakainis, walang kwenta"),
    ("tl", "positive", "maraming salamat, ang galing"),
    ("zh", "negative", "太差了，骗子"),
    ("zh", "positive", "谢谢，很好用"),
    ("ja", "negative", "最悪です、許せない"),
    ("ja", "positive", "ありがとう、最高です"),
    ("ar", "negative", "خدمة سيئة ومشكلة كبيرة"),
    ("ar", "positive", "شكرا، خدمة رائعة وممتازة"),
    ("fr", "neutral", "l'agence est rue de Rivoli"),
    ("zh", "unknown", "支行在橡树街"),
    ("tl", "unknown", "nasa Oak Street ang bangko"),
    ("vi", "unknown", "tệ quá"),
    ("und", "unknown", "hmm"),
]


@pytest.mark.parametrize(("language", "expected", "text"), CASES, ids=[case[2][:30] for case in CASES])
def test_hears_the_tone(language: str, expected: str, text: str) -> None:
    assert tone.of(read(text), language).value == expected


def test_a_name_is_no_feeling() -> None:
    assert tone.of(read("we will hear Joy Division tonight"), "en").value == "neutral"


def test_shouting_and_exclaiming_weigh_more() -> None:
    calm = tone.of(read("this is bad"), "en").score
    assert tone.of(read("this is BAD"), "en").score < calm
    assert tone.of(read("this is bad!!!"), "en").score < calm


def test_what_a_post_is_about_leans_on_its_tone() -> None:
    reading = read("my card did not work at the store")
    assert tone.of(reading, "en").value == "neutral"
    leaning = tone.of(reading, "en", (-1.4, "card … not work"))
    assert (leaning.value, telling.why(leaning.reason)) == ("negative", "'card … not work'")


def test_scores_stay_between_minus_one_and_one() -> None:
    assert -1 <= tone.of(read("worst " * 500), "en").score < -0.9
