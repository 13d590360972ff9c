"""A citizen's mail that an agent passed on: who asks is for a person to say (mail.md 60)."""

from django.db import transaction

from helpdesk.agents.models import User
from helpdesk.citizens.domain.identify import take_in
from helpdesk.citizens.models import Citizen
from helpdesk.tickets import facts
from helpdesk.tickets.domain.identity import known_by_address
from helpdesk.tickets.domain.intake import FORWARDED_FROM
from helpdesk.tickets.domain.locking import lock_ticket
from helpdesk.tickets.models import Article, Participant, Ticket


def proposed_author(article: Article | None) -> str:
    """Return the address that a mail from staff names as the author of what it passes on."""
    found = (
        code.partition(":")[2]
        for code in (article.warnings if article else ())
        if code.startswith(f"{FORWARDED_FROM}:")
    )
    return next(found, "")


@transaction.atomic
def take_over_author(*, ticket_id: int, user: User) -> bool:
    """Make the author of the mail passed on the one who asks; answers go there from now on.

    The address is what the mail says, so it only leads to somebody whom the agent may know
    of; else it is somebody new (docs/adr/0030). False if nothing is proposed any more.
    Raises TicketNotThereError.
    """
    ticket = lock_ticket(ticket_id=ticket_id, user=user, verb="change_ticket")
    article = ticket.articles.order_by("id").first()
    email = proposed_author(article)
    if article is None or not email:
        return False
    citizen = known_by_address(user, email).first() or take_in(
        authority_id=ticket.authority_id, email=email, language=ticket.language
    )
    _hand_over(ticket, citizen, email)
    article.author_citizen, article.reply_address = citizen, email
    article.warnings = [
        code for code in article.warnings if not code.startswith(f"{FORWARDED_FROM}:")
    ]
    article.save(update_fields=["author_citizen", "reply_address", "warnings"])
    facts.record(
        ticket=ticket,
        kind=facts.REQUESTER_CHANGED,
        actor=facts.by_user(user),
        data={"to": citizen.pk},
    )
    return True


def _hand_over(ticket: Ticket, citizen: Citizen, email: str) -> None:
    ticket.participants.filter(role=Participant.Role.REQUESTER).delete()
    requester = {"role": Participant.Role.REQUESTER}
    ticket.participants.update_or_create(citizen=citizen, defaults=requester)
    ticket.citizen, ticket.citizen_name = citizen, (citizen.name or email)[:160]
    ticket.version += 1
    ticket.save(update_fields=["citizen", "citizen_name", "version"])
