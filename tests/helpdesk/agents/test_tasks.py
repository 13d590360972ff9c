from datetime import timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from helpdesk.agents.domain.invite import mint_administrator_link
from helpdesk.agents.models import Authority, OneTimeLink
from helpdesk.agents.tasks import tidy


def test_tidy_deletes_old_links_and_expired_sessions_only(authority: Authority) -> None:
    assert authority.pk
    mint_administrator_link()
    OneTimeLink.objects.create(
        purpose=OneTimeLink.Purpose.INVITATION,
        digest="0" * 64,
        expires_at=timezone.now() - timedelta(days=31),
    )
    for seconds in (3600, -3600):
        session = SessionStore()
        session.set_expiry(timezone.now() + timedelta(seconds=seconds))
        session.create()

    gone = tidy()

    assert (gone, OneTimeLink.objects.count(), Session.objects.count()) == (1, 1, 1)
