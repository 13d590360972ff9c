"""A text module in the language of the request, with its placeholders filled."""

from collections.abc import Mapping

from helpdesk.agents.models import Language
from helpdesk.textmodules.models import TextModule
from helpdesk.textmodules.placeholders import Filled, substitute

# What the preview shows: a request that nobody made.
SAMPLE: Mapping[str, str] = {
    "buerger.anrede": "Guten Tag Petra Lindner",
    "buerger.name": "Petra Lindner",
    "anliegen.nummer": "2026-004711",
    "anliegen.kennung": "MU-7K4P-2Q",
    "anliegen.betreff": "Schlagloch in der Lindenstraße",
    "anliegen.eingang": "18.11.2026",
    "anliegen.link": "https://anliegen.example/s/…",
    "mitarbeiter.name": "Jana Petersen",
    "mitarbeiter.telefon": "0123 456-78",
    "team.name": "Bürgerbüro",
    "behoerde.name": "Stadt Musterstadt",
    "behoerde.telefon": "0123 456-0",
    "behoerde.anschrift": "Marktplatz 1, 12345 Musterstadt",
    "heute": "20.11.2026",
}


def language_of(module: TextModule, wanted: str) -> str:
    """Return the language in which a module can be had: the wanted one, else German, else any."""
    written = [text.language for text in module.texts.all() if text.body]
    wanted = wanted[:2].lower()
    return next((each for each in (wanted, Language.GERMAN) if each in written), "") or next(
        iter(written), ""
    )


def choose_body(module: TextModule, language: str) -> str:
    """Return the wording in ``language``, else in German, else in any; "" if there is none."""
    chosen = language_of(module, language)
    return next((text.body for text in module.texts.all() if text.language == chosen), "")


def render_module(module: TextModule, *, language: str, values: Mapping[str, str]) -> Filled:
    """Return what is inserted into an answer; see :func:`placeholders.substitute`."""
    return substitute(choose_body(module, language), values)
