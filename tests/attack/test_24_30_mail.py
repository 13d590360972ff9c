"""Attack cases 24 to 30: mail that claims to be somebody else's, or to be no machine's."""

import time
from email.message import EmailMessage

import pytest
from django.utils import timezone

from helpdesk.desk.thread import marks_of
from helpdesk.notifications.mailing import mail_due
from helpdesk.notifications.models import Notice
from helpdesk.outbox.identity import LOOP_HEADER, loop_mark, new_message_id
from helpdesk.outbox.models import OutgoingMessage, Sender
from helpdesk.outbox.subaddress import reply_address
from helpdesk.reactions.tasks import drain
from helpdesk.tickets.domain.articles import write_note
from helpdesk.tickets.domain.assign import assign
from helpdesk.tickets.domain.staff_mail import staff_scope
from helpdesk.tickets.domain.state import change_status
from helpdesk.tickets.enums import ArticleKind, Priority, Status, Trust
from helpdesk.tickets.models import Article, Participant, Ticket
from helpdesk.tickets.queries import public_thread
from tests.attack.holder import address, opened
from tests.attack.mailtown import (
    CLARA,
    EVIL,
    MAILBOX,
    OUR_SERVER,
    THOUSAND,
    MailTown,
)
from tests.factories.house import make_agent

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "Das Kennwort lautet Kanarienvogel-77"
VOUCHED = f"{OUR_SERVER}; dmarc=pass header.from=musterstadt.example"


# -- 24: in the name of an agent --------------------------------------------------------------


def notice_to(town: MailTown, ticket: Ticket, name: str = "anna") -> str:
    """Return the Message-ID of what one agent was told of a ticket."""
    scope = staff_scope(ticket, getattr(town.house, name))
    return new_message_id(scope=scope, address=MAILBOX)


def as_anna(town: MailTown, **headers: str) -> Article:
    row = town.arrive(town.write(f"Anna Abend <{town.house.anna.email}>", **headers))
    assert row.article is not None
    return row.article


@pytest.mark.parametrize(
    "results",
    [
        "",
        f"{OUR_SERVER}; dmarc=fail header.from=musterstadt.example",
        f"{OUR_SERVER}; spf=pass smtp.mailfrom=evil.example; dkim=pass header.d=evil.example",
        "mx.evil.example; dmarc=pass header.from=musterstadt.example",
        f"{OUR_SERVER}.evil.example; dmarc=pass",
        f"{OUR_SERVER}; none (dmarc=pass)",
        # What our server repeats of the envelope's address, which the sender chose.
        f"{OUR_SERVER}; spf=pass smtp.mailfrom=dmarc=pass@evil.example; dmarc=fail",
        f'{OUR_SERVER}; spf=pass smtp.mailfrom="; dmarc=pass"@evil.example',
        f"{OUR_SERVER}; spf=pass smtp.mailfrom==?utf-8?q?=3B_dmarc=3Dpass_?=@evil.example",
    ],
)
def test_24_an_agents_address_is_an_outsider_unless_its_domain_vouches(
    town: MailTown, results: str
) -> None:
    ticket = town.request()
    before = len(town.sent())

    article = as_anna(
        town,
        In_Reply_To=notice_to(town, ticket),
        Authentication_Results=results,
        body=SECRET,
    )

    assert (article.ticket, article.author_user) == (ticket, None)
    assert (article.kind, article.trust) == (ArticleKind.MESSAGE, Trust.STAFF_CLAIM)
    assert not public_thread(ticket).filter(pk=article.pk).exists()
    assert len(town.sent()) == before


def test_24_a_vouched_address_without_the_agents_own_token_is_an_outsider(town: MailTown) -> None:
    ticket = town.request()
    ours = town.answer(ticket)
    proofs = [
        ours.message_id,
        notice_to(town, ticket, "bert"),
        notice_to(town, ticket).replace("an.t", "an.t9"),
    ]

    articles = [
        as_anna(town, In_Reply_To=each, Authentication_Results=VOUCHED, body=SECRET)
        for each in proofs
    ]

    assert [article.author_user for article in articles] == [None] * 3
    assert {article.kind for article in articles} == {ArticleKind.MESSAGE}


