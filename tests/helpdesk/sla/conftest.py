"""A town whose facts reach the clocks as they do in the product: in order, after each change."""

import pytest

from helpdesk.events.models import Event
from helpdesk.sla import handlers
from tests.factories.town import Town, make_town


@pytest.fixture
def town(db: None) -> Town:  # noqa: ARG001 - rows need the database
    return make_town()


class Follower:
    """Hands the facts that came up since the last call to the clocks."""

    def __init__(self) -> None:
        self.last = 0

    def __call__(self) -> None:
        for event in Event.objects.filter(id__gt=self.last).order_by("id"):
            handlers.handle(event=event)
            self.last = event.id


@pytest.fixture
def follow() -> Follower:
    return Follower()
