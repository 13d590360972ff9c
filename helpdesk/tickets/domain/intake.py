"""The door through which everything from outside becomes a ticket or joins one."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext

from helpdesk.agents.models import Authority
from helpdesk.citizens.models import Citizen
from helpdesk.events.publish import SYSTEM, Actor
from helpdesk.lib.faults import fault
from helpdesk.lib.together import current, directly
from helpdesk.lib.tokens import new_nonce
from helpdesk.outbox.subjects import strip_prefixes
from helpdesk.tickets import facts
from helpdesk.tickets.domain import intake_statements as sql
from helpdesk.tickets.domain import threading
from helpdesk.tickets.domain.attachments import attach_files
from helpdesk.tickets.domain.identity import (
    find_citizen,
    lock_theirs,
    prove_person,
    take_in_watcher,
)
from helpdesk.tickets.domain.loops import stays_shut
from helpdesk.tickets.domain.mention import keep_mentions
from helpdesk.tickets.domain.numbering import new_reference, next_number
from helpdesk.tickets.domain.routing import Action, Claim, Decision, decide, find_claim
from helpdesk.tickets.domain.staff_mail import as_note
from helpdesk.tickets.domain.tags import tag_new
from helpdesk.tickets.domain.twins import Copies, find_copies, find_twin, kept_full_text
from helpdesk.tickets.enums import ACTIVE, ArticleKind, Channel, LinkKind, Priority, Status, Trust
from helpdesk.tickets.inbound import Inbound, Receipt, Sorting
from helpdesk.tickets.models import (
    Article,
    Category,
    MessageReference,
    Participant,
    Ticket,
    TicketLink,
)

TITLE_LENGTH = 250
SNIPPET_LENGTH = 160
MAX_STORED_REFERENCES = 50
FORWARDED_FROM = "forwarded_from"
NOTHING_SORTED = Sorting()


@dataclass(frozen=True, slots=True)
class _Arrival:
    """What was found out about one Inbound before anything is written."""

    inbound: Inbound
    citizen: Citizen | None
    claim: Claim
    decision: Decision


def accept(inbound: Inbound) -> Receipt:
    """File one contribution from outside: ticket, article, files and facts in one transaction.

    A second acceptance of the same raw mail or the same ``request_key`` changes
    nothing and returns where the first one went; so does a copy that came through
    another mailbox, if it joins a ticket or if that mailbox leaves copies out. Runs inside the
    caller's transaction if there is one, and inside `together` with the others there, all of
    them or none.
    """
    if current() is not None:
        return _already_filed(inbound) or _file(inbound)
    try:
        with transaction.atomic():
            return _already_filed(inbound) or _file(inbound)
    except IntegrityError:
        # Two of the same at once: the other one was quicker by a moment.
        done = _already_filed(inbound)
        if done is None:
            raise
        return done


def _file(inbound: Inbound) -> Receipt:
    arrival = _look_at(inbound)
    if arrival.decision.action is Action.JOIN:
        # Others write to this ticket too: its rows are numbered under its lock.
        with directly():
            return _join(arrival)
    return _open_ticket(arrival)


def _already_filed(inbound: Inbound) -> Receipt | None:
    article: Article | None = None
    if inbound.raw_message_id is not None:
        article = sql.BY_RAW.one(raw_message_id=inbound.raw_message_id)
    elif inbound.request_key:
        article = sql.BY_KEY.one(request_key=inbound.request_key)
    if article is None:
        return None
    return _receipt(article.ticket, article, is_new_ticket=False, is_duplicate=True)


def _receipt(
    ticket: Ticket, article: Article, *, is_new_ticket: bool, is_duplicate: bool = False
) -> Receipt:
    return Receipt(
        ticket_id=ticket.pk,
        article_id=article.pk,
        number=ticket.number,
        reference=ticket.reference,
        is_new_ticket=is_new_ticket,
        is_duplicate=is_duplicate,
    )


def _look_at(inbound: Inbound) -> _Arrival:
    claim = Claim.OUTSIDE if inbound.by_user_id else find_claim(inbound)
    noted = as_note(inbound) if claim is Claim.STAFF else None
    if noted is not None:
        note, ticket = noted
        return _Arrival(note, None, claim, Decision(Action.JOIN, Trust.PARTICIPANT, ticket))
    citizen = None if claim is Claim.OURS else find_citizen(inbound)
    if inbound.ticket_id is not None:
        meant = Ticket.objects.get(pk=inbound.ticket_id, authority_id=inbound.authority_id)
        decision = _join_meant(inbound, meant)
        return _Arrival(inbound, citizen or meant.citizen, claim, decision)
    # Only mails bring threads along; a form's words never choose a ticket.
    match = threading.find_match(inbound) if inbound.channel == Channel.MAIL else None
    return _Arrival(inbound, citizen, claim, decide(inbound, match, citizen, claim))


def _join_meant(inbound: Inbound, meant: Ticket) -> Decision:
    """Join the ticket that is named, or the one it was merged into, maybe of another person."""
    ticket = threading.follow_merges(meant)
    if ticket.citizen_id != meant.citizen_id:
        return Decision(Action.JOIN, Trust.THIRD_PERSON, ticket)
    wakes = inbound.kind == ArticleKind.MESSAGE
    return Decision(Action.JOIN, Trust.PARTICIPANT, ticket, wakes=wakes)


def _join(arrival: _Arrival) -> Receipt:
    decision = arrival.decision
    assert decision.ticket is not None  # noqa: S101 - JOIN always names its ticket
    if decision.named_id is not None:
        lock_theirs(ticket=decision.ticket, named_id=decision.named_id)
    ticket: Ticket | None = sql.LOCKED.one(pk=decision.ticket.pk)
    if ticket is None or ticket.merged_into_id is not None:
        # It was merged, or deleted for good, while this came in: nothing is written yet, and
        # who takes part in the other one has to be asked anew.
        return _file(arrival.inbound)
    if decision.named_id is not None and arrival.citizen is not None:
        prove_person(ticket=ticket, named_id=decision.named_id, citizen=arrival.citizen)
    twin = find_twin(ticket, arrival.inbound)
    if twin is not None:
        return _receipt(ticket, twin, is_new_ticket=False, is_duplicate=True)
    article = _write_article(ticket, arrival)
    before = Status(ticket.status)
    _touch(ticket, article, arrival)
    if (decision.wakes or _is_lost_in_bin(ticket, arrival)) and not stays_shut(ticket):
        _wake(ticket)
    sql.JOINED.apply(
        pk=ticket.pk, **{name: getattr(ticket, name) for name in sql.CHANGED_BY_JOINING}
    )
    _record_message(ticket, article, arrival)
    _record_rules(ticket, arrival)
    if ticket.status != before:
        facts.record(
            ticket=ticket,
            kind=facts.STATUS_CHANGED,
            actor=_actor(arrival),
            data={"from": before, "to": ticket.status, "by_message": article.pk},
        )
    return _receipt(ticket, article, is_new_ticket=False)


def _touch(ticket: Ticket, article: Article, arrival: _Arrival) -> None:
    ticket.last_article_id = article.pk
    if not arrival.inbound.is_automatic:
        ticket.active_at = timezone.now()
    if not arrival.inbound.is_automatic and article.kind != ArticleKind.NOTE:
        ticket.snippet = _snippet(arrival.inbound.text)
    if _is_public(article):
        ticket.last_public_id = article.pk
    ticket.version += 1


def _is_public(article: Article) -> bool:
    """Tell whether an answer that has not seen this would be stale."""
    return (
        article.kind == ArticleKind.MESSAGE
        and article.trust == Trust.PARTICIPANT
        and not article.is_automatic
    )


def _is_lost_in_bin(ticket: Ticket, arrival: _Arrival) -> bool:
    """Tell whether somebody mailed, whoever it is, what nobody would see and time would delete."""
    if ticket.status != Status.DELETED or arrival.claim is Claim.OURS:
        return False
    return arrival.inbound.channel == Channel.MAIL and not arrival.inbound.is_automatic


def _wake(ticket: Ticket) -> None:
    """Bring a waiting or ended ticket back to those who work on it."""
    if ticket.status in ACTIVE:
        return
    if ticket.status in {Status.RESOLVED, Status.CLOSED}:
        ticket.reopened += 1
    ticket.status = Status.OPEN
    ticket.outcome = ""
    ticket.waiting_until = None
    ticket.resolved_at = None


def _open_ticket(arrival: _Arrival) -> Receipt:
    inbound = arrival.inbound
    authority: Authority = sql.AUTHORITY.one(pk=inbound.authority_id)
    copies = find_copies(inbound)
    if copies.articles and inbound.leaves_out_copies:
        known = _receipt_of_copy(copies.articles)
        if known is not None:
            return known
        copies = Copies()
    ticket = Ticket(
        authority=authority,
        reference=new_reference(authority),
        number=next_number(authority, inbound.received_at),
        title=_title(inbound, authority),
        snippet=_snippet(inbound.text),
        citizen=arrival.citizen,
        citizen_name=_citizen_name(arrival),
        channel=inbound.channel,
        sender_id=inbound.sender_id,
        language=inbound.language,
        place=inbound.place[:250],
        latitude=inbound.latitude,
        longitude=inbound.longitude,
        form_version_id=inbound.form_version_id,
        answers=dict(inbound.answers),
        callback_phone=inbound.callback_phone[:40],
        received_at=inbound.received_at,
        active_at=inbound.received_at,
        link_nonce=new_nonce(),
        **_routing(inbound),
    )
    sql.NEW_TICKET.write(ticket)
    fault("intake.after_ticket")
    if inbound.sorting and inbound.sorting.tags:
        tag_new(ticket, inbound.sorting.tags)
    if arrival.citizen:
        sql.NEW_PARTICIPANT.write(Participant(ticket=ticket, citizen=arrival.citizen))
    _add_watchers(ticket, arrival)
    article = _write_article(ticket, arrival)
    ticket.last_article_id = ticket.last_public_id = article.pk
    if not sql.NEW_TICKET.is_waiting(ticket):
        sql.FIRST_ARTICLE.apply(pk=ticket.pk, article_id=article.pk)
    _record_created(ticket, article, arrival)
    _record_rules(ticket, arrival)
    _link(ticket, arrival.decision, copies.linked)
    return _receipt(ticket, article, is_new_ticket=True)


def _citizen_name(arrival: _Arrival) -> str:
    person = arrival.inbound.person
    known = arrival.citizen.name if arrival.citizen else ""
    return (person.called or known or person.email or person.phone)[:160]


def _add_watchers(ticket: Ticket, arrival: _Arrival) -> None:
    """Let those in copy of a new request take part, where its mailbox is set up so (mail.md 59).

    Never for a mail that its sender's domain disowns, nor for a later one: else anybody
    could write somebody into a conversation (attack 26).
    """
    inbound = arrival.inbound
    if inbound.authentication_failed or inbound.is_automatic:
        return
    for person in inbound.watchers:
        citizen = take_in_watcher(inbound, person)
        if citizen != arrival.citizen:
            watcher = Participant.Role.WATCHER
            ticket.participants.get_or_create(citizen=citizen, defaults={"role": watcher})


def _routing(inbound: Inbound) -> dict[str, int | None]:
    """Choose team, topic and priority: by a rule, else the topic's, else the account's."""
    sorting = inbound.sorting or NOTHING_SORTED
    category = _category(inbound, sorting.category_id or inbound.category_id)
    team_id, priority = inbound.team_id, Priority.LOW if inbound.is_automatic else Priority.NORMAL
    if category is not None:
        priority = Priority(category.priority)
        # An agent who notes a call has chosen the team.
        team_id = (None if inbound.by_user_id else category.team_id) or team_id
    return {
        "team_id": sorting.team_id or team_id,
        "category_id": category.pk if category else None,
        "priority": sorting.priority or priority,
    }


def _category(inbound: Inbound, category_id: int | None) -> Category | None:
    if category_id is None:
        return None
    return Category.objects.filter(
        pk=category_id, authority_id=inbound.authority_id, is_active=True
    ).first()


def _title(inbound: Inbound, authority: Authority) -> str:
    title = strip_prefixes(inbound.subject).strip()
    if title:
        return title[:TITLE_LENGTH]
    with translation.override(authority.language):
        return gettext("(no subject)")


def _snippet(text: str) -> str:
    return " ".join(text[: SNIPPET_LENGTH * 4].split())[:SNIPPET_LENGTH]


def _people(people: tuple[object, ...]) -> list[dict[str, str]]:
    return [
        {"name": getattr(person, "name", ""), "email": getattr(person, "email", "")}
        for person in people
    ]


def _write_article(ticket: Ticket, arrival: _Arrival) -> Article:
    inbound = arrival.inbound
    author = inbound.person
    article = Article(
        ticket=ticket,
        kind=inbound.kind,
        channel=inbound.channel,
        author_user_id=inbound.by_user_id,
        author_citizen=arrival.citizen,
        from_name=author.name[:200],
        from_address=(author.email or _number_called_from(inbound))[:320],
        reply_address=_reply_address(arrival),
        to=_people(inbound.to),
        cc=_people(inbound.cc),
        subject=inbound.subject[:500],
        text=inbound.text,
        full_text=kept_full_text(inbound),
        html=inbound.html,
        language=inbound.language[:10],
        message_id=inbound.threading.message_id[:500],
        in_reply_to=inbound.threading.in_reply_to[:500],
        raw_message_id=inbound.raw_message_id,
        request_key=inbound.request_key or None,
        trust=arrival.decision.trust,
        is_automatic=inbound.is_automatic,
        crypto=inbound.crypto,
        authentication=inbound.authentication,
        warnings=[*inbound.warnings, *_proposals(arrival)],
        received_at=inbound.received_at,
    )
    sql.NEW_ARTICLE.write(article)
    fault("intake.after_article")
    is_first = arrival.decision.action is Action.NEW
    attach_files(article, inbound.files, is_first=is_first)
    keep_mentions(article=article, ticket=ticket)
    _write_references(article, inbound)
    fault("intake.before_fact")
    return article


def _proposals(arrival: _Arrival) -> list[str]:
    """Return, of a new mail from staff, who wrote what it passes on, for an agent to confirm."""
    author = arrival.inbound.forwarded_from
    is_new = arrival.decision.action is Action.NEW
    if author is None or not is_new or arrival.claim is not Claim.STAFF:
        return []
    return [f"{FORWARDED_FROM}:{author.email}"]


def _number_called_from(inbound: Inbound) -> str:
    return inbound.person.phone if inbound.kind == ArticleKind.PHONE_NOTE else ""


def _reply_address(arrival: _Arrival) -> str:
    """Return where the writer wants answers.

    Who joins by no more than the number in the subject may be anybody: the
    conversation stays with the address that takes part in it (attack 25).
    """
    reply_to, decision = arrival.inbound.reply_to, arrival.decision
    if reply_to is None or (
        decision.action is Action.JOIN and decision.trust is not Trust.PARTICIPANT
    ):
        return ""
    return reply_to.email[:320]


def _write_references(article: Article, inbound: Inbound) -> None:
    ids = threading.reference_ids(inbound)[:MAX_STORED_REFERENCES]
    if not ids:
        return
    sql.NEW_REFERENCES.write(
        *(MessageReference(article=article, message_id=message_id[:500]) for message_id in ids)
    )


def _actor(arrival: _Arrival) -> Actor:
    if arrival.inbound.handed_in_by:
        return Actor(*arrival.inbound.handed_in_by)
    if arrival.inbound.by_user_id:
        return Actor("user", arrival.inbound.by_user_id)
    return Actor("citizen", arrival.citizen.pk) if arrival.citizen else Actor("external", None)


def _record_message(ticket: Ticket, article: Article, arrival: _Arrival) -> None:
    kind = facts.NOTE_ADDED if article.kind == ArticleKind.NOTE else facts.MESSAGE_RECEIVED
    facts.record(
        ticket=ticket,
        kind=kind,
        actor=_actor(arrival),
        data={**_message_data(article, arrival), "may_reply": False},
    )


def _record_created(ticket: Ticket, article: Article, arrival: _Arrival) -> None:
    inbound = arrival.inbound
    may_reply = bool(
        inbound.person.email
        and inbound.kind == ArticleKind.MESSAGE
        and not inbound.is_automatic
        and not inbound.is_own_loop
        and not inbound.is_old
        and not inbound.authentication_failed
        and arrival.claim is not Claim.OURS
        and not (inbound.sorting and inbound.sorting.withholds_receipt)
    )
    facts.record(
        ticket=ticket,
        kind=facts.CREATED,
        actor=_actor(arrival),
        data={**_message_data(article, arrival), "may_reply": may_reply, "number": ticket.number},
    )


def _record_rules(ticket: Ticket, arrival: _Arrival) -> None:
    """Write into the history which rules of the way in were applied (mail.md 89)."""
    sorting = arrival.inbound.sorting
    if sorting is None or not sorting.applied:
        return
    rules = [
        {"id": rule.rule_id, "name": rule.name, "did": list(rule.did)} for rule in sorting.applied
    ]
    facts.record(ticket=ticket, kind=facts.FILTERED, actor=SYSTEM, data={"rules": rules})


def _message_data(article: Article, arrival: _Arrival) -> dict[str, object]:
    return {
        "article_id": article.pk,
        "channel": arrival.inbound.channel,
        "is_automatic": article.is_automatic,
        "trust": article.trust,
        "wakes": arrival.decision.wakes,
    }


def _receipt_of_copy(article_ids: Collection[int]) -> Receipt | None:
    """Return where the mail went before, None if nobody would read it there any more.

    Under the lock of its ticket: who throws that away at this very moment has not seen that
    the same words came to another mailbox, too.
    """
    for article in Article.objects.filter(pk__in=article_ids).order_by("pk"):
        ticket: Ticket | None = sql.LOCKED.one(pk=article.ticket_id)
        if ticket is not None and ticket.status != Status.DELETED:
            return _receipt(ticket, article, is_new_ticket=False, is_duplicate=True)
    return None


def _link(ticket: Ticket, decision: Decision, copies: Iterable[int]) -> None:
    """Link a new ticket to the one it mentions, and to copies that came to another mailbox."""
    if decision.ticket is not None and decision.link is not None:
        _link_to(ticket, decision.ticket.pk, decision.link)
    for copy in copies:
        _link_to(ticket, copy, LinkKind.SAME_MAIL)


def _link_to(source: Ticket, target_id: int, kind: LinkKind) -> None:
    _, is_new = TicketLink.objects.get_or_create(source=source, target_id=target_id, kind=kind)
    if is_new:
        facts.record(
            ticket=source,
            kind=facts.LINKED,
            actor=Actor("system", None),
            data={"target_id": target_id, "kind": kind},
        )
