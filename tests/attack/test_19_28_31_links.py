"""Attack cases 19, 20, 28 and 31 by accounts and by reports that are gone on with later."""

import random
import string
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from helpdesk.accounts.models import AccountLink, AccountSession
from helpdesk.forms.models import Draft, DraftFile
from helpdesk.notifications.portal_mails import DRAFT_LINK, Asker, Turn, take_turn
from helpdesk.outbox.models import OutgoingMessage, Recipient
from helpdesk.outbox.retention import forget_expired
from helpdesk.outbox.subaddress import reply_address
from helpdesk.project.logs import without_secrets
from helpdesk.tickets.models import Ticket
from tests.attack.mailtown import MAILBOX, MailTown
from tests.factories.accounts import mailed_link, signed_in, with_accounts
from tests.factories.house import House, make_house
from tests.fakes.clock import Clock
from tests.helpdesk.portal.report.test_later import ask
from tests.helpdesk.portal.report.test_later import mailed_link as draft_link
from tests.helpdesk.portal.report.walking import TEXT, Walk, photo

CLARA, VICTIM = "clara@example.org", "opfer@example.org"
BAIT = "Kaufen Sie jetzt bei uns"
SECRET = "Ihr Zugangscode ist 4711-0815"


@pytest.fixture
def house(db: None) -> House:
    del db
    house = make_house()
    with_accounts(house.authority)
    return house


@pytest.fixture
def begun(house: House) -> Walk:
    """A report with a photo of which its writer has gone off with a link."""
    del house
    walk = Walk().open("/melden/").send({"text": TEXT}).send({"topic": "none"}).send()
    walk.send({"upload": photo(), "do": "add"})
    return ask(walk)


def said() -> str:
    """Return all that mails of ours are known to have said."""
    rows = OutgoingMessage.objects.values_list("subject", "text", "html")
    return "\n".join("\n".join(row) for row in rows)


def forged(link: str, count: int) -> list[str]:
    """Return links of the same form: guessed, cut, longer, in capitals, of another kind."""
    head, token = link.rstrip("/").rsplit("/", 1)
    guess = random.Random(19)  # noqa: S311 - repeatable, no secret
    signs = string.ascii_lowercase + "234567"
    guessed = ["".join(guess.choices(signs, k=len(token))) for _ in range(count)]
    near = [token[:-1], token + "a", token[1:], token.upper(), token[::-1], f"{token}.{token}"]
    return [f"{head}/{each}/" for each in (*guessed, *near)]


# -- 19: links --------------------------------------------------------------------------------


def test_19_nobody_who_reads_the_database_later_finds_a_link_that_was_mailed(
    begun: Walk, house: House
) -> None:
    Client().post("/konto/anmelden/", {"email": CLARA})
    signed_in("dora@example.org").post("/konto/adressen/", {"email": VICTIM})
    links = (draft_link(), mailed_link(CLARA), mailed_link(VICTIM))
    tokens = [link.rstrip("/").rsplit("/", 1)[1] for link in links]
    lasts = {
        mail.kind: mail.forget_at - mail.created_at
        for mail in OutgoingMessage.objects.exclude(forget_at=None)
        if mail.forget_at
    }
    assert [token for token in tokens if token in said()] == tokens

    OutgoingMessage.objects.update(state="sent", forget_at=timezone.now() - timedelta(seconds=1))
    forget_expired()

    assert [token for token in tokens if token in said()] == []
    assert {kind: round(time / timedelta(minutes=1)) for kind, time in lasts.items()} == {
        "sign_in_link": 15,
        "address_link": 120,
        "draft_link": 30 * 24 * 60,
    }
    del begun, house


def test_19_no_forged_link_goes_on_with_a_report_or_signs_in(begun: Walk) -> None:
    Client().post("/konto/anmelden/", {"email": CLARA})
    stranger = Client()

    for link in (draft_link(), mailed_link(CLARA)):
        assert len(link.rstrip("/").rsplit("/", 1)[1]) * 5 >= 128, "bits"
        codes = {stranger.post(each).status_code for each in forged(link, 40)}
        assert codes == {410}, link
    assert set(stranger.cookies) & {"report", "citizen"} == set()
    assert AccountSession.objects.count() == 0
    del begun


