"""The language is named where the text shows it, and left open where it does not."""

import pytest

from mentions.reasons import kept
from mentions.triage.language import LANGUAGES, UNDETERMINED, Guess, identify
from mentions.triage.reading import read

TEXTS = [
    ("en", "Can anyone tell me why my card does not work since the update?"),
    ("es", "Hola, llevo dos días sin poder entrar en mi cuenta"),
    ("fr", "Bonjour, je n'arrive plus à ouvrir l'application depuis hier"),
    ("de", "Warum dauert eine Überweisung bei euch immer drei Tage?"),
    ("pt", "Boa tarde, não consigo acessar a minha conta desde ontem"),
    ("it", "Buongiorno, da ieri non riesco ad aprire l'applicazione"),
    ("nl", "Waarom duurt het zo lang voordat mijn overschrijving aankomt?"),
    ("pl", "Dlaczego aplikacja nie działa od wczoraj wieczorem?"),
    ("tr", "Dünden beri uygulamaya giremiyorum, ne zaman düzelecek?"),
    ("ru", "Почему перевод идёт уже третий день?"),
    ("uk", "Чому переказ іде вже третій день?"),
    ("ar", "لماذا لا يعمل التطبيق منذ أمس؟"),
    ("he", "למה האפליקציה לא עובדת מאתמול?"),
    ("hi", "कल से ऐप क्यों नहीं खुल रहा है?"),
    ("zh", "为什么转账三天还没到账？"),
    ("ja", "昨日からアプリが開きません"),
    ("ko", "어제부터 앱이 열리지 않아요"),
    ("vi", "Tại sao từ hôm qua tôi không đăng nhập được vào ứng dụng?"),
    ("tl", "Bakit po hindi ko mabuksan ang app ninyo simula kahapon?"),
    ("id", "Kenapa aplikasinya tidak bisa dibuka sejak kemarin sore?"),
    ("th", "ทำไมแอปเปิดไม่ได้ตั้งแต่เมื่อวาน"),
    ("sv", "Varför fungerar inte appen sedan igår kväll?"),
    ("el", "Γιατί δεν ανοίγει η εφαρμογή από χθες;"),
    ("hu", "Miért nem működik az alkalmazás tegnap óta?"),
]


def guess(text: str, hint: str | None = None) -> Guess:
    (found,) = identify([read(text)], [hint])
    return found


@pytest.mark.parametrize(("language", "text"), TEXTS, ids=[language for language, _ in TEXTS])
def test_names_the_language(language: str, text: str) -> None:
    assert guess(text).value == language
    assert language in LANGUAGES


@pytest.mark.parametrize("text", ["", "😀👍", "123", "https://x.test/a", "@bank", "ok lol", "hmm"])
def test_leaves_open_what_cannot_be_told(text: str) -> None:
    assert guess(text).value == UNDETERMINED


def test_the_networks_word_decides_short_texts_and_not_clear_ones() -> None:
    assert guess("ok lol", "es-MX") == Guess("es", 0.6, kept("network_says"))
    assert guess("Can anyone tell me why my card does not work?", "es").value == "en"
    assert guess("ok lol", "xx").value == UNDETERMINED


def test_names_addresses_and_people_do_not_count() -> None:
    assert guess("@Sparkasse_Kunden https://www.bank.de/konto why is this not working for me").value == "en"


def test_chinese_characters_alone_may_be_japanese_if_the_network_says_so() -> None:
    assert guess("銀行口座開設", "ja").value == "ja"
    assert guess("銀行口座開設").value == "zh"
