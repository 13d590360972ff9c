"""Folded templates show what plain ones show, with fewer pieces."""

import pytest
from django.template import Context, Engine, Template
from django.template.base import TextNode
from django.template.loader import get_template
from django.utils import translation

from helpdesk.ui import folding
from helpdesk.ui.folding import Loader, fold

CONSTANT = (
    "{% load i18n ui static %}<p>{% translate 'Save' %} {% icon 'clock' %} {% kbd 'j' %}"
    " {% url 'portal:home' %} {% static 'img/icons.svg' %}"
    " {% blocktranslate trimmed %}Skip to content{% endblocktranslate %}</p>"
)
CHANGING = (
    "{% load i18n ui %}{% for one in many %}{% translate 'Save' %} {{ one }}{% translate one %}"
    "{% endfor %}{% if many %}{% translate 'Close' %}{% else %}{% icon name %}{% endif %}"
    "{% blocktranslate %}Account of {{ name }}{% endblocktranslate %}"
    "{% translate 'Close' as close %}{{ close }}"
    "{% url 'desk:change' number 'status' %}{% url 'desk:attachment' 7 %}{% url 'desk:list' slug %}"
)


def compiled(source: str) -> Template:
    return Engine.get_default().from_string(source)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("source", [CONSTANT, CHANGING])
def test_a_folded_template_shows_the_same(source: str, language: str) -> None:
    context = {"many": ["<a>", "Save"], "name": "info", "number": "2026-000123", "slug": "all"}
    with translation.override(language):
        plain, folded = compiled(source), compiled(source)
        fold(folded)

        shown = [each.render(Context(context)) for each in (plain, folded)]

    assert shown[0] == shown[1]


def test_what_is_constant_becomes_one_text() -> None:
    template = compiled(CONSTANT)

    with translation.override("de"):
        fold(template)

    assert [type(node) for node in template.nodelist if type(node) is not TextNode] == [
        type(template.nodelist[0])
    ]
    assert "Speichern" in template.render(Context())


def test_a_template_is_kept_for_each_language() -> None:
    pages = {}
    for language in ("de", "en", "de"):
        with translation.override(language):
            pages[language] = get_template("errors/404.html").render()

    assert "Zum Inhalt springen" in pages["de"]
    assert "Skip to content" in pages["en"]


def test_nobody_is_given_a_template_that_is_just_being_folded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loader = Loader(Engine.get_default(), ["django.template.loaders.filesystem.Loader"])
    kept: list[int] = []
    monkeypatch.setattr(
        folding, "fold", lambda _template: kept.append(len(loader.get_template_cache))
    )

    first, again = (loader.get_template("errors/404.html") for _ in range(2))

    assert (kept, first is again) == ([0], True)


def test_an_unknown_address_is_left_to_those_who_ask_for_the_page() -> None:
    template = compiled("{% if never %}{% url 'not:there' %}{% endif %}")

    fold(template)

    assert template.render(Context()) == ""
