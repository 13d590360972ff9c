"""What filters and addresses make of mails that come in."""

import pytest

from bench.counting import statements
from channels_in.filters.doors import Condition, FilterDetails, add_address, save_filter
from channels_in.models import Account, MailFilter, RawMessage
from channels_in.queries import left_out
from helpdesk.desk.history import Names, history_lines
from helpdesk.events.models import Event
from helpdesk.notifications.handlers import handle as notify
from helpdesk.outbox.identity import new_message_id
from helpdesk.outbox.models import OutgoingMessage
from helpdesk.outbox.subaddress import reply_address
from helpdesk.tickets import facts
from helpdesk.tickets.enums import Priority
from helpdesk.tickets.models import Article, Category, Ticket
from tests.channels_in.filters.making import SUBJECT_HOLE, make_filter, processed
from tests.channels_in.making import mail, make_account
from tests.factories.house import House

pytestmark = pytest.mark.django_db
State = RawMessage.State
ATTACHED = (
    b"From: shop@shop.example\r\nTo: tiefbau@musterstadt.example\r\nSubject: Rechnung\r\n"
    b"Message-ID: <r@shop.example>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain\r\n\r\nAnbei.\r\n"
    b'--b\r\nContent-Type: application/zip\r\nContent-Disposition: attachment; filename="r.zip"\r\n'
    b"\r\n" + b"PK\x03\x04" + b"x" * 4000 + b"\r\n--b--\r\n"
)


@pytest.fixture
def topic(house: House) -> Category:
    return Category.objects.create(authority=house.authority, name="Straßen", team=house.roads)


def applied(ticket: Ticket) -> list[dict[str, object]]:
    event = Event.objects.get(subject_id=ticket.pk, kind=facts.FILTERED)
    rules: list[dict[str, object]] = event.data["rules"]
    return rules


def test_filter_sets_team_topic_and_priority_and_says_so_in_the_history(
    account: Account, house: House, topic: Category
) -> None:
    made = make_filter(
        house, "Löcher", team_id=house.waste.pk, category_id=topic.pk, priority=Priority.HIGH
    )

    processed(account, mail())

    ticket = Ticket.objects.get()
    assert (ticket.team, ticket.category, ticket.priority) == (house.waste, topic, Priority.HIGH)
    assert applied(ticket) == [
        {"id": made.pk, "name": "Löcher", "did": ["team", "category", "priority"]}
    ]
    (line,) = [each for each in history_lines(ticket, Names()) if "Löcher" in each.what]
    assert line.what.startswith("Filter „Löcher“")


def test_filters_put_their_tags_on_a_new_request_and_on_no_other(
    account: Account, house: House
) -> None:
    make_filter(house, "Löcher", tags=" #Winter, winter ,Schlagloch")
    make_filter(house, "Alles", tags="Straße, SCHLAGLOCH")

    processed(account, mail())
    processed(account, mail(2).replace(b"Schlagloch", b"Ampel"))
    processed(account, mail(3, headers="In-Reply-To: <2@example.org>\r\n"))

    tagged, other = Ticket.objects.order_by("id")
    assert (tagged.tag_line, other.tag_line) == ("Schlagloch,Straße,Winter", "")
    assert [rule["did"] for rule in applied(tagged)] == [["tags"], ["tags"]]
    assert list(Ticket.objects.filter(tags__tag__normalised="winter")) == [tagged]


def test_mail_that_meets_no_filter_is_filed_as_ever(account: Account, house: House) -> None:
    make_filter(house, team_id=house.waste.pk, conditions=[Condition("subject", "is", "anders")])

    processed(account, mail())

    assert Ticket.objects.get().team == house.roads
    assert not Event.objects.filter(kind=facts.FILTERED).exists()


@pytest.mark.parametrize(
    "row, is_met",
    [
        (Condition("from", "ends", "@example.org"), True),
        (Condition("from", "contains", "clara citizen"), True),
        (Condition("from", "is", "carl@example.org"), False),
        (Condition("to", "is", "TIEFBAU@musterstadt.example"), True),
        (Condition("to", "contains", "abfall"), False),
        (Condition("body", "contains", "tiefes loch"), True),
        (Condition("header", "contains", "news", "List-Id"), True),
        (Condition("header", "present", "", "list-id:"), True),
        (Condition("header", "absent", "", "X-Nichts"), True),
        (Condition("header", "is", "ja", "X-Nichts"), False),
        (Condition("automatic", "is", "yes"), True),
        (Condition("authentication", "is", "none"), True),
        (Condition("authentication", "is", "dmarc=pass"), False),
        (Condition("spam", "is", "no"), True),
        (Condition("file_name", "absent"), True),
    ],
)
def test_condition_looks_at_its_field(
    account: Account, house: House, row: Condition, *, is_met: bool
) -> None:
    make_filter(house, team_id=house.waste.pk, conditions=[row])

    processed(account, mail(headers="List-Id: <news.example.org>\r\n"))

    assert (Ticket.objects.get().team == house.waste) is is_met


