"""Two towns and everybody who could want to see what is not theirs, each object with a canary."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from channels_in.filters.doors import Condition, FilterDetails, add_address, save_filter
from channels_in.models import Account, HeldMail, RawMessage, SenderRule, Sighting
from channels_in.phone.parse import Note, parse_note
from helpdesk.accounts.domain.links import open_account
from helpdesk.accounts.models import AccountAddress
from helpdesk.agents.domain.teams import Rights
from helpdesk.agents.domain.tokens import TokenDetails, make_personal_token, make_service_token
from helpdesk.agents.models import Team, User, UserKind
from helpdesk.agents.scopes import SCOPES
from helpdesk.citizens.models import Citizen, Organisation
from helpdesk.files.store import put
from helpdesk.forms.models import Form, FormVersion
from helpdesk.forms.schema import Kind, Question, write_schema
from helpdesk.notifications.push import add_browser, switch_on
from helpdesk.outbox.models import Grant, OutgoingMessage
from helpdesk.pages.domain.notices import NoticeDetails, save_notice
from helpdesk.pages.domain.statement import BarrierDetails, save_barrier
from helpdesk.pages.enums import Reason
from helpdesk.pages.models import Barrier, Notice
from helpdesk.reactions.dispatch import seal_committed
from helpdesk.reactions.models import Reaction
from helpdesk.textmodules.models import TextModule, TextModuleText
from helpdesk.tickets.domain.articles import Answer, write_answer, write_note
from helpdesk.tickets.domain.bulk import Wanted, start_job
from helpdesk.tickets.domain.call_notes import Decision, take_note
from helpdesk.tickets.enums import Channel, Result
from helpdesk.tickets.inbound import InboundFile, Person
from helpdesk.tickets.models import Article, ArticleDraft, Attachment, Category, Office, Ticket
from helpdesk.worklists.domain.views import Audible, Conditions, delete_view, save_view
from knowledgebase.domain.files import NewFile, add_file
from knowledgebase.domain.publish import archive_answer, publish_answer
from knowledgebase.domain.snippets import create_snippet
from knowledgebase.domain.synonyms import add_synonym
from knowledgebase.domain.write import TextDraft
from knowledgebase.models import SearchMiss, SearchUse
from tests.factories.accounts import with_accounts
from tests.factories.house import (
    PASSWORD,
    House,
    make_administrator,
    make_authority,
    make_house,
    make_ticket,
)
from tests.factories.knowledge import make_answer, make_draft, make_section
from tests.fakes.push import new_browser

CANARY = "Kanarienvogel"
# A mail that came as a file, with a mail as its own file.
INNER_MAIL = f"""\
From: kanarie@example.org
Subject: {CANARY} Betreff
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

{CANARY} Text
--b
Content-Type: message/rfc822; name="{CANARY}.eml"

Subject: {CANARY} Betreff

