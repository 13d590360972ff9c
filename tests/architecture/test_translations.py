"""The German catalogue is whole and keeps to our wording; English stands on its own."""

import re

from babel.messages.catalog import Message
from django.utils.translation import gettext, ngettext, override

from tools.catalogs import language_of, po_files, read
from tools.check_translations import check

# What our wording forbids: shouting, codes instead of advice, familiar speech, other people's
# words for our things.
FORBIDDEN = re.compile(
    r"!|Fehler \d|\b(du|dir|dich|dein\w*|euch|euer|eure\w*)\b|\bTickets?\b|\bUser\b|\bKunde"
)


def german() -> list[Message]:
    path = next(path for path in po_files() if language_of(path) == "de")
    return [message for message in read(path) if message.id]


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def test_every_text_of_the_product_has_its_german() -> None:
    found = check()

    assert found == []


def test_no_german_text_breaks_the_wording() -> None:
    found = [text for message in german() for text in forms(message) if FORBIDDEN.search(text)]

    assert found == []


def test_german_ends_and_begins_as_the_english_does() -> None:
    """A lost full stop or blank shows in a sentence that is put together."""

    def edges(text: str) -> tuple[bool, bool, bool, bool]:
        return text[:1].isspace(), text[-1:].isspace(), text.endswith(":"), text.endswith("…")

    found = [
        text
        for message in german()
        for text in forms(message)
        if edges(text) != edges(message.id if isinstance(message.id, str) else message.id[0])
    ]

    assert found == []


def test_gettext_takes_our_word_before_that_of_django() -> None:
    with override("de"):
        found = (gettext("Home"), gettext("Deadline"), ngettext("%(count)d topic", "", 2))

    assert found == ("Startseite", "Frist", "%(count)d Themen")


def test_gettext_gives_english_as_written_and_never_german() -> None:
    """English has no catalogue: it is what stands in the code."""
    with override("en"):
        found = [
            one
            for message in german()
            for one in [message.id if isinstance(message.id, str) else message.id[0]]
            if message.context is None and gettext(one) != one
        ]

    assert found == []