@pytest.mark.parametrize(
    "row, is_met",
    [
        (Condition("file_name", "ends", ".ZIP"), True),
        (Condition("file_type", "is", "application/zip"), True),
        (Condition("file_type", "starts", "image/"), False),
        (Condition("file_size", "at_least", "3"), True),
        (Condition("file_size", "at_least", "5"), False),
        (Condition("file_size", "at_most", "4"), True),
    ],
)
def test_condition_looks_at_attachments(
    account: Account, house: House, row: Condition, *, is_met: bool
) -> None:
    make_filter(house, team_id=house.waste.pk, conditions=[row])

    processed(account, ATTACHED)

    assert (Ticket.objects.get().team == house.waste) is is_met


def test_condition_on_authentication_believes_our_own_server_alone(house: House) -> None:
    account = make_account(house, authserv_id="mx.musterstadt.example")
    row = Condition("authentication", "is", "dmarc=pass")
    make_filter(house, team_id=house.waste.pk, conditions=[row])

    processed(account, mail(1, headers="Authentication-Results: evil.example; dmarc=pass\r\n"))
    processed(
        account, mail(2, headers="Authentication-Results: mx.musterstadt.example; dmarc=pass\r\n")
    )

    assert list(Ticket.objects.order_by("id").values_list("team", flat=True)) == [
        house.roads.pk,
        house.waste.pk,
    ]


def test_all_or_one_of_the_conditions_have_to_be_met(account: Account, house: House) -> None:
    rows = [SUBJECT_HOLE, Condition("body", "contains", "Blume")]
    make_filter(house, "alle", team_id=house.waste.pk, conditions=rows)
    make_filter(house, "eine", matching="any", priority=Priority.LOW, conditions=rows)

    processed(account, mail())

    ticket = Ticket.objects.get()
    assert (ticket.team, ticket.priority) == (house.roads, Priority.LOW)


def test_later_filter_overrules_and_the_last_one_ends_it(account: Account, house: House) -> None:
    make_filter(house, "1", priority=Priority.LOW)
    make_filter(house, "2", priority=Priority.HIGH, is_last=True)
    make_filter(house, "3", priority=Priority.URGENT)

    processed(account, mail())

    ticket = Ticket.objects.get()
    assert ticket.priority == Priority.HIGH
    assert [rule["name"] for rule in applied(ticket)] == ["1", "2"]


def test_filter_of_another_mailbox_and_one_switched_off_are_not_asked(
    account: Account, house: House
) -> None:
    other = make_account(house, address="abfall@musterstadt.example")
    make_filter(house, "fremd", team_id=house.waste.pk, account_id=other.pk)
    make_filter(house, "aus", team_id=house.waste.pk, is_active=False)

    processed(account, mail())

    assert Ticket.objects.get().team == house.roads


def test_filter_drops_with_its_name_as_the_reason_and_the_bytes_stay(
    account: Account, house: House
) -> None:
    make_filter(house, "Werbung", verdict="drop")
    raw = mail()

    row = processed(account, raw)

    assert row.state == State.IGNORED
    assert row.reason_words == "Filter „Werbung“"
    assert bytes(row.body or b"") == raw
    assert not Ticket.objects.exists()
    assert list(left_out(house.authority.pk)) == [row]
    event = Event.objects.get(kind="mail.left_out")
    assert (event.subject_id, event.data) == (row.pk, {"cause": "Werbung"})


@pytest.mark.parametrize("verdict", ["drop", "spam"])
def test_reply_that_proves_its_ticket_is_never_kept_out(
    account: Account, house: House, verdict: str
) -> None:
    processed(account, mail(1))
    ticket = Ticket.objects.get()
    make_filter(house, "Alles", verdict=verdict)
    ours = new_message_id(scope=f"t{ticket.pk}", address=account.address)

    row = processed(account, mail(2, headers=f"In-Reply-To: {ours}\r\n"))

    assert row.state == State.FILED
    assert Article.objects.filter(ticket=ticket).count() == 2
    assert applied(ticket)[0]["name"] == "Alles"


def test_reply_to_a_signed_address_is_never_kept_out(account: Account, house: House) -> None:
    processed(account, mail(1))
    ticket = Ticket.objects.get()
    make_filter(house, verdict="drop")
    address = reply_address(account.address, f"t{ticket.pk}")

    row = processed(account, mail(2), envelope_to=[address])

    assert (row.state, row.ticket_id) == (State.FILED, ticket.pk)


def test_reply_with_a_made_up_proof_is_kept_out(account: Account, house: House) -> None:
    processed(account, mail(1))
    ticket = Ticket.objects.get()
    make_filter(house, verdict="drop")
    ours = new_message_id(scope=f"t{ticket.pk}", address=account.address)
    forged = ours.replace(f"t{ticket.pk}.", f"t{ticket.pk + 1}.")

    row = processed(account, mail(2, headers=f"In-Reply-To: {forged}\r\n"))

    assert row.state == State.IGNORED