{CANARY} Text
--b--
""".encode()
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


@dataclass
class World:
    """House, personas and the objects that ``$name`` stands for in rights.yaml."""

    house: House
    personas: dict[str, User | None]
    objects: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)


def make_world() -> World:
    """Return A (roads), B (waste), ADM (no team), ADM2 (another town), C (citizen), X."""
    house = make_house()
    with_accounts(house.authority)
    other = make_authority("Stadt Anderswo", "AW")
    administrator = make_administrator(house.authority)
    foreign = make_administrator(other, "Ava Anders")
    citizen = User(
        authority=house.authority,
        kind=UserKind.CITIZEN,
        name="Clara Citizen",
        email="clara@example.org",
    )
    citizen.set_password(PASSWORD)
    citizen.save()
    world = World(
        house,
        {
            "X": None,
            "C": citizen,
            "A": house.anna,
            "B": house.bert,
            "ADM": administrator,
            "ADM2": foreign,
        },
    )
    world.objects = _objects(house)
    _tokens(world)
    return world


def _tokens(world: World) -> None:
    """Give everybody a token of every scope, the citizen too, whom it must not help."""
    details = TokenDetails("Skript", tuple(SCOPES), 30)
    world.secrets = {"X": ""}
    for name, user in world.personas.items():
        if user is not None:
            token, world.secrets[name] = make_personal_token(user=user, details=details)
            world.objects |= {"token": token.pk} if name == "A" else {}
    house = world.house
    service, _ = make_service_token(
        authority_id=house.authority.pk,
        details=TokenDetails(f"{CANARY} Programm", ("tickets:read",), 30),
        rights={house.roads.pk: Rights()},
        user=None,
    )
    world.objects["service_token"] = service.pk


def _objects(house: House) -> dict[str, Any]:  # size: a table, one line for each kind of object
    account = _account(house)
    raw = _raw(account, 1, RawMessage.State.FILED)
    stored = put(f"{CANARY} Datei".encode(), "text/plain")
    inner = put(INNER_MAIL, "message/rfc822")
    ticket = make_ticket(
        house,
        person=Person(f"{CANARY} Clara", "kanarie@example.org"),
        subject=f"{CANARY} Betreff",
        text=f"{CANARY} Text",
        raw_message_id=raw.pk,
        html=f"<p>{CANARY} Text</p>",
        files=(
            InboundFile(stored.pk, f"{CANARY}.txt", "text/plain", stored.size),
            InboundFile(inner.pk, f"{CANARY}.eml", "message/rfc822", inner.size),
        ),
    )
    message = Article.objects.get(ticket=ticket)
    RawMessage.objects.filter(pk=raw.pk).update(ticket=ticket, article=message)
    write_note(ticket_id=ticket.pk, user=house.anna, text=f"{CANARY} Notiz")
    ticket.refresh_from_db()
    words = Answer(ticket.pk, f"{CANARY} Antwort", "key", ticket.last_article_id)
    answer = write_answer(answer=words, user=house.anna)
    assert answer.outgoing_id is not None
    OutgoingMessage.objects.filter(pk=answer.outgoing_id).update(state="failed")
    return {
        "ticket": ticket.pk,
        **_person(ticket),
        "roads": house.roads.pk,
        "number": ticket.number,
        "answer": answer.pk,
        "call": _call(house, ticket),
        "draft": _draft(house, ticket),
        "message": message.pk,
        "attachment": Attachment.objects.get(file=stored).pk,
        "mail_file": Attachment.objects.get(file=inner).pk,
        "team": _spare_team(house).pk,
        "agent": house.bert.pk,
        "topic": _topic(house).pk,
        "question": "kanarienfrage",
        "module": _module(house).pk,
        "account": account.pk,
        "sender_rule": _sender_rule(house).pk,
        **_rules(house, account),
        "job": _job(house, ticket),
        "quarantined": _raw(account, 2, RawMessage.State.QUARANTINED).pk,
        "sending": answer.outgoing_id,
        "stuck_event": _parked(ticket).pk,
        "stuck_place": _unfetchable(account).pk,
        **_knowledge(house),
        "account_address": _address(house).pk,
    }


def _address(house: House) -> AccountAddress:
    """Return the address of the account in which the requests of the canary are."""
    key = house.authority.pk
    account = open_account(authority_id=key, email="kanarie@example.org", language="de")
    return account.addresses.get()


def _person(ticket: Ticket) -> dict[str, Any]:
    made = Organisation.objects.create(authority=ticket.authority, name=f"{CANARY} Verein")
    Citizen.objects.filter(tickets=ticket).update(organisation=made)
    office = Office.objects.create(
        authority=ticket.authority, name="Landkreis", email="post@kreis.example"
    )
    return {"citizen": ticket.citizen_id, "organisation": made.pk, "office": office.pk}


def _notice(house: House) -> Notice:
    details = NoticeDetails("Am Freitag schließen wir früher.", NOW, NOW + timedelta(days=30))
    key = house.authority.pk
    return save_notice(authority_id=key, notice_id=None, details=details, user=house.anna)


def _barrier(house: House) -> Barrier:
    details = BarrierDetails("Alte Pläne", Reason.NOT_YET, "Rufen Sie an")
    key = house.authority.pk
    return save_barrier(authority_id=key, barrier_id=None, details=details, user=house.anna)


def _views(house: House) -> dict[str, Any]:
    """Return a view of A's own, and one that A has just deleted."""
    filters = Conditions("all", {"text": [CANARY]})
    view, gone = (
        save_view(user=house.anna, name=f"{CANARY} {name}", audible=Audible(), conditions=filters)
        for name in ("Ansicht", "gelöscht")
    )
    delete_view(view_id=gone.pk, user=house.anna)
    return {"view": view.pk, "view_slug": view.slug, "deleted_view": gone.pk}


