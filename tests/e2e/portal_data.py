"""What is known nearby and who follows it; pages in plain language and sign language."""

from typing import Any

from django.utils import timezone

from helpdesk.forms.domain.drafts import start_draft
from helpdesk.notifications.following import confirm_follower, follow_token, tell_followers
from helpdesk.notifications.models import Follower
from helpdesk.pages.domain.variants import VariantDetails, write_variant
from helpdesk.pages.enums import Page
from helpdesk.portal.report.nearby import keep_answer, known_to
from helpdesk.portal.report.state import Report
from tests.factories.house import House, make_ticket
from tests.helpdesk.portal.report.walking import make_topic


def make_nearby(house: House) -> dict[str, Any]:
    """Return the key of a report of what is known nearby, and links of who follows that."""
    topic = make_topic(house, "Laternen", shows_nearby=True)
    known = make_ticket(
        house,
        subject="Laterne dunkel",
        place="Lindenstraße 3",
        category_id=topic.pk,
        received_at=timezone.now(),
        message_id="<nearby@example.org>",
    )
    values = {
        "text": "Die Laterne ist dunkel.",
        "topic": topic.pk,
        "place": {"place": "Lindenstr. 9"},
    }
    draft, key = start_draft(authority_id=house.authority.pk, values=values)
    report = Report(house.authority, draft)
    keep_answer(report, is_other=False)
    wish, new = (
        Follower.objects.create(
            ticket=known, email=f"{name}@example.org", language="de", nonce=name
        )
        for name in ("wish", "new")
    )
    confirm_follower(follower_id=new.pk)
    tell_followers(ticket_id=known.pk, text="Der Ersatz ist bestellt.", key="once", user=house.anna)
    return {
        "NEARBY": key,
        "nearby": next(iter(known_to(report))),
        "wish": follow_token(wish),
        "follower": follow_token(new),
        "followed": known.number,
    }


def make_variants(house: House) -> None:
    """Let pages have plain language and videos."""
    details = VariantDetails(
        simple="<h2>Hilfe</h2><p>Hier steht alles in Leichter Sprache.</p>",
        video_url="https://filme.example/dgs",
        video_length="2:30 Minuten",
        video_words_url="https://filme.example/worte",
    )
    for page in (Page.HELP, Page.HOME):
        write_variant(authority_id=house.authority.pk, page=page, details=details, user=None)
