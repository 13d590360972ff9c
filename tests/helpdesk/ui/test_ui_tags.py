"""The component tags: what they show, and what they hide from whom."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import time_machine
from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, QueryDict
from django.template import Context, Template
from django.utils import translation

from helpdesk.ui.templatetags import ui
from helpdesk.ui.words import SCRIPT_WORDS, STATUSES, WRITING_WORDS

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # a Friday; 10:00 in Berlin


@dataclass(frozen=True)
class Person:
    pk: int
    name: str


@dataclass(frozen=True)
class Clock:
    level: str
    label: str


class ReportForm(forms.Form):
    what = forms.CharField(label="Subject", help_text="A few <b>words</b>")
    name = forms.CharField(label="Name", required=False)
    reach = forms.ChoiceField(
        label="Reach", widget=forms.RadioSelect, choices=[("m", "Mail"), ("p", "Phone")]
    )
    agree = forms.BooleanField(label="Agreed")


@pytest.fixture(autouse=True)
def _english() -> None:
    translation.activate("en")


def show(template: str, **context: object) -> str:
    return Template("{% load ui %}" + template).render(Context(context))


def test_icon_is_hidden_from_assistive_technology_without_a_label() -> None:
    html = ui.icon("clock")

    assert 'aria-hidden="true"' in html
    assert "#clock" in html


def test_icon_with_a_label_is_read_and_escaped() -> None:
    html = ui.icon("clock", 'Due "soon"')

    assert 'role="img" aria-label="Due &quot;soon&quot;"' in html


@pytest.mark.parametrize("status", sorted(STATUSES))
def test_status_badge_always_has_a_glyph_and_a_word(status: str) -> None:
    html = ui.status_badge(status)

    glyph, word, _whole = STATUSES[status]
    assert f"st-{status}" in html
    assert f"#{glyph}" in html
    assert f"</svg>{word}</span>" in html


def test_status_badge_long_tells_what_is_waited_for() -> None:
    assert "Waiting for a third party</span>" in ui.status_badge("waiting_third", long=True)


def test_status_badge_shows_an_unknown_status_as_it_is() -> None:
    assert "</svg>parked</span>" in ui.status_badge("parked")


def test_avatar_has_initials_name_and_a_colour_that_stays() -> None:
    first = ui.avatar(Person(pk=9, name="Max von Krüger"))
    again = ui.avatar(Person(pk=9, name="Max von Krüger"))

    assert first == again
    assert 'class="avatar av-2" role="img" title="Max von Krüger"' in first
    assert ">MK</span>" in first


def test_avatar_of_nobody_is_a_dash_that_says_so() -> None:
    html = ui.avatar(None)

    assert 'title="nobody"' in html
    assert f">{ui.DASH}</span>" in html


def test_avatar_decorative_is_not_read() -> None:
    assert 'aria-hidden="true"' in ui.avatar(Person(pk=1, name="Jana"), decorative=True)


@pytest.mark.parametrize(
    "name,initials",
    [("Jana", "J"), ("Яна Щука", "ЯЩ"), ("", "?"), ("(Amt) Meyer", "M"), ("  ", "?")],
)
def test_initials_of_takes_first_and_last_word(name: str, initials: str) -> None:
    assert ui.initials_of(name) == initials


@pytest.mark.parametrize("level", ["calm", "soon", "urgent"])
def test_due_badge_shows_the_level_with_a_clock(level: str) -> None:
    html = ui.due_badge(Clock(level, "0:38"))

    assert f"due due-{level}" in html
    assert "#clock" in html
    assert "0:38</span>" in html


def test_due_badge_paused_has_a_word_and_no_clock() -> None:
    html = ui.due_badge(Clock("paused", "paused"))

    assert html == '<span class="due due-paused">paused</span>'


def test_due_badge_without_deadline_is_a_dash() -> None:
    assert (
        ui.due_badge(None)
        == ui.due_badge(Clock("none", ""))
        == f'<span class="due">{ui.DASH}</span>'
    )


@pytest.mark.parametrize(
    "moment,short,long",
    [
        (datetime(2026, 11, 20, 8, 41, tzinfo=UTC), "09:41", "today 09:41"),
        (datetime(2026, 11, 19, 8, 41, tzinfo=UTC), "yesterday", "Thu 19 Nov, 09:41"),
        (datetime(2026, 11, 16, 8, 41, tzinfo=UTC), "Mon", "Mon 16 Nov, 09:41"),
        (datetime(2026, 11, 13, 8, 41, tzinfo=UTC), "13 Nov", "Fri 13 Nov, 09:41"),
        (datetime(2025, 11, 13, 8, 41, tzinfo=UTC), "Nov 2025", "Thu 13 Nov 2025, 09:41"),
        (datetime(2026, 11, 25, 8, 41, tzinfo=UTC), "25 Nov", "Wed 25 Nov, 09:41"),
    ],
)
def test_relative_time_is_as_brief_as_is_clear(moment: datetime, short: str, long: str) -> None:
    with time_machine.travel(NOW, tick=False):
        brief, whole = ui.relative_time(moment), ui.relative_time(moment, long=True)

    assert f">{short}</time>" in brief
    assert f">{long}</time>" in whole
    assert 'title="' in brief


def test_relative_time_of_nothing_is_nothing() -> None:
    assert ui.relative_time(None) == ""


def test_kbd_is_left_to_the_eyes() -> None:
    assert ui.kbd("j", "k") == '<kbd aria-hidden="true">j</kbd><kbd aria-hidden="true">k</kbd>'


def test_field_wires_label_hint_and_error_and_keeps_the_value() -> None:
    form = ReportForm({"what": "", "name": "Aylin"})

    wrong, right = ui.field(form["what"]), ui.field(form["name"])

    assert '<label for="id_what">Subject</label>' in wrong
    assert 'id="id_what_helptext">A few &lt;b&gt;words&lt;/b&gt;</p>' in wrong
    assert 'id="id_what_error"' in wrong
    assert 'aria-describedby="id_what_helptext id_what_error"' in wrong
    assert 'aria-invalid="true"' in wrong
    assert 'class="field has-error"' in wrong
    assert 'value="Aylin"' in right
    assert f"{ui.DASH} optional" in right


def test_field_with_choices_is_a_described_fieldset() -> None:
    html = ui.field(ReportForm({})["reach"])

    assert html.startswith('<fieldset class="field has-error" aria-describedby="id_reach_error">')
    assert "<legend>Reach</legend>" in html
    assert html.count('<label class="choice">') == 2


def test_field_with_one_box_has_its_label_after_the_box() -> None:
    assert "<span>Agreed</span></label>" in ui.field(ReportForm()["agree"])


def test_field_of_a_page_with_one_question_is_its_heading() -> None:
    html = ui.field(ReportForm()["what"], page=True)

    assert '<h1 class="label-page" tabindex="-1" autofocus><label for="id_what">Subject' in html


def test_error_summary_links_each_error_to_its_control() -> None:
    html = ui.error_summary(ReportForm({}))

    assert 'role="alert"' in html
    assert '<a href="#id_what">Subject: This field is required.</a>' in html
    assert '<a href="#id_reach_0">Reach: This field is required.</a>' in html
    assert html.count("<li>") == 3


def test_error_summary_is_empty_without_errors() -> None:
    assert ui.error_summary(ReportForm()) == ""


def test_paging_keeps_the_filters_of_the_address() -> None:
    request = HttpRequest()
    request.GET = QueryDict("status=open&page=2")
    page = Paginator(range(9), 3).page(2)

    html = show("{% paging page %}", request=request, page=page)

    assert 'href="?status=open&amp;page=1" rel="prev"' in html
    assert 'href="?status=open&amp;page=3" rel="next"' in html
    assert "Page 2 of 3" in html


def test_paging_of_one_page_is_nothing() -> None:
    request = HttpRequest()

    assert show("{% paging page %}", request=request, page=Paginator([1], 3).page(1)) == ""


def test_script_words_meta_hands_over_every_word_without_a_script() -> None:
    html = ui.script_words_meta()

    assert html.startswith('<meta name="words" content=\'{"')
    assert all(f'"{key}":' in html for key in SCRIPT_WORDS)
    assert all(f'"{key}":' in ui.script_words_meta("writing") for key in WRITING_WORDS)


def test_words_hold_nothing_that_ends_their_attribute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCRIPT_WORDS, "close", 'it\'s <b> & "so"')

    html = ui.script_words_meta()

    assert html.count("'") == 2
    assert '"close":"it&#x27;s &lt;b&gt; &amp; \\"so\\""' in html