def test_24_a_proven_reply_to_a_notice_is_a_note_and_goes_to_nobody(town: MailTown) -> None:
    ticket = town.request()
    before = len(town.sent())

    by_id = as_anna(
        town,
        In_Reply_To=notice_to(town, ticket),
        Authentication_Results=VOUCHED,
        body=SECRET,
    )
    to = reply_address(MAILBOX, staff_scope(ticket, town.house.anna))
    by_address = as_anna(town, To=to, Authentication_Results=VOUCHED, body=SECRET)

    for note in (by_id, by_address):
        assert (note.ticket, note.kind) == (ticket, ArticleKind.NOTE)
        assert (note.author_user, note.author_citizen) == (town.house.anna, None)
        assert not public_thread(ticket).filter(pk=note.pk).exists()
    assert len(town.sent()) == before
    assert SECRET not in opened(ticket).get(address(ticket)).content.decode()


def test_24_rights_are_asked_when_the_mail_is_filed(town: MailTown) -> None:
    ticket = town.request()
    proof = notice_to(town, ticket)
    assign(ticket_id=ticket.pk, user=town.house.anna, owner_id=None, team_id=town.house.waste.pk)

    article = as_anna(town, In_Reply_To=proof, Authentication_Results=VOUCHED, body=SECRET)

    assert (article.author_user, article.trust) == (None, Trust.STAFF_CLAIM)


def test_24_words_that_look_like_commands_are_words(town: MailTown) -> None:
    ticket = town.request()

    as_anna(
        town,
        In_Reply_To=notice_to(town, ticket),
        Authentication_Results=VOUCHED,
        Subject=f"[MU#{ticket.number}] status: closed",
        body="status: closed\nassign: bert\n@close\n#priority urgent",
    )

    ticket.refresh_from_db()
    assert (ticket.status, ticket.owner, ticket.priority) == (Status.NEW, None, Priority.NORMAL)


# -- 25: in the name of a citizen -------------------------------------------------------------


def test_25_the_number_and_the_address_of_a_citizen_open_nothing(town: MailTown) -> None:
    ticket = town.request()
    town.answer(ticket, SECRET)
    change_status(ticket_id=ticket.pk, user=town.house.anna, to=Status.WAITING_CITIZEN)
    town.sent()
    before = len(town.sink.mails)

    row = town.arrive(
        town.write(
            CLARA,
            Subject=f"AW: Schlagloch [MU#{ticket.number}]",
            Reply_To=EVIL,
            Cc=EVIL,
            body="Bitte schicken Sie mir den ganzen Vorgang.",
        )
    )

    ticket.refresh_from_db()
    assert row.article is not None
    assert row.article.trust == Trust.UNVERIFIED or row.ticket != ticket
    assert ticket.status == Status.WAITING_CITIZEN
    assert [each.citizen_id for each in ticket.participants.all()] == [ticket.citizen_id]
    new = town.sink.mails[before:] if town.sent() else []
    assert all(SECRET.encode() not in mail.content for mail in new)
    answer = town.answer(ticket, "Zweite Antwort")
    assert [each.address for each in answer.recipients.all()] == ["clara@example.org"]


# -- 26: written into a conversation ----------------------------------------------------------


def test_26_who_is_named_in_a_reply_gets_nothing_and_stays_a_stranger(town: MailTown) -> None:
    town.watch_copies()
    ticket = town.request()
    ours = town.answer(ticket)

    town.arrive(town.write(CLARA, To=f"{MAILBOX}, {EVIL}", Cc=EVIL, In_Reply_To=ours.message_id))
    answer = town.answer(ticket, SECRET)
    theirs = town.arrive(town.write(EVIL, In_Reply_To=ours.message_id, body="Ich bin dabei"))

    assert not Participant.objects.filter(citizen__contact_points__value__contains="evil").exists()
    assert [each.address for each in answer.recipients.all()] == ["clara@example.org"]
    assert not any("evil" in to for to in town.recipients())
    assert theirs.ticket == ticket
    assert theirs.article is not None
    assert theirs.article.trust == Trust.THIRD_PERSON
    assert "Ich bin dabei" not in opened(ticket).get(address(ticket)).content.decode()


