"""The language of a mail is told from two sentences, and not told from less."""

import pytest

from channels_in.mail.language import detect

MAILS = {
    "de": "Guten Tag, die Straßenlampe vor meinem Haus ist kaputt. Bitte reparieren Sie sie.",
    "en": "Good morning, the street lamp in front of my house is broken. Please repair it.",
    "tr": "Merhaba, evimin önündeki sokak lambası bozuk. Lütfen tamir eder misiniz?",
    "uk": "Добрий день, перед моїм будинком не працює ліхтар. Будь ласка, полагодьте його.",
    "ru": "Здравствуйте, перед моим домом не работает фонарь. Почините его, пожалуйста.",
    "ar": "مرحبا، مصباح الشارع أمام منزلي معطل. أرجو إصلاحه في أقرب وقت.",
    "pl": "Dzień dobry, latarnia przed moim domem nie działa. Proszę o naprawę.",
    "fr": "Bonjour, le lampadaire devant ma maison est cassé. Merci de le réparer.",
    "it": "Buongiorno, il lampione davanti a casa mia è rotto. Per favore riparatelo.",
    "es": "Buenos días, la farola delante de mi casa está rota. Por favor, repárenla.",
    "ro": "Bună ziua, lampa din fața casei mele este stricată. Vă rog să o reparați.",
    "nl": "Goedendag, de straatlantaarn voor mijn huis is kapot. Kunt u die repareren?",
}


@pytest.mark.parametrize("language", MAILS)
def test_detect_tells_two_sentences(language: str) -> None:
    assert detect(MAILS[language]) == language


@pytest.mark.parametrize("text", ["", "Hallo", "ok danke", "12345", "https://x.example/ein/weg"])
def test_detect_says_none_when_unsure(text: str) -> None:
    assert detect(text) is None


def test_detect_leaves_quoted_lines_aside() -> None:
    quoted = "\n".join(f"> {line}" for line in [MAILS["de"]] * 5)

    assert detect(f"{MAILS['en']}\n\n{quoted}") == "en"