def _job(house: House, ticket: Ticket) -> int:
    wanted = Wanted("priority", "30")
    return start_job(user=house.anna, wanted=wanted, ticket_ids=[ticket.pk]).pk


def _rules(house: House, account: Account) -> dict[str, Any]:
    row = Condition("subject", "contains", f"{CANARY} Bedingung")
    details = FilterDetails(f"{CANARY} Filter", (row,), team_id=house.waste.pk)
    made = save_filter(
        authority_id=house.authority.pk, filter_id=None, details=details, user=house.anna
    )
    address = add_address(
        account_id=account.pk,
        address="kanarienvogel-bau@musterstadt.example",
        team_id=house.waste.pk,
        category_id=None,
        user=house.anna,
    )
    known = {"filter": made.pk, "address": address.pk, "barrier": _barrier(house).pk}
    known["notice"] = _notice(house).pk
    known |= _push(house)
    return known | {"held": _held(house, account).pk, **_views(house)}


def _push(house: House) -> dict[str, Any]:
    """Let a browser of A's be told, and know the keys of another one."""
    switch_on(authority_id=house.authority.pk, contact="it@musterstadt.example", user=house.anna)
    told, other = (new_browser(f"https://push.example/{CANARY}{number}") for number in (0, 1))
    row = add_browser(user=house.anna, browser=told.known, name="Firefox")
    keys = {"push_key": other.known.p256dh, "push_auth": other.known.auth}
    return {"push_browser": row.pk, **keys}


def _held(house: House, account: Account) -> RawMessage:
    raw = _raw(account, 3, RawMessage.State.SPAM)
    HeldMail.objects.create(
        raw_message=raw,
        authority=house.authority,
        team=house.roads,
        sender_name=f"{CANARY} Gewinnspiel",
        sender_address="gewinn@kanarienvogel.example",
        subject=f"{CANARY} Sie haben gewonnen",
        snippet=f"{CANARY} Klicken Sie hier",
        cause="X-Spam-Flag: yes",
        received_at=NOW,
    )
    return raw


def _draft(house: House, ticket: Ticket) -> int:
    """Return a draft that somebody has left behind who has gone to another team."""
    draft = ArticleDraft.objects.create(
        ticket=ticket, user=house.bert, kind="answer", body=f"{CANARY} Entwurf"
    )
    return draft.pk


def _call(house: House, ticket: Ticket) -> int:
    note = Note(
        channel=Channel.PHONE,
        caller=Person(f"{CANARY} Clara", phone="0171 5550132"),
        text=f"{CANARY} Anruf",
        request_key="call",
        received_at=timezone.now(),
        ticket_id=ticket.pk,
    )
    inbound = parse_note(
        note, authority_id=house.authority.pk, team_id=house.roads.pk, user_id=house.anna.pk
    )
    return take_note(inbound=inbound, decision=Decision(Result.KEEP), user=house.anna).article_id


def _searches(house: House) -> dict[str, int]:
    """Return what visitors have searched for, in vain and not."""
    known: dict[str, Any] = {
        "authority": house.authority,
        "visitors": 3,
        "searches": 3,
        "first_on": NOW.date(),
        "last_on": NOW.date(),
    }
    miss = SearchMiss.objects.create(query=f"{CANARY} gesucht", **known)
    use = SearchUse.objects.create(query=f"{CANARY} gefunden", **known)
    return {"miss": miss.pk, "search_use": use.pk}