def test_19_a_link_of_one_kind_is_none_of_another(begun: Walk) -> None:
    dora = signed_in("dora@example.org")
    dora.post("/konto/adressen/", {"email": VICTIM})
    tokens = [link.rstrip("/").rsplit("/", 1)[1] for link in (draft_link(), mailed_link(VICTIM))]

    codes = [
        dora.post(f"{place}{token}/").status_code
        for token, places in zip(
            tokens,
            (("/konto/link/", "/konto/adresse/"), ("/konto/link/", "/melden/weiter/")),
            strict=True,
        )
        for place in places
    ]

    # Whoever is signed in is led on from a link that signs in; it opens nothing else.
    assert codes == [302, 410, 302, 410]
    assert AccountSession.objects.count() == 1
    assert AccountLink.objects.filter(normalised=VICTIM).exists()
    assert begun.open("/melden/").path == "/melden/"


@pytest.mark.parametrize("method", ["get", "post"])
def test_19_links_are_told_to_no_other_site_no_cache_no_search_engine_and_no_log(
    begun: Walk, method: str
) -> None:
    Client().post("/konto/anmelden/", {"email": CLARA})

    for link in (draft_link(), mailed_link(CLARA)):
        page = getattr(Client(), method)(link)
        if page.status_code == 200:
            assert page["X-Robots-Tag"] == "noindex, nofollow"
        assert page["Referrer-Policy"] == "same-origin"
        assert "no-store" in page["Cache-Control"]
        token = link.rstrip("/").rsplit("/", 1)[1]
        for written in (f"GET {link} 200", f"GET /?next={quote(link, safe='')} 200"):
            assert token not in without_secrets(written), written
    del begun


# -- 20: files of a report that was not sent --------------------------------------------------


def look(client: Client, path: str) -> int:
    """Return the status of a file that is read to its end."""
    page = client.get(path)
    page.getvalue()
    return page.status_code


def test_20_a_photo_is_shown_to_browsers_of_its_own_report_while_that_lasts(begun: Walk) -> None:
    path = f"/melden/fotos/{DraftFile.objects.get().pk}/"
    other, stranger = Walk().open(draft_link()).send(), Client()
    looked = stranger.get(draft_link())

    before = [look(client, path) for client in (begun.client, other.client, stranger)]
    Draft.objects.update(expires_at="2026-01-01T00:00:00Z")
    after = [look(client, path) for client in (begun.client, other.client)]

    assert (looked.status_code, before, after) == (200, [200, 200, 404], [404, 404])


# -- 28: a third service writes to a request --------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_28_the_code_of_a_third_service_is_in_no_account(town: MailTown) -> None:
    """It is signed up with the address of a request, and its mail comes to that request."""
    with_accounts(town.house.authority)
    ticket = town.request()
    to = reply_address(MAILBOX, f"t{ticket.pk}")
    town.arrive(town.write("Dienst <noreply@dienst.example>", To=to, body=SECRET), to=to)
    clara, service = signed_in(CLARA), signed_in("noreply@dienst.example")
    listed = clara.get("/konto/")

    own = listed.context["rows"][0].url
    pages = [clara.get(path).content.decode() for path in ("/konto/", own, f"{own}drucken/")]

    assert all(ticket.reference in page for page in pages)
    assert all(SECRET not in page for page in pages)
    assert service.get("/konto/").context["rows"] == []
    assert service.get(own).status_code == 404


# -- 31: mails to somebody who did not ask ----------------------------------------------------


def test_31_all_doors_of_the_portal_mail_a_victim_no_more_than_thrice_besides_signing_in(
    house: House,
) -> None:
    writer = signed_in("dora@example.org")
    writer.post("/konto/profil/", {"name": BAIT, "language": "de"})
    OutgoingMessage.objects.all().delete()
    walk = Walk(writer).open("/melden/").send({"text": f"{BAIT}. {TEXT}"})

    for number in range(40):
        # Each from a network of its own: what holds here is the limit of the address.
        writer.defaults["REMOTE_ADDR"] = f"203.{number}.113.7"
        writer.post("/konto/anmelden/", {"email": VICTIM, "next": f"/konto/?{BAIT}"})
        writer.post("/konto/adressen/", {"email": VICTIM, "name": BAIT})
        walk.open("/melden/spaeter/").send({"email": VICTIM, "name": BAIT})
        writer.post("/status/", {"reference": "MS-2026-000001", "email": VICTIM})

    mails = list(OutgoingMessage.objects.all())
    kinds = [mail.kind for mail in mails]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "sign_in_link": 3,
        "address_link": 2,
        "draft_link": 1,
    }
    for mail in mails:
        assert BAIT not in mail.subject + mail.text + mail.html
    assert Ticket.objects.count() == 0
    del house


# Whoever asks without end, from one network or from ever new ones, sees the same answers; how many
# mails a day reach the mailbox is bounded, and its owner gets theirs all the same.


