"""Copies of one mail that came by several ways: to two mailboxes, by a list, by an alias.

Message-IDs alone prove nothing: some programs use one for all they send (mail.md 3). The same
mail has the same words of the same sender, what it quotes included, and the same files.
"""

from dataclasses import dataclass

from helpdesk.tickets.domain import intake_statements as sql
from helpdesk.tickets.inbound import Inbound
from helpdesk.tickets.models import Article, Attachment, Ticket


@dataclass(frozen=True, slots=True)
class Copies:
    """Articles that are this very mail, and tickets that a new one is to be linked to."""

    articles: tuple[int, ...] = ()
    linked: tuple[int, ...] = ()


def find_twin(ticket: Ticket, inbound: Inbound) -> Article | None:
    """Return the article that the same mail became on its way through another mailbox."""
    message_id = inbound.threading.message_id[:500]
    if not message_id:
        return None
    twins: list[Article] = sql.TWIN.all(
        ticket_id=ticket.pk,
        message_id=message_id,
        text=inbound.text,
        from_address=inbound.person.email[:320],
    )
    same = [each.pk for each in twins if each.full_text == kept_full_text(inbound)]
    with_files = _with_same_files(same, inbound)
    return next((each for each in twins if each.pk in with_files), None)


def kept_full_text(inbound: Inbound) -> str:
    """Return a mail with what it quotes, as an article keeps it: "" where it quotes nothing."""
    return inbound.full_text if inbound.full_text != inbound.text else ""


def find_copies(inbound: Inbound) -> Copies:
    """Return what copies of a mail became that came to other mailboxes of ours.

    Other words or files under a used Message-ID are another mail. Only the newest of the same
    sender in another team is linked all the same: a list may have written something below it.
    """
    message_id = inbound.threading.message_id
    if not message_id:
        return Copies()
    sender = inbound.person.email[:320]
    rows = [
        row
        for row in sql.SAME_ID.values(message_id=message_id, authority_id=inbound.authority_id)
        if row[-1] == sender
    ]
    words = (inbound.text, kept_full_text(inbound))
    same = {ticket: article for ticket, _team, article, *said, _ in rows if tuple(said) == words}
    with_files = _with_same_files(list(same.values()), inbound)
    if with_files:
        linked = (ticket for ticket, article in same.items() if article in with_files)
        return Copies(tuple(with_files), tuple(linked))
    others = [ticket for ticket, team, *_ in rows if team != inbound.team_id]
    return Copies(linked=tuple(others[:1]))


def _with_same_files(article_ids: list[int], inbound: Inbound) -> list[int]:
    """Return those articles whose files are the mail's, byte by byte."""
    if not article_ids:
        return []
    held: dict[int, list[int]] = {article_id: [] for article_id in article_ids}
    rows = Attachment.objects.filter(article_id__in=article_ids).order_by("file_id")
    for article_id, file_id in rows.values_list("article_id", "file_id"):
        held[article_id].append(file_id)
    these = sorted(file.file_id for file in inbound.files)
    return [article_id for article_id, files in held.items() if files == these]
