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


def choose_body(module: TextModule, language: str) -> str:
    """Return the wording in ``language``, else in German, else in any; "" if there is none."""
    bodies = {text.language: text.body for text in module.texts.all() if text.body}
    wanted = language[:2].lower()
    return bodies.get(wanted) or bodies.get(Language.GERMAN) or next(iter(bodies.values()), "")


def render_module(module: TextModule, *, language: str, values: Mapping[str, str]) -> Filled:
    """Return what is inserted into an answer; see :func:`placeholders.substitute`."""
    return substitute(choose_body(module, language), values)