def asked_for_two_hours(clock: Clock, *, networks: int) -> list[int]:
    """Let strangers ask each five minutes; return after how many minutes a mail left."""
    left = []
    for turn in range(24):
        before = OutgoingMessage.objects.count()
        stranger = Client(REMOTE_ADDR=f"10.0.{turn % networks}.7")
        stranger.post("/konto/anmelden/", {"email": VICTIM})
        if OutgoingMessage.objects.count() > before:
            left.append(turn * 5)
        clock.advance(minutes=5)
    return left


def test_31_a_network_fills_a_mailbox_with_three_links_an_hour_and_nine_a_day(
    house: House, clock: Clock
) -> None:
    del house
    turns = Counter[Turn]()

    left = asked_for_two_hours(clock, networks=1)
    for _ in range(22 * 4):
        stranger = Asker("10.0.0.0/24")
        turns[take_turn(kind="sign_in_link", email=VICTIM, asker=stranger)] += 1
        clock.advance(minutes=15)

    # Three, and from then on no more than the sliding hour allows, be it by the count or the pause.
    assert left[:3] == [0, 5, 10]
    assert len(left) <= 2 * 3
    # What is beyond the count of the day gets one where the mailbox got none for an hour.
    assert turns[Turn.WITHIN] <= 9
    assert turns[Turn.BEYOND] >= 22 * 4 - 9


def test_31_any_number_of_networks_brings_six_links_an_hour_and_always_one_that_works(
    house: House, clock: Clock
) -> None:
    del house

    left = asked_for_two_hours(clock, networks=24)

    assert len(left) <= 2 * 6 + 1
    # Fifteen minutes a link works: whoever looks into the mailbox finds one that still does.
    assert max(later - sooner for sooner, later in pairwise(left)) <= 10


def test_31_nobody_is_kept_from_signing_in_by_strangers(house: House, clock: Clock) -> None:
    """In a browser of theirs, and in a new one elsewhere, while others ask from their network."""
    del house
    own = signed_in(VICTIM)
    own.post("/konto/abmelden/")
    codes = [Client().post("/konto/anmelden/", {"email": VICTIM}).status_code for _ in range(12)]
    before = mailed_link(VICTIM)

    own.post("/konto/anmelden/", {"email": VICTIM})
    of_own = mailed_link(VICTIM)
    clock.advance(minutes=10)
    Client(REMOTE_ADDR="198.51.100.7").post("/konto/anmelden/", {"email": VICTIM})
    of_new = mailed_link(VICTIM)

    assert codes[-1] == 429
    assert len({before, of_own, of_new}) == 3
    assert own.post(of_own)["Location"] == "/konto/"


def test_31_a_proof_is_of_one_address_and_one_browser(house: House) -> None:
    del house
    dora = signed_in("dora@example.org")
    nonce, proof = dora.cookies["known"].value.split(".")
    made = {f"{nonce}.{proof[::-1]}", f"{nonce[::-1]}.{proof}", f".{proof}", nonce, "", "\xe4.\xe4"}

    for forged in made:
        stranger = Client(REMOTE_ADDR="198.51.100.7")
        stranger.cookies.load({"known": forged})
        for _ in range(2):
            stranger.post("/konto/anmelden/", {"email": "dora@example.org"})
    for _ in range(12):
        dora.post("/konto/anmelden/", {"email": VICTIM})

    kinds = Recipient.objects.values_list("address", flat=True)
    assert sorted(kinds).count("dora@example.org") == 3, "her own and two of a stranger"
    assert sorted(kinds).count(VICTIM) == 3
    assert "dora" not in dora.cookies["known"].value


def test_31_what_others_ask_keeps_nobody_from_going_on_later(house: House) -> None:
    for _ in range(9):
        take_turn(kind=DRAFT_LINK, email=VICTIM, asker=Asker("203.0.113.0/24"))
    beyond = take_turn(kind=DRAFT_LINK, email=VICTIM, asker=Asker("203.0.113.0/24"))
    elsewhere = take_turn(kind=DRAFT_LINK, email=VICTIM, asker=Asker("198.51.100.0/24"))

    assert (beyond, elsewhere) == (Turn.BEYOND, Turn.WITHIN)
    del house


def test_31_a_network_asks_for_no_more_links_than_ten_an_hour(house: House) -> None:
    del house
    client = signed_in("dora@example.org")
    OutgoingMessage.objects.all().delete()

    codes = [
        client.post("/konto/anmelden/", {"email": f"opfer{number}@example.org"}).status_code
        for number in range(30)
    ]

    # One was spent on signing in.
    assert (codes.count(302), codes.count(429)) == (9, 21)
    assert OutgoingMessage.objects.count() == 9
