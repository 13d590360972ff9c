"""Whose mail is kept out: recorded, counted, and never in the way of the next (mail.md 58)."""

import pytest
from django.core.exceptions import ValidationError

from channels_in.models import Account, RawMessage, SenderRule
from channels_in.process import process_raw
from channels_in.reasons import Ignored
from channels_in.senders import add_rule, find_rule, forget_rules, remove_rule
from channels_in.spam import release
from helpdesk.events.models import Event
from helpdesk.outbox.identity import new_message_id
from helpdesk.outbox.subaddress import reply_address
from helpdesk.tickets.models import Ticket
from tests.channels_in.making import kept, mail
from tests.factories.house import House

pytestmark = pytest.mark.django_db
BAN, ALLOW = SenderRule.Verdict.BAN, SenderRule.Verdict.ALLOW


def rule(house: House, pattern: str, verdict: str = BAN) -> SenderRule:
    made = add_rule(pattern=pattern, verdict=verdict, note="", user=house.anna)
    forget_rules()
    return made


def process(account: Account, raw: bytes) -> RawMessage:
    row = kept(account, raw)
    process_raw(row.pk)
    row.refresh_from_db()
    return row


def test_mail_of_a_banned_sender_is_listed_and_counted_and_the_next_is_filed(
    account: Account, house: House
) -> None:
    ban = rule(house, "clara@example.org")

    banned = process(account, mail())
    other = process(account, mail(2).replace(b"clara@", b"chris@"))

    ban.refresh_from_db()
    assert (banned.state, banned.reason) == (RawMessage.State.IGNORED, Ignored.BANNED)
    assert bytes(banned.body or b"") == mail()
    assert (ban.hits, ban.last_hit_at is not None) == (1, True)
    assert other.state == RawMessage.State.FILED
    assert Ticket.objects.count() == 1


def test_mail_that_was_let_through_by_hand_is_filed_whoever_was_banned_since(
    account: Account, house: House
) -> None:
    Account.objects.update(spam_marks="all", rules_mark="1")
    account.refresh_from_db()
    held = process(account, mail(headers="X-Spam-Flag: YES\r\n"))
    rule(house, "clara@example.org")

    release(raw_ids=[held.pk], user=house.anna)
    process_raw(held.pk)

    held.refresh_from_db()
    assert held.state == RawMessage.State.FILED


def test_who_answers_what_we_wrote_is_heard_whoever_was_banned_since(
    account: Account, house: House
) -> None:
    ban = rule(house, "example.org")
    ours = new_message_id(scope="t1", address=account.address)
    tagged = reply_address(account.address, "t1").encode()

    by_message = process(account, mail(headers=f"In-Reply-To: {ours}\r\n"))
    by_address = process(account, mail(2).replace(account.address.encode(), tagged))
    forged = process(account, mail(3, headers=f"In-Reply-To: <x{ours[1:]}\r\n"))

    ban.refresh_from_db()
    states = [each.state for each in (by_message, by_address, forged)]
    assert states == [RawMessage.State.FILED, RawMessage.State.FILED, RawMessage.State.IGNORED]
    assert ban.hits == 1


@pytest.mark.parametrize(
    "pattern,address,expected",
    [
        ("spam.example", "a@spam.example", True),
        ("@Spam.example", "a@SPAM.example", True),
        ("*.spam.example", "a@mx.spam.example", True),
        ("spam.example", "a@notspam.example", False),
        ("a@spam.example", "b@spam.example", False),
        ("müll.example", "a@xn--mll-hoa.example", True),
        ("spam.example", "", False),
    ],
)
def test_a_domain_stands_for_all_below_it(
    house: House, pattern: str, address: str, *, expected: bool
) -> None:
    rule(house, pattern)

    assert (find_rule(house.authority.pk, address) is not None) is expected
    assert find_rule(house.authority.pk + 1, address) is None


def test_an_address_is_let_in_though_its_domain_is_kept_out(house: House) -> None:
    rule(house, "provider.example")
    allowed = rule(house, "clara@provider.example", ALLOW)

    assert find_rule(house.authority.pk, "Clara@Provider.example") == (allowed.pk, ALLOW)
    assert find_rule(house.authority.pk, "x@provider.example") != (allowed.pk, ALLOW)


@pytest.mark.parametrize("pattern", ["", "example", "a@b@c.example", "a b.example", "@"])
def test_what_is_neither_address_nor_domain_is_refused(house: House, pattern: str) -> None:
    with pytest.raises(ValidationError) as refused:
        rule(house, pattern)

    assert list(refused.value.message_dict) == ["pattern"]


def test_a_rule_is_there_once_and_can_be_taken_off(house: House) -> None:
    made = rule(house, "spam.example")
    with pytest.raises(ValidationError):
        rule(house, "SPAM.example")

    assert remove_rule(rule_id=made.pk, user=house.anna)
    assert not remove_rule(rule_id=made.pk, user=house.anna)
    assert [event.data["action"] for event in Event.objects.filter(subject_kind="sender_rule")] == [
        "created",
        "deleted",
    ]
