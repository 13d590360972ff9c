"""What filing a report costs, and that request and draft change together or not at all."""

from collections.abc import Collection

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helpdesk.forms.domain.drafts import mark_sent
from helpdesk.forms.models import Draft
from helpdesk.tickets.models import Attachment, Category, Ticket
from tests.factories.house import House, make_house
from tests.helpdesk.portal.report.walking import Walk, calm, make_lamp, photo, walk_to_check

pytestmark = pytest.mark.django_db
MAIL = {"way": "mail", "email": "aylin@example.org", "name": "Aylin Yıldız"}
# Savepoints inside the transaction of the test are among them, and the lock of the draft.
MOST_STATEMENTS = 36


class PowerCutError(Exception):
    """Stands for a process that ends between two statements."""


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def lamp(house: House) -> Category:
    return make_lamp(house)


def send(walk: Walk) -> int:
    """Press the last button and return how many statements that took."""
    with CaptureQueriesContext(connection) as sent:
        walk.client.post("/melden/pruefen/", {"proof": proof(walk), "homepage": ""})
    return len(sent)


def proof(walk: Walk) -> str:
    """Return the proof on the page that is open."""
    return str(walk.page.context["proof"])


def test_filing_takes_few_statements_however_many_photos_there_are(lamp: Category) -> None:
    one = walk_to_check(lamp, MAIL, upload=photo())
    three = walk_to_check(lamp, MAIL, upload=[photo(f"{name}.jpg") for name in "abc"])
    calm()

    spent_on_one, spent_on_three = send(one), send(three)

    assert Attachment.objects.count() == 4
    assert spent_on_one <= MOST_STATEMENTS
    assert spent_on_three <= spent_on_one


def test_a_draft_is_sent_with_its_request_or_neither(
    lamp: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = walk_to_check(lamp, MAIL, upload=photo())
    calm()

    def cut(*, draft_id: int, file_ids: Collection[int]) -> None:
        mark_sent(draft_id=draft_id, file_ids=file_ids)
        raise PowerCutError

    monkeypatch.setattr("helpdesk.portal.report.filing.mark_sent", cut)
    with pytest.raises(PowerCutError):
        send(walk)
    left = (Ticket.objects.count(), Draft.objects.get().sent_at)
    monkeypatch.undo()

    send(walk)

    assert left == (0, None)
    assert Draft.objects.get().sent_at is not None
    assert Ticket.objects.get().articles.get().attachments.count() == 1