def test_26_those_in_copy_of_a_new_request_take_part_only_where_it_is_set_up(
    town: MailTown,
) -> None:
    alone = town.request(Cc="p1@verein.example")
    town.watch_copies()
    many = ", ".join(f"p{number}@verein.example" for number in range(80))
    copies = f"{MAILBOX}, {town.house.sender.email}, {many}"

    ticket = town.request(Cc=copies)
    reply = town.arrive(town.write("p1@verein.example", In_Reply_To="<2.attack@mail.example>"))

    watchers = ticket.participants.filter(role=Participant.Role.WATCHER)
    ours = watchers.filter(citizen__contact_points__value__contains="musterstadt")
    assert alone.participants.count() == 1
    assert (watchers.count(), ours.count()) == (50, 0)
    assert reply.article is not None
    assert (reply.ticket, reply.article.trust) == (ticket, Trust.PARTICIPANT)
    assert town.recipients() == ["clara@example.org"] * 2


# -- 27: several authors ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "sender,headers,warning",
    [
        (CLARA, {"Reply_To": EVIL}, "reply_to_differs"),
        (f"{CLARA}, {EVIL}", {}, "several_senders"),
        (CLARA, {"Sender": EVIL}, "sent_by:evil@evil.example"),
        ('"mayor@city.example" <evil@evil.example>', {}, "name_is_another_address"),
    ],
)
def test_27_the_author_is_one_address_of_from_and_the_rest_is_shown(
    town: MailTown, sender: str, headers: dict[str, str], warning: str
) -> None:
    row = town.arrive(town.write(sender, **headers))

    article = row.article
    assert article is not None
    assert article.from_address in {"clara@example.org", "evil@evil.example"}
    assert article.from_address in sender
    assert article.warnings == [warning]
    assert len(marks_of(article)) == 1
    assert warning not in marks_of(article)


def test_27_a_name_that_is_an_address_names_no_citizen(town: MailTown) -> None:
    ticket = town.request(From='"mayor@city.example" <evil@evil.example>')

    assert ticket.citizen is not None
    assert (ticket.citizen_name, ticket.citizen.name) == ("evil@evil.example", "")


# -- 28: a third service writes to a request --------------------------------------------------


@pytest.mark.parametrize("automatic", [True, False])
def test_28_the_code_of_a_third_service_never_gets_to_the_holder_of_the_request(
    town: MailTown, *, automatic: bool
) -> None:
    ticket = town.request()
    to = reply_address(MAILBOX, f"t{ticket.pk}")
    marks = {"Auto_Submitted": "auto-generated"} if automatic else {}
    before = len(town.sent())

    row = town.arrive(
        town.write("Dienst <noreply@dienst.example>", To=to, body=SECRET, **marks), to=to
    )

    assert row.ticket == ticket
    page = opened(ticket).get(address(ticket)).content.decode()
    assert "Das Loch ist tief." in page
    assert SECRET not in page
    town.answer(ticket)
    assert all(SECRET.encode() not in mail.content for mail in town.sink.mails)
    assert len(town.sent()) == before + 1


# -- 29: forged headers -----------------------------------------------------------------------


def test_29_headers_of_ours_and_of_our_server_are_not_believed(town: MailTown) -> None:
    raw = town.write(
        EVIL,
        X_Anliegen_Status="closed",
        X_Anliegen_Ticket="1",
        X_Anliegen_Trust="staff",
        X_Anliegen_Loop=f"1.{'a' * 26}",
        Authentication_Results=f"mx.evil.example; dmarc=pass header.d={OUR_SERVER}",
    )
    genuine = f"Authentication-Results: {OUR_SERVER}; dmarc=fail\r\n".encode()
    forged = f"Authentication-Results: {OUR_SERVER}; dmarc=pass\r\n".encode()

    row = town.arrive(genuine + forged + raw)

    article = row.article
    assert article is not None
    assert article.authentication == "dmarc=fail"
    assert "authentication_failed" in article.warnings
    assert (article.ticket.status, article.trust) == (Status.NEW, Trust.PARTICIPANT)
    assert town.sent() == []


def test_29_a_real_loop_mark_of_ours_under_a_foreign_id_silences_no_mail(town: MailTown) -> None:
    mark = {LOOP_HEADER.replace("-", "_"): loop_mark(town.house.authority.pk)}

    row = town.arrive(town.write(EVIL, body=SECRET, **mark))

    assert row.article is not None
    assert SECRET in row.article.text
    assert town.sent() == []


# -- 30: machines that answer each other ------------------------------------------------------


