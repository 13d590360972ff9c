"""The character NUL, which PostgreSQL stores in no text, reaches no view of ours."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from channels_in import outcome
from channels_in.models import RawMessage, SenderRule
from channels_in.reasons import Quarantine
from helpdesk.tickets.models import Article
from tests.channels_in.making import kept, mail, make_account
from tests.factories.house import House, make_administrator, make_house, make_ticket
from tests.helpdesk.desk.pages import signed_in, without_second_factor

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def house(settings: Settings, tmp_path: Path) -> House:
    settings.FILES_ROOT = tmp_path / "files"
    return without_second_factor(make_house())


def test_a_reason_with_nul_discards_a_mail_all_the_same(house: House) -> None:
    raw = kept(make_account(house), mail())
    outcome.put_aside(raw.pk, Quarantine.UNREADABLE, "broken")
    operator = signed_in(make_administrator(house.authority))

    operator.post(f"/a/betrieb/quarantine/{raw.pk}/discard/", {"reason": "Wer\0bung"})

    found = RawMessage.objects.get()
    assert (found.state, found.reason) == (RawMessage.State.DISCARDED, "Werbung")


def test_a_note_with_nul_is_kept_without_it(house: House) -> None:
    ticket = make_ticket(house)

    address = reverse("desk:note", args=[ticket.number])
    signed_in(house.anna).post(address, {"body": "Zurück\0rufen", "key": "k"})

    texts = Article.objects.order_by("id").values_list("text", flat=True)
    assert list(texts)[1:] == ["Zurückrufen"]


def test_a_form_with_nul_in_its_fields_saves_the_rest(house: House) -> None:
    admin = signed_in(make_administrator(house.authority))
    typed = {"pattern": "sp\0am.example", "verdict": "ban", "no\0te": "Wer\0bung"}

    response = admin.post(reverse("desk:settings_senders"), typed)

    assert response.status_code == 302
    assert [(rule.pattern, rule.note) for rule in SenderRule.objects.all()] == [
        ("spam.example", "Werbung")
    ]


@pytest.mark.parametrize(
    "path", ["/suche", "/suche/liste/", "/wissen/", "/a/suche/", "/a/betrieb/sendings/"]
)
def test_a_query_with_nul_is_asked_without_it(house: House, path: str) -> None:
    operator = signed_in(make_administrator(house.authority))

    response = operator.get(f"{path}?q=a%00b&%00=1&page=%00")

    assert response.status_code == 200


@pytest.mark.parametrize(
    "path", ["/%00", "/w/1-a%00b/", "/language/d%00e/", "/s/a%00b/", "/a/v/%00/"]
)
def test_a_path_with_nul_is_not_there(house: House, path: str) -> None:
    for client in (Client(), signed_in(house.anna)):
        assert client.get(path).status_code == 404
