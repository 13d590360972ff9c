"""Turns a form of one page into a request, once however often it is sent."""

from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_in.web.parse import Submission, to_inbound
from helpdesk.agents.models import Authority, Team
from helpdesk.lib.tokens import digest
from helpdesk.portal.report.filing import language_of
from helpdesk.portal.short.forms import AIDS, BarrierForm, CallbackForm
from helpdesk.tickets.domain.categories import topic_for
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, Purpose, Ticket

LONGEST_KEY = 80


@dataclass(frozen=True, slots=True)
class Filing:
    """What a form of one page says, as a request is made of it."""

    authority: Authority
    team: Team
    kind: str
    text: str
    key: str
    person: Person
    shown: tuple[tuple[str, str], ...] = ()
    subject: str = ""
    purpose: Purpose | None = None
    callback_phone: str = field(default="")

    @property
    def request_key(self) -> str:
        """Return what makes the same form with the same words one request."""
        words = "|".join((self.key, self.text, *(value for _label, value in self.shown)))
        return f"{self.kind}:{self.authority.pk}:{digest(words)}"[:LONGEST_KEY]


def filed(filing: Filing) -> Ticket | None:
    """Return the request that this form became already."""
    articles = Article.objects.select_related("ticket").filter(request_key=filing.request_key)
    article = articles.first() if filing.key else None
    return article.ticket if article else None


@transaction.atomic
def file_short(filing: Filing) -> Ticket:
    """File the form; the same once more returns the same request."""
    topic = (
        topic_for(authority_id=filing.authority.pk, purpose=filing.purpose)
        if filing.purpose
        else None
    )
    submission = Submission(
        authority_id=filing.authority.pk,
        team_id=filing.team.pk,
        text=filing.text,
        subject=filing.subject,
        received_at=timezone.now(),
        request_key=filing.request_key if filing.key else "",
        language=language_of(),
        person=filing.person,
        category_id=topic.pk if topic else None,
        shown=filing.shown,
        callback_phone=filing.callback_phone,
    )
    receipt = accept(to_inbound(submission))
    return Ticket.objects.get(pk=receipt.ticket_id)


def barrier_filing(authority: Authority, team: Team, form: BarrierForm) -> Filing:
    """Return a report of a barrier as it is filed."""
    given = form.cleaned_data
    reply_to = given["reply_to"]
    aid = str(dict(AIDS)[given["aid"]]) if given["aid"] else ""
    rows = ((_("Page"), given["page"]), (_("Used"), aid))
    is_mail = "@" in reply_to
    return Filing(
        authority=authority,
        team=team,
        kind="barrier",
        text=given["text"],
        key=given["key"],
        person=Person(email=reply_to if is_mail else "", phone="" if is_mail else reply_to),
        shown=tuple(row for row in rows if row[1]),
        purpose=Purpose.BARRIER,
    )


def callback_filing(authority: Authority, team: Team, form: CallbackForm) -> Filing:
    """Return the wish to be called as it is filed: with the number as a promise to call it."""
    given = form.cleaned_data
    when = form.when_in_words()
    return Filing(
        authority=authority,
        team=team,
        kind="callback",
        text=given["text"],
        key=given["key"],
        person=Person(name=given["name"], phone=given["phone"]),
        shown=((_("Call back"), f"{given['phone']}, {when}"),),
        callback_phone=given["phone"],
    )