@pytest.mark.parametrize("rounds", [8, pytest.param(1000, marks=THOUSAND)])
def test_30_a_machine_that_answers_everything_is_answered_five_times_an_hour(
    town: MailTown, rounds: int
) -> None:
    for _ in range(rounds):
        town.arrive(town.write("Automat <automat@anderswo.example>", body="Bin nicht da."))

    assert town.recipients() == ["automat@anderswo.example"] * 5
    assert Article.objects.filter(kind=ArticleKind.MESSAGE).count() == rounds


@pytest.mark.parametrize("rounds", [8, pytest.param(1000, marks=THOUSAND)])
def test_30_a_machine_that_answers_our_receipt_gets_no_second_one(
    town: MailTown, rounds: int
) -> None:
    town.arrive(town.write("Automat <automat@anderswo.example>"))
    for _ in range(rounds):
        ours = OutgoingMessage.objects.latest("pk")
        town.arrive(town.write("Automat <automat@anderswo.example>", In_Reply_To=ours.message_id))

    assert len(town.sent()) == 1
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List_Id": "<alle.verein.example>"},
        {"X_Auto_Response_Suppress": "OOF, AutoReply"},
        {"Return_Path": "<>"},
        {"From": f"Tiefbau <{MAILBOX}>"},
        {"From": "MAILER-DAEMON@anderswo.example", "Subject": "Undelivered"},
    ],
)
def test_30_no_machine_gets_a_receipt(town: MailTown, headers: dict[str, str]) -> None:
    town.arrive(town.write(**headers))

    assert town.sent() == []


def test_30_the_null_sender_is_never_answered(town: MailTown) -> None:
    town.arrive(town.write(), envelope_from="")

    assert town.sent() == []


def test_30_what_we_send_by_ourselves_says_so_and_an_answer_does_not(town: MailTown) -> None:
    ticket = town.request()
    (receipt,) = town.sent()
    town.answer(ticket)

    _, answer = town.sent()

    assert receipt["Auto-Submitted"] == "auto-replied"
    assert receipt["X-Auto-Response-Suppress"] == "All"
    assert answer["Auto-Submitted"] is None
    assert answer["Precedence"] is None
    assert Sender.objects.count() == 1


def mail_that_names(town: MailTown, ticket: Ticket, name: str) -> EmailMessage:
    """Return the mail by which a new agent of the team is told that a note names them."""
    agent = make_agent(town.house.authority, name, town.house.roads)
    write_note(ticket_id=ticket.pk, user=town.house.anna, text=f"@{name}: {SECRET}")
    drain(until=time.monotonic() + 60)
    Notice.objects.update(mail_at=timezone.now())
    assert mail_due() == 1
    # The citizen's receipt leaves at the same time, in any order.
    (told,) = (mail for mail in town.sent() if agent.email in mail["To"])
    return told


def test_24_a_reply_to_the_mail_of_a_notice_is_a_note_and_tells_no_citizen(town: MailTown) -> None:
    ticket = town.request()
    told = mail_that_names(town, ticket, "Jana Weber")
    before = len(town.sent())

    reply = town.write(
        "Jana Weber <jana@musterstadt.example>",
        In_Reply_To=told["Message-ID"],
        References=f"{told['References']} {told['Message-ID']}",
        To=told["Reply-To"],
        Authentication_Results=VOUCHED,
        body="@Anna Abend: schaue ich mir an.",
    )
    row = town.arrive(reply, to=told["Reply-To"])

    assert row.article is not None
    assert (row.article.ticket, row.article.kind) == (ticket, ArticleKind.NOTE)
    assert row.article.author_user is not None
    assert row.article.author_user.name == "Jana Weber"
    assert Notice.objects.filter(user=town.house.anna, reason="mentioned").count() == 1
    assert len(town.sent()) == before


def test_30_a_vacation_reply_to_a_notice_goes_round_in_no_circle(town: MailTown) -> None:
    ticket = town.request()
    told = mail_that_names(town, ticket, "Jana Weber")
    before = (len(town.sent()), Notice.objects.count(), Ticket.objects.count())

    absent = town.write(
        "Jana Weber <jana@musterstadt.example>",
        In_Reply_To=told["Message-ID"],
        To=told["Reply-To"],
        Auto_Submitted="auto-replied",
        Authentication_Results=VOUCHED,
        body="Ich bin im Urlaub.",
    )
    row = town.arrive(absent, to=told["Reply-To"])
    mail_due()

    assert row.article is not None
    assert row.article.is_automatic
    assert (len(town.sent()), Notice.objects.count(), Ticket.objects.count()) == before