def test_filter_withholds_the_receipt(account: Account, house: House) -> None:
    make_filter(house, withholds_receipt=True)

    processed(account, mail())

    notify(event=Event.objects.get(kind=facts.CREATED))
    assert not OutgoingMessage.objects.exists()


FORM = Condition("from", "is", "formular@musterstadt.example")


def form_mail(headers: str = "") -> bytes:
    return mail(headers=f"Reply-To: Petra Lindner <petra@example.org>\r\n{headers}").replace(
        b"Clara Citizen <clara@example.org>", b"Formular <formular@musterstadt.example>"
    )


def test_filter_takes_the_citizen_of_a_form_from_reply_to(account: Account, house: House) -> None:
    make_filter(house, takes_reply_to=True, conditions=[FORM])

    processed(account, form_mail())

    ticket, article = Ticket.objects.get(), Article.objects.get()
    assert ticket.citizen is not None
    assert (ticket.citizen.name, article.from_address) == ("Petra Lindner", "petra@example.org")
    assert article.reply_address == ""
    assert article.warnings == []


@pytest.mark.parametrize(
    "headers",
    [
        "Auto-Submitted: auto-replied\r\n",
        "Authentication-Results: mx.musterstadt.example; dmarc=fail\r\n",
    ],
)
def test_filter_takes_nobody_from_a_machine_or_a_disowned_sender(
    house: House, headers: str
) -> None:
    account = make_account(house, authserv_id="mx.musterstadt.example")
    make_filter(house, takes_reply_to=True, conditions=[FORM])

    processed(account, form_mail(headers))

    assert Article.objects.get().from_address == "formular@musterstadt.example"


def test_a_changed_filter_is_asked_at_the_next_mail_and_costs_nothing_after(
    account: Account, house: House
) -> None:
    made = make_filter(house, priority=Priority.LOW)
    processed(account, mail(1))
    with statements() as unchanged:
        processed(account, mail(2))
    save_filter(
        authority_id=house.authority.pk,
        filter_id=made.pk,
        details=FilterDetails("Filter", (SUBJECT_HOLE,), priority=Priority.URGENT),
        user=house.anna,
    )
    processed(account, mail(3))

    priorities = list(Ticket.objects.order_by("id").values_list("priority", flat=True))
    assert priorities == [Priority.LOW, Priority.LOW, Priority.URGENT]
    assert not [sql for sql in unchanged if "mailfilter" in sql]


def test_filter_that_makes_no_sense_keeps_no_mail_out(account: Account, house: House) -> None:
    made = make_filter(house, team_id=house.waste.pk)
    made.conditions.update(operator="regex")

    row = processed(account, mail())

    assert row.state == State.FILED
    assert Ticket.objects.get().team == house.roads


def test_filter_without_conditions_is_never_met(account: Account, house: House) -> None:
    MailFilter.objects.get(pk=make_filter(house, verdict="drop").pk).conditions.all().delete()

    assert processed(account, mail()).state == State.FILED


@pytest.mark.parametrize(
    "headers, envelope, goes",
    [
        ("", (), "roads"),
        ("Cc: Abfall <ABFALL@musterstadt.example>\r\n", (), "waste"),
        ("Delivered-To: abfall@musterstadt.example\r\n", (), "waste"),
        ("X-Original-To: abfall@musterstadt.example\r\n", (), "waste"),
        ("Envelope-To: <abfall@musterstadt.example>\r\n", (), "waste"),
        ("Delivered-To: abfall+t7.abc@musterstadt.example\r\n", (), "waste"),
        ("", ("abfall@musterstadt.example",), "waste"),
        ("Delivered-To: abfalls@musterstadt.example\r\n", (), "roads"),
        # The envelope knows better than what somebody wrote into Cc.
        ("Cc: abfall@musterstadt.example\r\n", ("rathaus+bau@musterstadt.example",), "roads"),
    ],
)
def test_mail_goes_to_the_team_of_the_address_written_to(
    account: Account, house: House, headers: str, envelope: tuple[str, ...], goes: str
) -> None:
    for address, team in (("abfall", house.waste), ("rathaus+bau", house.roads)):
        add_address(
            account_id=account.pk,
            address=f"{address}@musterstadt.example",
            team_id=team.pk,
            category_id=None,
            user=house.anna,
        )

    processed(account, mail(headers=headers), envelope_to=envelope)

    assert Ticket.objects.get().team == getattr(house, goes)


def test_address_goes_before_the_content_and_both_stand_in_the_history(
    account: Account, house: House, topic: Category
) -> None:
    add_address(
        account_id=account.pk,
        address="loch@musterstadt.example",
        team_id=None,
        category_id=topic.pk,
        user=house.anna,
    )
    make_filter(house, "Löcher", team_id=house.waste.pk)

    processed(account, mail(headers="Delivered-To: loch@musterstadt.example\r\n"))

    ticket = Ticket.objects.get()
    assert (ticket.team, ticket.category) == (house.waste, topic)
    assert [rule["name"] for rule in applied(ticket)] == ["loch@musterstadt.example", "Löcher"]
