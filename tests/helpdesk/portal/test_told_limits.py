"""What is too long is told, and nothing of it is cut or lost."""

from datetime import timedelta

import pytest
from django.forms import Form
from django.test import Client
from django.utils import timezone

from helpdesk.forms.models import Draft
from helpdesk.portal.forms import LookupForm, RatingForm
from helpdesk.portal.knowledge_forms import ReasonForm
from helpdesk.portal.report.forms import ContactForm, PlaceForm
from helpdesk.tickets.models import Category
from tests.factories.house import House, make_house
from tests.helpdesk.portal.report.walking import Walk, make_topic

LONG = "Wort " * 1_000


@pytest.mark.parametrize(
    "form",
    [
        RatingForm(),
        ReasonForm(),
        PlaceForm(need="optional"),
        ContactForm(allows_anonymous=True),
        LookupForm(town="MU"),
    ],
    ids=lambda form: type(form).__name__,
)
def test_no_control_cuts_what_is_pasted(form: Form) -> None:
    assert "maxlength" not in form.as_p()


@pytest.mark.parametrize("kind, most", [(RatingForm, 2000), (ReasonForm, 1000)])
def test_a_text_that_is_too_long_is_refused_and_kept(kind: type[Form], most: int) -> None:
    form = kind({"solved": "yes", "reason": "", "text": LONG})

    assert form.errors["text"] == [f"Kürzen Sie das auf {most} Zeichen."]
    assert LONG.strip() in form.as_p()


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def topic(house: House) -> Category:
    return make_topic(house)


@pytest.mark.django_db
@pytest.mark.usefixtures("topic")
@pytest.mark.parametrize(
    "path, typed",
    [
        ("ort/", {"place": "Lindenstraße 14, hinter dem Baum"}),
        ("kontakt/", {"way": "mail", "email": "clara@example.org", "name": "Clara Citizen"}),
        ("", {"text": "Die Lampe vor Nummer 12 ist dunkel."}),
    ],
)
def test_a_step_sent_after_its_draft_was_forgotten_shows_what_was_typed(
    path: str, typed: dict[str, str]
) -> None:
    walk = Walk().open("/melden/").send({"text": "Eine Lampe ist dunkel."})
    Draft.objects.update(expires_at=timezone.now() - timedelta(minutes=1))

    page = walk.client.post(f"/melden/{path}", typed)

    html = page.content.decode()
    assert page.status_code == 422
    assert all(text in html for name, text in typed.items() if name != "way")


@pytest.mark.django_db
@pytest.mark.usefixtures("topic")
def test_a_step_without_any_draft_and_any_words_leads_to_the_beginning() -> None:
    page = Client().post("/melden/ort/", {"place": "  "})

    assert (page.status_code, page.headers["Location"]) == (302, "/melden/")