def _knowledge(house: House) -> dict[str, int]:
    """Return an answer that only the roads team knows, one that editors know, and their files."""
    section = make_section(house.authority)
    text = TextDraft(f"{CANARY} Titel", f"{CANARY} Kurz", f"<p>{CANARY} Wissen</p>")
    make_answer(section)
    hidden = make_draft(
        section, text, visibility="team", team_id=house.roads.pk, internal=f"<p>{CANARY}</p>"
    )
    content = f"{CANARY} Anlage".encode()
    file = add_file(
        answer_id=hidden.pk, file=NewFile(f"{CANARY}.txt", content, "text/plain"), user=None
    )
    publish_answer(answer_id=hidden.pk, user=None)
    page = make_draft(section, text, visibility="staff")
    page_file = add_file(
        answer_id=page.pk, file=NewFile(f"{CANARY}.txt", content, "text/plain"), user=None
    )
    version = publish_answer(answer_id=page.pk, user=None)
    archive_answer(answer_id=page.pk, user=house.anna)
    synonym = add_synonym(
        authority_id=house.authority.pk, words=[CANARY, f"{CANARY} Bereich"], user=house.anna
    )
    snippet = create_snippet(
        authority_id=house.authority.pk,
        name="4711",
        about=f"{CANARY} Gebühr",
        bodies={"de": f"<p>{CANARY} Gebühr</p>"},
        user=house.anna,
    )
    return {
        "snippet": snippet.pk,
        "synonym": synonym.pk,
        **_searches(house),
        "hidden_answer": hidden.pk,
        "hidden_file": file.pk,
        "page": page.pk,
        "page_file": page_file.pk,
        "version": version.pk,
        "section": make_section(house.authority, f"{CANARY} Bereich").pk,
    }


def _account(house: House) -> Account:
    return Account.objects.create(
        authority=house.authority,
        team=house.roads,
        sender=house.sender,
        kind=Account.Kind.LISTENER,
        name="Postfach Tiefbau",
        address="tiefbau@musterstadt.example",
        grant=_grant(house),
    )


def _grant(house: House) -> Grant:
    return Grant.objects.create(
        authority=house.authority,
        provider=Grant.Provider.OTHER,
        authorize_url=f"https://login.example/{CANARY}",
        token_url="https://login.example/token",
        client_id=CANARY,
    )


def _raw(account: Account, number: int, state: str) -> RawMessage:
    return RawMessage.objects.create(
        account=account,
        message_id=f"<{number}@example.org>",
        content_hash=str(number),
        sha256=str(number),
        size=20,
        body=f"Subject: {CANARY}\r\n\r\nx".encode(),
        received_at=NOW,
        state=state,
    )


def _parked(ticket: Ticket) -> Reaction:
    # Numbered as everything is, so that the reactions of the others can be run afterwards.
    seal_committed()
    reaction = Reaction.objects.filter(subject_kind="ticket", subject_id=ticket.pk).earliest("id")
    reaction.state = Reaction.State.PARKED
    reaction.attempts = 5
    reaction.error = f"ValueError: {CANARY}"
    reaction.save()
    return reaction


def _unfetchable(account: Account) -> Sighting:
    return Sighting.objects.create(
        account=account, folder="INBOX", uidvalidity=1, uid=7, error=f"NO {CANARY}"
    )


def _spare_team(house: House) -> Team:
    return Team.objects.create(authority=house.authority, name=f"{CANARY} Team", slug="leer")


def _topic(house: House) -> Category:
    Category.objects.create(authority=house.authority, name="Erstes", position=1)
    form = Form.objects.create(authority=house.authority, key="kanarie", name=CANARY)
    asked = Question("kanarienfrage", Kind.TEXT, {"de": f"{CANARY} Frage"})
    FormVersion.objects.create(form=form, number=1, schema=write_schema([asked]), published_at=NOW)
    return Category.objects.create(
        authority=house.authority,
        name=f"{CANARY} Thema",
        position=2,
        team=house.roads,
        form=form,
        in_portal=False,
    )


def _sender_rule(house: House) -> SenderRule:
    return SenderRule.objects.create(
        authority=house.authority, pattern="werbung@spam.example", note=CANARY, hits=3
    )


def _module(house: House) -> TextModule:
    module = TextModule.objects.create(authority=house.authority, title=f"{CANARY} Baustein")
    TextModuleText.objects.create(module=module, language="de", body=f"{CANARY} Wortlaut")
    return module


def visible_number(ticket_id: int) -> str:
    """Return the number of a ticket."""
    return Ticket.objects.values_list("number", flat=True).get(pk=ticket_id)
