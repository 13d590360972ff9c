"""The letter paper of mails: whose colours, how readable, and what it never loads."""

import re
from types import SimpleNamespace

import pytest

from helpdesk.agents.models import Authority
from helpdesk.lib.contrast import ratio
from helpdesk.outbox.frame import DARK_PAPER, LIGHT_PAPER, framed
from helpdesk.outbox.models import OutgoingMessage
from tests.helpdesk.outbox.making import make_sender, queue

pytestmark = pytest.mark.django_db
RULE = re.compile(r"\.words a\s*\{\s*color:\s*(#[0-9a-f]{6})")


def page_of(html: str = "<p>Guten Tag</p>", **values: object) -> str:
    sender = make_sender()
    Authority.objects.filter(pk=sender.authority_id).update(**values)
    sender.refresh_from_db()
    return framed(OutgoingMessage.objects.get(pk=queue(sender, html=html, language="de").pk))


def test_a_text_alone_has_no_page() -> None:
    assert framed(queue(make_sender(), html="")) == ""


def test_the_page_names_authority_language_and_subject() -> None:
    page = page_of()

    assert '<html lang="de" dir="ltr">' in page
    assert "<title>Re: Sperrmüll 1 [AN#2026-1]</title>" in page
    assert "Stadt Musterstadt" in page
    assert "<p>Guten Tag</p>" in page


def test_names_and_subjects_are_no_markup() -> None:
    sender = make_sender()
    sender.authority.name = "<img src=x onerror=alert(1)>"
    message = queue(sender, html="<p>x</p>", subject="</title><script>alert(1)</script>")

    page = framed(message)

    assert "<script" not in page
    assert "<img" not in page


@pytest.mark.parametrize("colour", ["#ffff00", "#000000", "#ffffff", "#1d44ac", "no colour"])
def test_colours_are_the_authoritys_as_far_as_they_can_be_read(colour: str) -> None:
    page = page_of(color_light=colour, color_dark=colour)

    light, dark = (found.lower() for found in RULE.findall(page))
    assert ratio(light, LIGHT_PAPER) >= 4.5
    assert ratio(dark, DARK_PAPER) >= 4.5


def test_the_page_follows_the_readers_wish_for_dark() -> None:
    page = page_of()

    assert '<meta name="color-scheme" content="light dark">' in page
    assert "prefers-color-scheme: dark" in page.replace("scheme:dark", "scheme: dark")


def test_the_page_loads_nothing_from_anywhere() -> None:
    page = page_of()

    assert not re.search(r"(?:src|href|url)\s*[=(]", page)
    assert "@import" not in page


def test_tables_that_only_place_things_say_so() -> None:
    page = page_of()

    assert page.count("<table") == page.count('role="presentation"')


def test_the_page_needs_no_row_but_sender_and_authority() -> None:
    authority = SimpleNamespace(
        name="Stadt", short_name="S", language="en", color_light="#1d44ac", color_dark="#b3c3f5"
    )
    message = SimpleNamespace(
        html="<p>x</p>", language="", subject="s", sender=SimpleNamespace(authority=authority)
    )

    assert '<html lang="en" dir="ltr">' in framed(message)  # type: ignore[arg-type] # has what it reads
